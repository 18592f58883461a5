import { describeValue } from '../json/described-value.js';
import { z } from 'zod';
import { setOwn, isRecord } from '../json/records.js';
import { GatechartError } from '../errors.js';
import { toWireName } from './names.js';
import { isPlain, objectOf } from '../hooks/plain-schema.js';
import { strictSchema } from '../hooks/strict-schema.js';
import { unknownKeys } from './ignored-fields.js';
import { type Decoded, issueOf } from './wire-issue.js';

interface Field {
  readonly key: string;
  readonly wire: string;
  /** What an answer says where the field is absent; ContextForge writes every field out. */
  readonly absent: unknown;
  /** The field must be there, but may be null. */
  readonly nullIfAbsent: boolean;
  /** Null on the wire means the field is absent. */
  readonly nullIsAbsent: boolean;
  readonly plain: boolean;
}

/**
 * Turns one payload into its wire form and back. Only top-level names change; the values below them belong to the user
 * and pass untouched. The tables come from the zod schema, so custom hooks work like the built-in ones.
 */
export class PayloadCodec {
  readonly #schema: z.ZodType;
  readonly #fields: readonly Field[] | undefined;
  readonly #known: ReadonlySet<string>;
  readonly #wireNames: ReadonlySet<string>;
  /** Of a schema with objects inside: the same, where it does not drop what it does not know. */
  readonly #strict: z.core.$ZodType | undefined;
  readonly #keepsUnknown: boolean;
  readonly #plain: boolean;
  /** Nothing to rename and nothing to fill in: the payload is its own request form. */
  readonly #identical: boolean;

  /**
   * @param emptyWhenAbsent fields that answers give as `{}` instead of null
   * @throws GatechartError HOOK_DUPLICATE if two fields have one name on the wire
   */
  constructor(name: string, schema: z.ZodType, emptyWhenAbsent: readonly string[] = []) {
    this.#schema = schema;
    const object = objectOf(schema);
    this.#fields = object && Object.entries(object.shape).map(([key, field]) => makeField(key, field, emptyWhenAbsent));
    const wireNames = new Set<string>();
    for (const { key, wire } of this.#fields ?? []) {
      if (wireNames.has(wire)) {
        throw new GatechartError(
          'HOOK_DUPLICATE',
          `${name}: field ${key} and another one are both called ${wire} on the wire; rename one of them`,
        );
      }
      wireNames.add(wire);
    }
    this.#known = new Set(this.#fields?.map((field) => field.key));
    this.#wireNames = wireNames;
    const nested = Object.values(object?.shape ?? {}).some((field) => strictSchema(field) !== field);
    this.#strict = nested ? strictSchema(schema) : undefined;
    this.#keepsUnknown =
      object !== undefined && object.def.catchall !== undefined && !(object.def.catchall instanceof z.ZodNever);
    this.#plain =
      object === undefined ? isPlain(schema) : object === schema && !this.#keepsUnknown && plainObject(object);
    this.#identical = this.#fields?.every((field) => field.key === field.wire && !field.nullIfAbsent) ?? true;
  }

  /** For a request: absent fields are left out. */
  encodeRequest(payload: unknown): unknown {
    return this.#identical ? payload : this.#encode(payload, false);
  }

  /** For an answer: absent fields are written out. */
  encodeAnswer(payload: unknown): unknown {
    return this.#encode(payload, true);
  }

  /** The places of what is not read of a payload from the other side. */
  unknownFields(wire: unknown, path: string): readonly string[] {
    if (this.#fields === undefined || !isRecord(wire)) return [];
    const unknown = this.#keepsUnknown ? [] : unknownKeys(wire, this.#wireNames, path);
    if (this.#strict === undefined) return unknown;
    const nested: string[] = [];
    const parsed = z.safeParse(this.#strict, this.#rename(wire, this.#fields));
    for (const issue of parsed.error?.issues ?? []) {
      if (issue.code !== 'unrecognized_keys') continue;
      const names = issue.path.map((part, depth) => (depth === 0 ? toWireName(String(part)) : String(part)));
      for (const key of issue.keys) nested.push([path, ...names, key].filter((part) => part !== '').join('.'));
    }
    return [...unknown, ...nested];
  }

  /** The names of its fields on the wire. */
  get wireNames(): string[] {
    return [...this.#wireNames];
  }

  #encode(payload: unknown, writeAbsent: boolean): unknown {
    const fields = this.#fields;
    if (fields === undefined || !isRecord(payload)) return payload;
    const encoded: Record<string, unknown> = {};
    for (const field of fields) {
      const value = payload[field.key];
      if (value !== undefined) encoded[field.wire] = value;
      else if (writeAbsent) encoded[field.wire] = field.absent;
      else if (field.nullIfAbsent) encoded[field.wire] = null;
    }
    for (const key of Object.keys(payload)) {
      if (!this.#known.has(key) && !Object.hasOwn(encoded, key)) setOwn(encoded, key, payload[key]);
    }
    return encoded;
  }

  /** Reads and checks a payload from the other side. `root` is where it was found, for the issue's path. */
  decode(wire: unknown, root: string): Decoded<unknown> {
    const fields = this.#fields;
    if (fields === undefined) {
      const parsed = this.#schema.safeParse(wire);
      if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, root) };
      return { ok: true, value: this.#plain ? wire : parsed.data };
    }
    if (!isRecord(wire)) return { ok: false, issue: { path: root, found: describeValue(wire), expected: 'an object' } };
    const named = this.#rename(wire, fields);
    const parsed = this.#schema.safeParse(named);
    if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, named, root, toWireName) };
    return { ok: true, value: this.#plain ? named : withPlainFields(parsed.data, named, fields) };
  }

  #rename(wire: Record<string, unknown>, fields: readonly Field[]): Record<string, unknown> {
    const named: Record<string, unknown> = {};
    for (const field of fields) {
      if (!Object.hasOwn(wire, field.wire)) continue;
      const value = wire[field.wire];
      if (value !== null || !field.nullIsAbsent) named[field.key] = value;
    }
    if (this.#keepsUnknown) {
      for (const key of Object.keys(wire)) if (!this.#wireNames.has(key)) setOwn(named, key, wire[key]);
    }
    return named;
  }
}

function makeField(key: string, schema: z.core.$ZodType, emptyWhenAbsent: readonly string[]): Field {
  const wire = toWireName(key);
  const absent = z.safeParse(schema, undefined);
  const acceptsNull = z.safeParse(schema, null).success;
  const optional = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return {
    key,
    wire,
    absent: absent.success && absent.data !== undefined ? absent.data : emptyWhenAbsent.includes(key) ? {} : null,
    nullIfAbsent: acceptsNull && !optional,
    nullIsAbsent: !acceptsNull && absent.success,
    plain: isPlain(schema),
  };
}

function plainObject(object: z.ZodObject): boolean {
  return object.def.checks === undefined && Object.values(object.shape).every(isPlain);
}

function withPlainFields(parsed: unknown, named: Record<string, unknown>, fields: readonly Field[]): unknown {
  if (!isRecord(parsed) || Object.isFrozen(parsed)) return parsed;
  for (const { key, plain } of fields)
    if (plain && Object.hasOwn(named, key) && Object.hasOwn(parsed, key)) parsed[key] = named[key];
  return parsed;
}
