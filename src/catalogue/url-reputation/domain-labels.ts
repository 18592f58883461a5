/** Shannon entropy of the characters of a text, in bits: names that a program made up have more than words. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  const characters = Array.from(text);
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / characters.length) * Math.log2(count / characters.length);
  return bits;
}

/** Scripts in which people write today, as UAX #31 recommends them for identifiers. */
const scripts = (
  'Latin Han Hiragana Katakana Hangul Bopomofo Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek ' +
  'Gujarati Gurmukhi Hebrew Kannada Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
)
  .split(' ')
  .map((name) => [name, new RegExp(`^\\p{Script=${name}}$`, 'u')] as const);

/** What may stand beside letters of any script: digits, the hyphen, and what some languages put between letters. */
const neutral = /^[0-9\-\u00b7\u02bb\u02bc\u30fb\u30fc\p{Script=Inherited}]$/u;

/** Letters of phonetic alphabets and other notations: nobody writes names with them, and they look like others. */
const technical = /^[\u0250-\u0258\u025a-\u0271\u0273-\u02af\u1d00-\u1dbf]$/;

/** Scripts that stand beside each other in one word. */
const together = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

/**
 * Whether each label of a domain is in one script, or in several that one language uses together: UTS #39 calls it highly
 * restrictive. Letters of one script that look like those of another are not found, where the whole label has them.
 *
 * @param domain as people read it, not in Punycode
 */
export function isReadable(domain: string): boolean {
  return domain.split('.').every((label) => {
    const found = new Set<string>();
    for (const character of label) {
      if (neutral.test(character)) continue;
      const [script] = scripts.find(([, letters]) => letters.test(character)) ?? [];
      if (script === undefined || technical.test(character) || !/^[\p{L}\p{M}\p{N}]$/u.test(character)) return false;
      found.add(script);
    }
    return found.size <= 1 || together.some((group) => [...found].every((script) => group.includes(script)));
  });
}
