import { isEmpty } from '../json/records.js';
import type { Logger } from '../observability/logger.js';

/** Fields that are named before it is left at that: whoever sends them may make up any number. */
const mostNamed = 32;

/** Characters of a field's place that are logged. */
const shownPath = 100;

/** What one other side sends and nobody here reads; newer and older versions do. Each field is logged once. */
export class IgnoredFields {
  readonly #logger: Logger;
  readonly #facts: Readonly<Record<string, unknown>>;
  readonly #who: string;
  readonly #named = new Set<string>();

  /** @param who begins the message: `the server of plugin Guard` */
  constructor(logger: Logger, who: string, facts: Readonly<Record<string, unknown>> = {}) {
    this.#logger = logger;
    this.#who = who;
    this.#facts = facts;
  }

  note(fields: readonly string[]): void {
    for (const field of fields) {
      if (this.#named.size > mostNamed) return;
      const shown = field.slice(0, shownPath).toWellFormed();
      if (this.#named.has(shown)) continue;
      this.#named.add(shown);
      if (this.#named.size > mostNamed) {
        const message = `${this.#who} sends more fields that are not known here; no more of them are named`;
        this.#logger.warn(this.#facts, message);
      } else {
        const message = `${this.#who} sends ${shown}, which is not known here and is ignored`;
        this.#logger.warn({ ...this.#facts, field: shown }, message);
      }
    }
  }
}

const none: readonly string[] = [];

/** The places of keys that are not among the known ones; of what holds nothing no word is made. */
export function unknownKeys(record: unknown, known: ReadonlySet<string>, path: string): readonly string[] {
  if (typeof record !== 'object' || record === null) return none;
  let unknown: string[] | undefined;
  for (const key in record) {
    if (known.has(key) || saysNothing(Reflect.get(record, key))) continue;
    unknown ??= [];
    unknown.push(path === '' ? key : `${path}.${key}`);
  }
  return unknown ?? none;
}

/** All places of both; no list is made where one of them has none, which is nearly always. */
export function joined(some: readonly string[], more: readonly string[]): readonly string[] {
  if (more.length === 0) return some;
  return some.length === 0 ? more : [...some, ...more];
}

function saysNothing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && isEmpty(value));
}
