import { z } from 'zod';
import { GatechartError } from '../errors.js';
import { maxPayloadDepth } from '../hooks/payload-measure.js';
import { describeValue } from '../json/described-value.js';
import { excerpt } from '../json/excerpt.js';
import { isRecord, setOwn } from '../json/records.js';
import { unknownKeys } from './ignored-fields.js';
import { toWireName } from './names.js';
import type { WireIssue } from './wire-issue.js';

/** The names of what one schema describes, at every depth, in TypeScript and on the wire. */
export interface NestedNames {
  /** Wire names; fields that are absent are left out. */
  encode(value: unknown): unknown;
  /** TypeScript's names. What does not fit the schema stays as it is. */
  decode(wire: unknown, place: Place): unknown;
  /** The place on the wire of a place in what was decoded. */
  wirePath(value: unknown, path: readonly PropertyKey[]): readonly string[];
}

/** Where something is that is decoded. */
export interface Place {
  readonly path: string;
  readonly depth: number;
  /** Is told of fields and types that nobody knows, and of what is nested too deep to be looked at. */
  readonly refuse: (issue: WireIssue) => void;
}

/** Characters of a place that are told: keys are the other side's. */
const shownPath = 200;

interface Field {
  readonly key: string;
  readonly wire: string;
  readonly names: NestedNames;
  /** Null on the wire means that the field is absent. */
  readonly nullIsAbsent: boolean;
}

type Schema = z.core.$ZodType;

/**
 * The names in a schema. Keys of records belong to the user and are never translated.
 *
 * @param name of the hook, for the message
 * @throws GatechartError HOOK_DUPLICATE if two fields of one object have one name on the wire
 */
export function nestedNames(schema: Schema, name: string): NestedNames {
  requireDistinct(schema, name, new Set());
  return namesOf(schema, new Map());
}

function requireDistinct(schema: Schema, name: string, seen: Set<Schema>): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  const keys = new Map<string, string>();
  for (const key of schema instanceof z.ZodObject ? Object.keys(schema.shape) : []) {
    const wire = toWireName(key);
    const other = keys.get(wire);
    if (other !== undefined) {
      const message = `${name}: fields ${other} and ${key} of one object are both called ${wire} on the wire; rename one of them`;
      throw new GatechartError('HOOK_DUPLICATE', message);
    }
    keys.set(wire, key);
  }
  for (const part of partsOf(schema)) requireDistinct(part, name, seen);
}

/** The schemas in one that have names of their own. */
function partsOf(schema: Schema): readonly Schema[] {
  const inner = innerOf(schema);
  if (inner !== undefined) return [inner];
  if (schema instanceof z.ZodObject) return Object.values(schema.shape);
  if (schema instanceof z.ZodArray) return [schema.def.element];
  return schema instanceof z.ZodDiscriminatedUnion ? schema.def.options : [];
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
    decode: (wire, place) => names().decode(wire, place),
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
    decode(wire, place) {
      if (!isRecord(wire) || isTooDeep(place)) return wire;
      for (const path of unknownKeys(wire, wireNames, place.path)) {
        const expected = `one of ${[...wireNames].join(', ')}`;
        place.refuse({ path: excerpt(path, shownPath), found: 'an unknown field', expected });
      }
      const named: Record<string, unknown> = {};
      for (const { key, wire: name, names, nullIsAbsent } of fields) {
        if (!Object.hasOwn(wire, name) || (wire[name] === null && nullIsAbsent)) continue;
        named[key] = names.decode(wire[name], below(place, name));
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
    decode: (wire, place) =>
      Array.isArray(wire) ? wire.map((one, index) => element.decode(one, below(place, String(index)))) : wire,
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
    decode(value, place) {
      const names = member(value, wire);
      if (names !== undefined) return names.decode(value, place);
      if (isRecord(value)) {
        const found = describeValue(Object.hasOwn(value, wire) ? value[wire] : undefined);
        place.refuse({ path: below(place, wire).path, found, expected: choices });
      } else {
        place.refuse({ path: place.path, found: describeValue(value), expected: 'an object' });
      }
      return value;
    },
    wirePath: (value, path) => (member(value, key) ?? untouched).wirePath(value, path),
  };
}

function below({ path, depth, refuse }: Place, part: string): Place {
  return { path: path === '' ? part : `${path}.${part}`, depth: depth + 1, refuse };
}

/** The limit of payloads in code. Nothing further down is looked at, because a schema would not come back from there. */
function isTooDeep({ path, depth, refuse }: Place): boolean {
  if (depth <= maxPayloadDepth) return false;
  const found = `more than ${maxPayloadDepth} levels`;
  refuse({ path: excerpt(path, shownPath), found, expected: 'fewer' });
  return true;
}
