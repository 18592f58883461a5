import { hasLuhnDigit } from '../../../../src/catalogue/pii-filter/check-digits.js';

/** Choices that are the same each time. */
export class Choices {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number below a limit. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  of<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('');
  }

  letters(count: number): string {
    return Array.from({ length: count }, () => String.fromCharCode(65 + this.below(26))).join('');
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
}

/** Area, group and serial as the Social Security Administration gives them out. */
export function socialSecurity(choices: Choices): readonly [string, string, string] {
  const area = choices.between(1, 899);
  return [
    String(area === 666 ? 667 : area).padStart(3, '0'),
    String(choices.between(1, 99)).padStart(2, '0'),
    String(choices.between(1, 9999)).padStart(4, '0'),
  ];
}

/** Nine digits that pass the test of eleven: 9a + 8b + … + 2h − i is a multiple of eleven. */
export function citizenService(choices: Choices): string {
  for (;;) {
    const digits = `${choices.between(1, 9)}${choices.digits(8)}`;
    const sum = Array.from(digits).reduce((all, digit, at) => all + Number(digit) * (at === 8 ? -1 : 9 - at), 0);
    if (sum % 11 === 0) return digits;
  }
}

/** Digits with what ISO/IEC 7812-1 puts at their end, or with anything else there. */
export function card(choices: Choices, prefix: string, length: number, isRight = true): string {
  const body = prefix + choices.digits(length - 1 - prefix.length);
  for (let digit = choices.below(10); ; digit = (digit + 1) % 10)
    if (hasLuhnDigit(`${body}${digit}`) === isRight) return `${body}${digit}`;
}

/** A country and its account number with the check digits of ISO 13616: 98 less the number modulo 97. */
export function iban(country: string, account: string): string {
  const digits = Array.from(`${account}${country}00`, (character) => Number.parseInt(character, 36)).join('');
  const check = 98n - (BigInt(digits) % 97n);
  return `${country}${String(check).padStart(2, '0')}${account}`;
}

/** In groups of four, as it is printed. */
export function grouped(text: string, sizes: readonly number[], between: string): string {
  const groups: string[] = [];
  let from = 0;
  for (const size of sizes) {
    groups.push(text.slice(from, from + size));
    from += size;
  }
  return [...groups, text.slice(from)].filter((group) => group !== '').join(between);
}
