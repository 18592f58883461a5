import type { Value } from './jinja.js';
import { textOf } from './python-values.js';

/** A float as such: JavaScript does not tell 3.0 from 3. */
export class Float {
  constructor(readonly value: number) {}
}

/** What a filter may answer, besides a value of the template's own. */
export type Answer = string | number | boolean | null | Float | Value | readonly Value[];

/** The arguments of one use of a filter. */
export interface FilterArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** Arguments by their names in Jinja; what a filter does not know is refused, not ignored. */
export class Taken {
  readonly #filter: string;
  readonly #args: FilterArguments;
  readonly #names: readonly string[];

  constructor(filter: string, names: readonly string[], args: FilterArguments) {
    this.#filter = filter;
    this.#args = args;
    this.#names = names;
    const unknown = [...args.named.keys()].some((name) => !names.includes(name));
    if (args.positional.length > names.length || unknown) {
      throw new Error(
        `\`${filter}\` takes ${names.length === 0 ? 'no arguments' : `no arguments but ${names.join(', ')}`}`,
      );
    }
  }

  given(name: string): Value | undefined {
    return this.#args.positional[this.#names.indexOf(name)] ?? this.#args.named.get(name);
  }

  text(name: string): string | undefined {
    const value = this.given(name);
    if (value === undefined || value.type === 'NullValue') return undefined;
    if (value.type !== 'StringValue') throw new Error(`\`${name}\` of \`${this.#filter}\` must be a string`);
    return textOf(value);
  }

  integer(name: string): number | undefined {
    const value = this.given(name);
    if (value === undefined || value.type === 'NullValue') return undefined;
    if (value.type !== 'IntegerValue') throw new Error(`\`${name}\` of \`${this.#filter}\` must be an integer`);
    return Number(value.value);
  }

  truth(name: string): boolean {
    const value = this.given(name);
    return value !== undefined && isTrue(value);
  }
}

export function isTrue({ type, value }: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return type !== 'UndefinedValue' && Boolean(value);
}
