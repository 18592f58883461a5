import { deepStrictEqual } from 'node:assert';
import protobuf from 'protobufjs';
import { decodeStruct } from '../../dist/src/wire/protobuf/struct-reader.js';
import { withStructWriter } from '../../dist/src/wire/protobuf/struct-writer.js';
import { compared, contest, report } from './measurement.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Value {
  kind?: string;
  nullValue?: number;
  stringValue?: string;
  numberValue?: number;
  boolValue?: boolean;
  structValue?: Struct;
  listValue?: { values: Value[] };
}
interface Struct {
  fields: Record<string, Value>;
}

const described = protobuf.common.get('google/protobuf/struct.proto');
if (described === null) throw new Error('protobufjs does not bring google/protobuf/struct.proto');
const type = protobuf.Root.fromJSON(described).lookupType('google.protobuf.Struct');

function toValue(value: Json): Value {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  return { structValue: toStruct(value) };
}

function toStruct(record: Record<string, Json>): Struct {
  const fields: Record<string, Value> = {};
  for (const key of Object.keys(record)) fields[key] = toValue(record[key] ?? null);
  return { fields };
}

function fromValue(value: Value): Json {
  switch (value.kind) {
    case 'stringValue':
      return value.stringValue ?? null;
    case 'numberValue':
      return value.numberValue ?? null;
    case 'boolValue':
      return value.boolValue ?? null;
    case 'structValue':
      return value.structValue === undefined ? null : fromStruct(value.structValue);
    case 'listValue':
      return (value.listValue?.values ?? []).map(fromValue);
    default:
      return null;
  }
}

function fromStruct({ fields }: Struct): Record<string, Json> {
  const record: Record<string, Json> = {};
  for (const key of Object.keys(fields)) record[key] = fromValue(fields[key] ?? {});
  return record;
}

/** 2 KB of the kind that tools are called with. */
const payloadOf = (number: number): Record<string, Json> => ({
  name: 'search_documents',
  args: {
    query: `quarterly revenue by region and product line, number ${number}`,
    limit: 25,
    filters: { region: ['emea', 'apac', 'amer'], year: 2026, archived: false, owner: null },
    documents: Array.from({ length: 8 }, (_, index) => ({
      id: `doc-${1000 * number + index}`,
      title: `Revenue report number ${index} for the quarter`,
      score: 0.5 + (number + index) / 17,
      body: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor — naïve café',
      read: index % 2 === 0,
    })),
  },
  headers: { authorization: 'Bearer abcdefghijklmnop', 'content-type': 'application/json' },
});
const payloads = Array.from({ length: 32 }, (_, number) => payloadOf(number));

const ours = (payload: Record<string, Json>): unknown =>
  decodeStruct(withStructWriter((writer) => writer.write(payload, 'payload')));
const reference = (payload: Record<string, Json>): unknown =>
  fromStruct(type.decode(type.encode(toStruct(payload)).finish()) as unknown as Struct);
for (const payload of payloads) {
  deepStrictEqual(ours(payload), payload);
  deepStrictEqual(reference(payload), payload);
}

const repeat = (run: (payload: Record<string, Json>) => unknown) => (count: number) => {
  for (let i = 0; i < count; i++) run(payloads[i % payloads.length] ?? {});
  return Promise.resolve();
};
const { wall } = await contest({ ours: repeat(ours), reference: repeat(reference), count: 2_000 });
report([compared('struct', 'µs', wall)]);
