import { describeValue } from '../json/described-value.js';
import { z } from 'zod';
import { setOwn, isRecord } from '../json/records.js';
import { GatechartError } from '../errors.js';
import { toWireName } from './names.js';
import { isPlain, objectOf } from '../hooks/plain-schema.js';
import { type ShapeCheck, shapeCheck } from '../hooks/shape-check.js';
import { strictSchema } from '../hooks/strict-schema.js';
import { joined, unknownKeys } from './ignored-fields.js';
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

/** What is a denial among the results of a hook, in TypeScript's names. */
export interface DenialReader {
  /** The denial in what may not fit otherwise; undefined if there is none. */
  readonly denialIn: (value: unknown) => unknown;
  /** True for what is no result and may have been meant as a denial. */
  readonly mayDeny: (value: unknown) => boolean;
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
  /** Says of what certainly fits that it does, so that the schema need not be asked. */
  readonly #fits: ShapeCheck | undefined;
  /** Nothing to rename and nothing to fill in: the payload is its own request form. */
  readonly #identical: boolean;
  readonly #denials: DenialReader | undefined;

  /**
   * @param emptyWhenAbsent fields that answers give as `{}` instead of null
   * @param denials of results that may be some: what else is odd about one does not turn it into an error
   * @throws GatechartError HOOK_DUPLICATE if two fields have one name on the wire
   */
  constructor(name: string, schema: z.ZodType, emptyWhenAbsent: readonly string[] = [], denials?: DenialReader) {
    this.#schema = schema;
    this.#denials = denials;
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
    this.#fits = this.#plain ? shapeCheck(schema) : undefined;
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
    return joined(unknown, nested);
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
      if (this.#fits?.(wire) === true) return { ok: true, value: wire };
      const parsed = this.#schema.safeParse(wire);
      if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, root) };
      return { ok: true, value: this.#plain ? wire : parsed.data };
    }
    if (!isRecord(wire)) return { ok: false, issue: { path: root, found: describeValue(wire), expected: 'an object' } };
    const named = this.#rename(wire, fields);
    if (this.#fits?.(named) === true) return { ok: true, value: named };
    const parsed = this.#schema.safeParse(named);
    if (!parsed.success) {
      const denial = this.#denials?.denialIn(named);
      if (denial !== undefined) return { ok: true, value: denial };
      return { ok: false, issue: issueOf(parsed.error, named, root, toWireName) };
    }
    return { ok: true, value: this.#plain ? named : withPlainFields(parsed.data, named, fields) };
  }

  /** The denial in what a host answers, whatever else is odd about it; undefined if there is none. */
  denialIn(value: unknown): unknown {
    return this.#denials?.denialIn(value);
  }

  /** True for what the other side sent that is a denial, whatever else is odd about it. */
  deniesIn(wire: unknown): boolean {
    if (this.#denials === undefined || !isRecord(wire)) return false;
    const decoded = this.decode(wire, '');
    return decoded.ok && this.#denials.denialIn(decoded.value) !== undefined;
  }

  /** True for what the other side sent that is a denial, or no result and may have been meant as one. */
  mayDeny(wire: unknown): boolean {
    if (this.#denials === undefined || wire === undefined || wire === null) return false;
    if (!isRecord(wire)) return true;
    return this.#denials.mayDeny(this.#fields === undefined ? wire : this.#rename(wire, this.#fields));
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
