import { isPlainObject } from '../../json/records.js';

/** What an asked function of a context or an input is decoded to. */
export type AskedFunctions = (name: string) => (...args: unknown[]) => unknown;

/** Which texts are recorded as they are; the others by a mark that equal texts share. */
export interface Masking {
  text(value: string, key: string): string;
  /** What is told of an error beside its name. */
  error(error: Error): { readonly code?: string; readonly text?: string };
}

/** A text that is told only by what it is the same as. */
export const mark = /^~[0-9a-f]{8}$/;

/** Milliseconds that what was made of two times, each told in whole microseconds, may be off. */
const rounding = 0.002;

/** How deep events and contexts nest what they hold. */
const deepest = 8;

/** An error of a recording: what it was called, and its code. */
class RecordedError extends Error {
  readonly code: string | undefined;

  constructor(name: string, code: string | undefined, text: string | undefined) {
    super(text ?? code ?? name);
    this.name = name;
    if (code === undefined) Reflect.deleteProperty(this, 'code');
    else this.code = code;
  }
}

/**
 * A value as JSON. What JSON has not got is an object with the key `$`: an error, a function (by the key that it stands
 * under), `undefined`, a number that is none, something that is not plain data.
 */
export function encodeValue(value: unknown, masking: Masking, key = '', depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return masking.text(value, key);
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : { $: 'number', is: String(value) };
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      return { $: typeof value };
    case 'object':
      return value === null ? value : encodeObject(value, masking, key, depth);
  }
}

function encodeObject(value: object, masking: Masking, key: string, depth: number): unknown {
  if (value instanceof Error) return { $: 'error', name: nameOf(value), ...masking.error(value) };
  if (depth >= deepest) return { $: 'deeper' };
  if (Array.isArray(value)) return value.map((item: unknown) => encodeValue(item, masking, key, depth + 1));
  if (!isPlainObject(value)) return { $: 'object' };
  const entries = Object.entries(value).map(([name, item]) => [name, encodeValue(item, masking, name, depth + 1)]);
  return '$' in value ? { $: 'plain', of: entries } : Object.fromEntries(entries);
}

/** @throws Error for what {@link encodeValue} never gives */
export function decodeValue(value: unknown, asked: AskedFunctions, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => decodeValue(item, asked, key));
  if (!isPlainObject(value)) return value;
  if (!('$' in value)) return decodeEntries(Object.entries(value), asked);
  switch (value['$']) {
    case 'error':
      return new RecordedError(textIn(value, 'name') ?? 'Error', textIn(value, 'code'), textIn(value, 'text'));
    case 'function':
      return asked(key);
    case 'number':
      return Number(value['is']);
    case 'plain':
      return decodeEntries(Array.isArray(value['of']) ? value['of'] : [], asked);
    case 'undefined':
      return undefined;
    case 'symbol':
    case 'bigint':
    case 'object':
    case 'deeper':
      return {};
    default:
      throw new Error(`found the value ${JSON.stringify(value['$'])} under $, expected one of the recording format`);
  }
}

/**
 * Whether a value is what was recorded, as far as that is told: errors by name and code, texts that were recorded by a mark
 * only as texts, unless they have a mark as well.
 */
export function isAsRecorded(recorded: unknown, value: unknown): boolean {
  if (typeof recorded === 'string')
    return recorded === value || (mark.test(recorded) && typeof value === 'string' && !mark.test(value));
  if (Array.isArray(recorded))
    return (
      Array.isArray(value) &&
      value.length === recorded.length &&
      recorded.every((item, index) => isAsRecorded(item, value[index]))
    );
  if (typeof recorded === 'number') return typeof value === 'number' && Math.abs(value - recorded) <= rounding;
  if (!isPlainObject(recorded)) return recorded === value;
  if (!('$' in recorded)) return areEntriesAsRecorded(Object.entries(recorded), value);
  switch (recorded['$']) {
    case 'error':
      return value instanceof Error && nameOf(value) === recorded['name'] && codeOf(value) === recorded['code'];
    case 'number':
      return Object.is(value, Number(recorded['is']));
    case 'undefined':
    case 'function':
      return typeof value === recorded['$'];
    case 'plain':
      return areEntriesAsRecorded(Array.isArray(recorded['of']) ? recorded['of'] : [], value);
    default:
      return true;
  }
}

function areEntriesAsRecorded(entries: readonly unknown[], value: unknown): boolean {
  if (!isPlainObject(value) || Object.keys(value).length !== entries.length) return false;
  return entries.every((entry) => {
    const [name, item]: unknown[] = Array.isArray(entry) ? entry : [];
    return Object.hasOwn(value, String(name)) && isAsRecorded(item, value[String(name)]);
  });
}

function codeOf(error: Error): unknown {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function decodeEntries(entries: readonly unknown[], asked: AskedFunctions): unknown {
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, item]: unknown[] = Array.isArray(entry) ? entry : [];
      return [String(name), decodeValue(item, asked, String(name))];
    }),
  );
}

function nameOf({ name }: Error): string {
  return typeof name === 'string' && /^[A-Za-z]{1,48}$/.test(name) ? name : 'Error';
}

function textIn(value: object, key: string): string | undefined {
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' ? text : undefined;
}
