const mostNodes = 10_000;
/** Characters of payloads that words are looked for in: each word costs a look at all of them. */
const mostCharacters = 256 * 1024;
/** Characters of a reason: what is longer is for nobody to read. */
const longestReason = 4_096;
/** Shorter words are words of every text. */
const shortest = 4;

/** Words of payloads that a plugin may quote in its reasons; undefined where there are too many to look at. */
function textsOf(payloads: readonly unknown[]): string[] | undefined {
  const texts: string[] = [];
  const open: unknown[] = [...payloads];
  /** What one plugin leaves as it is, the next one has too. */
  const seen = new Set<object>();
  let characters = 0;
  for (let left = mostNodes; open.length > 0; left--) {
    const value = open.pop();
    if (left <= 0) return undefined;
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value);
      characters += text.length;
      if (characters > mostCharacters) return undefined;
      texts.push(text);
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !seen.has(value)) {
      seen.add(value);
      const parts: unknown[] = Object.values(value);
      if (parts.length > left) return undefined;
      for (const part of parts) open.push(part);
    }
  }
  return texts;
}

/**
 * A reason that a plugin gives, which is for people, without what it quotes of payloads: of each word that has more than
 * letters in it, or is long, and stands in one of them, an ellipsis is left. Where payloads are too large to be looked
 * through, of the whole reason only its length is.
 *
 * @param payloads as it came, and as plugins made it
 */
export function withoutQuotes(reason: string, payloads: readonly unknown[]): string {
  const texts = textsOf(payloads);
  if (texts === undefined) return `its words are hidden (${reason.length} characters)`;
  const said = reason.slice(0, longestReason);
  const held = texts.filter((text) => text.length >= shortest && said.includes(text));
  const rest = held
    .sort((one, other) => other.length - one.length)
    .reduce((left, text) => left.replaceAll(text, '…'), said);
  const kept = rest.replace(/[^\s"'`()[\]{}<>,;]+/g, (word) => {
    const core = word.replace(/[.:!?]+$/, '');
    if (core.length < shortest || (core.length < 16 && /^\p{L}+$/u.test(core))) return word;
    return texts.some((text) => text.includes(core)) ? word.replace(core, '…') : word;
  });
  return reason.length > said.length ? `${kept}…` : kept;
}
