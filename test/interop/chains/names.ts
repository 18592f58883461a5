import { z } from 'zod';
import { isPlainObject, setOwn } from '../../../src/json/records.js';
import { builtInHooks } from '../../../src/index.js';
import { toWireName } from '../../../src/wire/names.js';
import type { Json } from '../host.js';
import type { HookName } from './chain.js';

/** The fields of a hook's payload, in TypeScript's names. */
export function payloadNames(hook: HookName): readonly string[] {
  const schema: unknown = builtInHooks.find(({ name }) => name === hook)?.payload;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Whether a value is a payload of the hook. */
export function isPayload(value: unknown, hook: HookName): boolean {
  return builtInHooks.find(({ name }) => name === hook)?.payload.safeParse(value).success ?? false;
}

/** An object with some of its keys renamed from the wire's words; the others stay. */
export function toOurNames(record: Json, names: readonly string[]): Json {
  return renamed(record, new Map(names.map((name) => [toWireName(name), name])));
}

/** The other way round; what is no plain object stays as it is. */
export function toWireWords(value: unknown, names: readonly string[]): unknown {
  return isPlainObject(value) ? renamed(value, new Map(names.map((name) => [name, toWireName(name)]))) : value;
}

function renamed(record: Json, names: ReadonlyMap<string, string>): Json {
  const result: Json = {};
  for (const key of Object.keys(record)) setOwn(result, names.get(key) ?? key, record[key]);
  return result;
}
