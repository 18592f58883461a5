import type * as ImmerPackage from 'immer';
import { lazyPackage } from '../lazy-package.js';
import { isEmpty, isPlainObject, setOwn } from '../json/records.js';
import { SmallCopy } from './small-copy.js';

const immer = lazyPackage('immer', (require) => {
  const { current, enableMapSet, Immer } = require('immer') as typeof ImmerPackage;
  enableMapSet();
  // Plugins keep references to what they store; freezing it under them would surprise them.
  return { drafts: new Immer({ autoFreeze: false }), current };
});

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});
const noKeys: readonly string[] = Object.freeze([]);

/** Keys that were set and keys that were deleted, since isolation began. */
export interface RecordChanges {
  readonly set: Readonly<Record<string, unknown>>;
  readonly deleted: readonly string[];
}

/**
 * A record that one plugin may read and write at any depth without anyone else seeing it. A small one is copied when it is
 * first looked at; of any other only the top level, and the rest where something is written.
 */
export class IsolatedRecord {
  readonly #original: Readonly<Record<string, unknown>> | undefined;
  #base: Readonly<Record<string, unknown>> | undefined;
  #draft: Record<string, unknown> | undefined;
  #copied: SmallCopy | undefined;
  /** Whether the draft is one of immer's. */
  #isDrafted = false;
  /** Whether the draft is none of what was there: no object in it is one that was kept. */
  #isReplaced = false;

  constructor(original: Readonly<Record<string, unknown>> | undefined) {
    this.#original = original;
  }

  /** The record to read and write. Not to be used after `finish`. */
  get value(): Record<string, unknown> {
    this.#draft ??= this.#changeable(this.#pinned());
    return this.#draft;
  }

  /** Replaces the whole record. */
  set value(next: Record<string, unknown>) {
    const plain = settled(next);
    if (this.#draft === undefined) {
      // What was there is not copied only to be thrown away, as with answers of plugins elsewhere.
      this.#pinned();
      this.#isReplaced = true;
      this.#draft = { ...plain };
      return;
    }
    const draft = this.value;
    if (draft === plain) return;
    for (const key of Object.keys(draft)) if (!Object.hasOwn(plain, key)) delete draft[key];
    for (const key of Object.keys(plain)) setOwn(draft, key, plain[key]);
  }

  /** The record for one who only reads it, and at once. Isolation begins with this too. */
  get readable(): Readonly<Record<string, unknown>> {
    return this.#draft ?? this.#pinned();
  }

  /**
   * Ends isolation. Returns what was written, as copies, or undefined if nothing was. Whoever still holds the record
   * writes to nowhere: it is read here and not revoked, because records of one plugin may hold parts of each other.
   *
   * @throws RangeError for what contains itself
   */
  finish(): RecordChanges | undefined {
    const base = this.#base;
    const draft = this.#draft;
    if (base === undefined || draft === undefined) return undefined;
    const copied = this.#copied;
    const isReplaced = this.#isReplaced;
    const next = this.#isDrafted ? settled(draft) : draft;
    this.#draft = undefined;
    this.#base = undefined;
    this.#copied = undefined;
    this.#isReplaced = false;
    if (copied === undefined && next === base) return undefined;
    const before = copied === undefined ? Object.keys(base) : copied.keys;
    const after = Object.keys(next);
    let set: Record<string, unknown> | undefined;
    for (let index = 0; index < after.length; index++) {
      const key = after[index] ?? '';
      const value = next[key];
      // A draft is another object where something in it was written to.
      const isKept = copied === undefined ? keeps(base, key, value, isReplaced) : copied.keeps(key, value, index);
      if (isKept) continue;
      set ??= {};
      setOwn(set, key, detached(value));
    }
    // All that is there was there before, and as many.
    if (set === undefined && after.length === before.length) return undefined;
    let deleted: string[] | undefined;
    for (const key of before) {
      if (Object.hasOwn(next, key)) continue;
      deleted ??= [];
      deleted.push(key);
    }
    return set === undefined && deleted === undefined ? undefined : { set: set ?? nothing, deleted: deleted ?? noKeys };
  }

  #changeable(base: Readonly<Record<string, unknown>>): Record<string, unknown> {
    // There is nothing below an empty record that would have to be kept apart.
    if (isEmpty(base)) return {};
    this.#copied = SmallCopy.of(base);
    if (this.#copied !== undefined) return this.#copied.given;
    this.#isDrafted = true;
    return immer().drafts.createDraft(base);
  }

  #pinned(): Readonly<Record<string, unknown>> {
    this.#base ??= this.#original === undefined || isEmpty(this.#original) ? nothing : { ...this.#original };
    return this.#base;
  }
}

/** @param isReplaced no object can be one that was kept */
function keeps(base: Readonly<Record<string, unknown>>, key: string, value: unknown, isReplaced: boolean): boolean {
  if (isReplaced && typeof value === 'object' && value !== null) return false;
  return Object.hasOwn(base, key) && Object.is(base[key], value);
}

/** By which immer knows its drafts; asked for here, because most records are none and need no immer. */
const draftState = Symbol.for('immer-state');

function settled(record: Record<string, unknown>): Record<string, unknown> {
  return Reflect.get(record, draftState) === undefined ? record : immer().current(record);
}

/** What is beyond these, cycles above all, is refused. */
const deepestCopy = 500;
const largestCopy = 1_000_000;

/**
 * A copy of plain data, maps and sets: what a plugin wrote may be an object it keeps and changes later. What is none of
 * these, a Date or an instance of a class, stays the same object.
 *
 * @throws RangeError
 */
function detached(value: unknown, nodes = { left: largestCopy }, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isCollection = Array.isArray(value) || value instanceof Map || value instanceof Set;
  if (!isCollection && !isPlainObject(value)) return value;
  // A list can say that it is long where it holds nothing, and would be walked all the same.
  const tooLong = Array.isArray(value) && value.length > largestCopy;
  if (tooLong || depth > deepestCopy || --nodes.left < 0) {
    throw new RangeError('what the plugin left in its state or metadata is too deep, too large, or contains itself');
  }
  if (Array.isArray(value)) return value.map((element) => detached(element, nodes, depth + 1));
  if (value instanceof Set) return new Set([...value].map((element) => detached(element, nodes, depth + 1)));
  if (value instanceof Map) {
    return new Map([...value].map(([key, element]) => [key, detached(element, nodes, depth + 1)]));
  }
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setOwn(copied, key, detached(value[key], nodes, depth + 1));
  return copied;
}

/** Writes changes to a record in place. */
export function applyChanges(record: Record<string, unknown>, changes: RecordChanges): void {
  for (const key of changes.deleted) delete record[key];
  for (const key of Object.keys(changes.set)) setOwn(record, key, changes.set[key]);
}
