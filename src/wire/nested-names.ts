import { z } from 'zod';
import { describeValue } from '../json/described-value.js';
import { isRecord, setOwn } from '../json/records.js';
import { unknownKeys } from './ignored-fields.js';
import { toWireName } from './names.js';
import type { WireIssue } from './wire-issue.js';

/** The names of what one schema describes, at every depth, in TypeScript and on the wire. */
export interface NestedNames {
  /** Wire names; fields that are absent are left out. */
  encode(value: unknown): unknown;
  /** TypeScript's names; `refuse` is told of fields that nobody knows. What does not fit the schema stays as it is. */
  decode(wire: unknown, path: string, refuse: (issue: WireIssue) => void): unknown;
  /** The place on the wire of a place in what was decoded. */
  wirePath(value: unknown, path: readonly PropertyKey[]): readonly string[];
}

interface Field {
  readonly key: string;
  readonly wire: string;
  readonly names: NestedNames;
  /** Null on the wire means that the field is absent. */
  readonly nullIsAbsent: boolean;
}

type Schema = z.core.$ZodType;

/** The names in a schema. Keys of records belong to the user and are never translated. */
export function nestedNames(schema: Schema): NestedNames {
  return namesOf(schema, new Map());
}

function namesOf(schema: Schema, made: Map<Schema, NestedNames>): NestedNames {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const inner = innerOf(schema);
  // Not at once: messages are made of messages.
  if (inner !== undefined) return later(() => namesOf(inner, made));
  const names = ownNames(schema, made);
  made.set(schema, names);
  return names;
}

function innerOf(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return schema.def.innerType;
  return schema instanceof z.ZodLazy ? schema.def.getter() : undefined;
}

function ownNames(schema: Schema, made: Map<Schema, NestedNames>): NestedNames {
  if (schema instanceof z.ZodObject) return objectNames(schema.shape, made);
  if (schema instanceof z.ZodArray) return listNames(later(() => namesOf(schema.def.element, made)));
  if (schema instanceof z.ZodDiscriminatedUnion) return choiceNames(schema, made);
  return untouched;
}

const untouched: NestedNames = {
  encode: (value) => value,
  decode: (wire) => wire,
  wirePath: (_value, path) => path.map(String),
};

function later(make: () => NestedNames): NestedNames {
  let made: NestedNames | undefined;
  const names = (): NestedNames => (made ??= make());
  return {
    encode: (value) => names().encode(value),
    decode: (wire, path, refuse) => names().decode(wire, path, refuse),
    wirePath: (value, path) => names().wirePath(value, path),
  };
}

function objectNames(shape: z.core.$ZodShape, made: Map<Schema, NestedNames>): NestedNames {
  const fields = Object.entries(shape).map(
    ([key, schema]): Field => ({
      key,
      wire: toWireName(key),
      names: later(() => namesOf(schema, made)),
      nullIsAbsent: !z.safeParse(schema, null).success && z.safeParse(schema, undefined).success,
    }),
  );
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const wireNames = new Set(fields.map(({ wire }) => wire));
  return {
    encode(value) {
      if (!isRecord(value)) return value;
      const encoded: Record<string, unknown> = {};
      for (const key of Object.keys(value)) {
        const field = byKey.get(key);
        if (value[key] === undefined) continue;
        if (field === undefined) setOwn(encoded, key, value[key]);
        else encoded[field.wire] = field.names.encode(value[key]);
      }
      return encoded;
    },
    decode(wire, path, refuse) {
      if (!isRecord(wire)) return wire;
      for (const place of unknownKeys(wire, wireNames, path))
        refuse({ path: place, found: 'an unknown field', expected: `one of ${[...wireNames].join(', ')}` });
      const named: Record<string, unknown> = {};
      for (const { key, wire: name, names, nullIsAbsent } of fields) {
        if (!Object.hasOwn(wire, name) || (wire[name] === null && nullIsAbsent)) continue;
        named[key] = names.decode(wire[name], below(path, name), refuse);
      }
      return named;
    },
    wirePath(value, [first, ...rest]) {
      if (first === undefined) return [];
      const field = byKey.get(String(first));
      if (field === undefined) return [first, ...rest].map(String);
      return [field.wire, ...field.names.wirePath(isRecord(value) ? value[field.key] : undefined, rest)];
    },
  };
}

function listNames(element: NestedNames): NestedNames {
  return {
    encode: (value) => (Array.isArray(value) ? value.map((one) => element.encode(one)) : value),
    decode: (wire, path, refuse) =>
      Array.isArray(wire) ? wire.map((one, index) => element.decode(one, below(path, String(index)), refuse)) : wire,
    wirePath(value, [index, ...rest]) {
      if (index === undefined) return [];
      return [String(index), ...element.wirePath(Array.isArray(value) ? value[Number(index)] : undefined, rest)];
    },
  };
}

/** A union whose members one field tells apart. */
function choiceNames(schema: z.ZodDiscriminatedUnion, made: Map<Schema, NestedNames>): NestedNames {
  const key = schema.def.discriminator;
  const wire = toWireName(key);
  const members = new Map<unknown, NestedNames>();
  for (const option of schema.def.options) {
    for (const value of option._zod.propValues?.[key] ?? []) members.set(value, namesOf(option, made));
  }
  const choices = `one of ${[...members.keys()].join(', ')}`;
  const member = (value: unknown, name: string): NestedNames | undefined =>
    isRecord(value) && Object.hasOwn(value, name) ? members.get(value[name]) : undefined;
  return {
    encode: (value) => (member(value, key) ?? untouched).encode(value),
    decode(value, path, refuse) {
      const names = member(value, wire);
      if (names !== undefined) return names.decode(value, path, refuse);
      const told = isRecord(value) ? { path: below(path, wire), found: kindAt(value, wire) } : undefined;
      refuse({
        ...(told ?? { path, found: describeValue(value) }),
        expected: told === undefined ? 'an object' : choices,
      });
      return value;
    },
    wirePath: (value, path) => (member(value, key) ?? untouched).wirePath(value, path),
  };
}

function kindAt(record: Readonly<Record<string, unknown>>, key: string): string {
  return describeValue(Object.hasOwn(record, key) ? record[key] : undefined);
}

function below(path: string, part: string): string {
  return path === '' ? part : `${path}.${part}`;
}
