/** Texts made from a seed. */
export interface Made {
  base32(length: number): string;
  base64(length: number): string;
  /** Letters, digits, `_` and `-`, a letter last. */
  word(length: number): string;
  alphanumeric(length: number): string;
  digits(length: number): string;
  hex(length: number): string;
  one(characters: string): string;
  oneOf(...texts: readonly string[]): string;
  between(least: number, most: number): number;
}

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const letters = capitals + capitals.toLowerCase();

/** The same texts for the same seed. */
export function generator(seed: number): Made {
  let state = seed;
  // A linear congruential generator, with the numbers of Numerical Recipes.
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const one = (characters: string): string => characters[below(characters.length)] ?? '';
  const many = (characters: string) => (length: number) => Array.from({ length }, () => one(characters)).join('');
  return {
    base32: many(`${capitals}234567`),
    base64: many(`${letters}0123456789+/`),
    word: (length) => many(`${letters}0123456789_-`)(length - 1) + one(letters),
    alphanumeric: many(`${letters}0123456789`),
    digits: many('0123456789'),
    hex: many('0123456789abcdef'),
    one,
    oneOf: (...texts) => texts[below(texts.length)] ?? '',
    between: (least, most) => least + below(most - least + 1),
  };
}
