import type { z } from 'zod';
import { describeValue } from '../json/described-value.js';
import { isRecord } from '../json/records.js';
import { type NestedNames, nestedNames } from './nested-names.js';
import { type DenialReader, PayloadCodec } from './payload-codec.js';
import { type Decoded, issueOf, type WireIssue } from './wire-issue.js';

/**
 * The codec of payloads whose objects inside have names on the wire too. Fields that nobody knows are errors, at every
 * depth; fields that are absent are left out, also of answers.
 */
export class NestedPayloadCodec extends PayloadCodec {
  readonly #schema: z.ZodType;
  readonly #names: NestedNames;

  /**
   * @param denials of results that may be some: what else is odd about one does not turn it into an error
   * @throws GatechartError HOOK_DUPLICATE if two fields have one name on the wire
   */
  constructor(name: string, schema: z.ZodType, denials?: DenialReader) {
    super(name, schema, [], denials);
    this.#schema = schema;
    this.#names = nestedNames(schema, name);
  }

  override encodeRequest(payload: unknown): unknown {
    return this.#names.encode(payload);
  }

  override encodeAnswer(payload: unknown): unknown {
    return this.#names.encode(payload);
  }

  /** None: to decode them is an error. */
  override unknownFields(): readonly string[] {
    return [];
  }

  override decode(wire: unknown, root: string): Decoded<unknown> {
    if (!isRecord(wire)) return { ok: false, issue: { path: root, found: describeValue(wire), expected: 'an object' } };
    let refused: WireIssue | undefined;
    const refuse = (issue: WireIssue): void => void (refused ??= issue);
    const named = this.#names.decode(wire, { path: root, depth: 1, refuse });
    const checked = refused === undefined ? this.#check(named, root) : { ok: false as const, issue: refused };
    if (checked.ok) return checked;
    const denial = this.denialIn(named);
    return denial === undefined ? checked : { ok: true, value: denial };
  }

  #check(named: unknown, root: string): Decoded<unknown> {
    const { data, error } = this.#schema.safeParse(named);
    if (error === undefined) return { ok: true, value: data };
    const path = this.#names.wirePath(named, error.issues[0]?.path ?? []);
    const issue = issueOf(error, named, root);
    return { ok: false, issue: { ...issue, path: [root, ...path].filter((part) => part !== '').join('.') } };
  }
}
