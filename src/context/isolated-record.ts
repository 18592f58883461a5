import { current, enableMapSet, Immer, isDraft } from 'immer';
import { isEmpty, isPlainObject, setOwn } from '../json/records.js';

enableMapSet();

// Plugins keep references to what they store; freezing it under them would surprise them.
const immer = new Immer({ autoFreeze: false });

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});

/** Keys that were set and keys that were deleted, since isolation began. */
export interface RecordChanges {
  readonly set: ReadonlyMap<string, unknown>;
  readonly deleted: readonly string[];
}

/**
 * A record that one plugin may read and write at any depth without anyone else seeing it. Nothing is copied before
 * something is written, except the top level when it is first looked at.
 */
export class IsolatedRecord {
  readonly #original: Readonly<Record<string, unknown>> | undefined;
  #base: Readonly<Record<string, unknown>> | undefined;
  #draft: Record<string, unknown> | undefined;

  constructor(original: Readonly<Record<string, unknown>> | undefined) {
    this.#original = original;
  }

  /** The record to read and write. Not to be used after `finish`. */
  get value(): Record<string, unknown> {
    if (this.#draft === undefined) {
      const base = this.#pinned();
      // There is nothing below an empty record that would have to be kept apart.
      this.#draft = isEmpty(base) ? {} : immer.createDraft(base);
    }
    return this.#draft;
  }

  /** Replaces the whole record. */
  set value(next: Record<string, unknown>) {
    const plain = isDraft(next) ? current(next) : next;
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
    const next = isDraft(draft) ? current(draft) : draft;
    this.#draft = undefined;
    this.#base = undefined;
    if (next === base || (isEmpty(next) && isEmpty(base))) return undefined;
    const set = new Map<string, unknown>();
    for (const [key, value] of Object.entries(next))
      if (!Object.hasOwn(base, key) || base[key] !== value) set.set(key, detached(value));
    const deleted = Object.keys(base).filter((key) => !Object.hasOwn(next, key));
    return set.size === 0 && deleted.length === 0 ? undefined : { set, deleted };
  }

  #pinned(): Readonly<Record<string, unknown>> {
    this.#base ??= this.#original === undefined || isEmpty(this.#original) ? nothing : { ...this.#original };
    return this.#base;
  }
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
  for (const [key, value] of changes.set) setOwn(record, key, value);
}
