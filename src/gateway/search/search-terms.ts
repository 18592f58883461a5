/** Characters of a text that are read. */
const longestText = 8_000;

/** Of a term; what is longer is no word. */
const longestTerm = 40;

/**
 * The words of a name or a sentence, in lower case: `getUserName`, `get_user-name` and `Get user names` have the same ones.
 * A plural in `s` is its singular.
 */
export function searchTerms(text: string): string[] {
  const words = text
    .slice(0, longestText)
    .normalize('NFKC')
    .match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}|\p{N}+/gu);
  return (words ?? []).filter((word) => word.length <= longestTerm).map((word) => singular(word.toLowerCase()));
}

function singular(word: string): string {
  return word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}
