import { excerpt } from '../../../json/excerpt.js';

/** What is wrong with a request, in a sentence for whoever sent it. */
export class BadRequest extends Error {}

/** Characters that the value of a parameter has at most. */
const longestValue = 512;

/** The parameters of a URL, each at most once, and each of which somebody asks for. */
export class RequestQuery {
  readonly #values = new Map<string, string>();

  /** @throws BadRequest for one that is not known, comes twice, or is too long */
  constructor(query: URLSearchParams, known: readonly string[]) {
    for (const [name, value] of query) {
      if (!known.includes(name)) {
        const expected = known.length === 0 ? 'none is expected' : `expected ${known.join(', ')}`;
        throw new BadRequest(`parameter ${excerpt(JSON.stringify(name), 60)} is not known; ${expected}`);
      }
      if (this.#values.has(name)) throw new BadRequest(`parameter ${name} comes twice`);
      if (value.length > longestValue)
        throw new BadRequest(`parameter ${name} has more than ${longestValue} characters`);
      this.#values.set(name, value);
    }
  }

  optional(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** @throws BadRequest */
  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined || value === '') throw new BadRequest(`parameter ${name} is missing`);
    return value;
  }

  /** @throws BadRequest for what is no integer within the limits */
  integer(name: string, least: number, most: number): number {
    return integerIn(`parameter ${name}`, this.text(name), least, most);
  }
}

/** @throws BadRequest */
export function integerIn(what: string, text: string, least: number, most: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new BadRequest(
    `${what}: expected an integer from ${least} to ${most}, found ${excerpt(JSON.stringify(text), 60)}`,
  );
}
