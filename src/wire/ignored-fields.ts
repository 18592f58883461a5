import { isEmpty } from '../context/plain-data.js';
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

  /** Looks through the keys of an object; what holds nothing is not worth a word. */
  lookThrough(record: unknown, known: ReadonlySet<string>, path: string): void {
    if (typeof record !== 'object' || record === null) return;
    for (const key in record) {
      if (known.has(key)) continue;
      const value: unknown = Reflect.get(record, key);
      if (!saysNothing(value)) this.note(path === '' ? key : `${path}.${key}`);
    }
  }

  note(field: string): void {
    if (this.#named.size > mostNamed) return;
    const shown = field.slice(0, shownPath).toWellFormed();
    if (this.#named.has(shown)) return;
    this.#named.add(shown);
    const last = this.#named.size > mostNamed;
    this.#logger.warn(
      last ? this.#facts : { ...this.#facts, field: shown },
      last
        ? `${this.#who} sends more fields that are not known here; no more of them are named`
        : `${this.#who} sends ${shown}, which is not known here and is ignored`,
    );
  }
}

function saysNothing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && isEmpty(value));
}
