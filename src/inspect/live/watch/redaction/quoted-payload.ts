const mostNodes = 2_000;
/** Shorter words are words of every text. */
const shortest = 4;

/** Words of a payload that a plugin may quote in its reasons. */
function textsOf(payload: unknown): string[] {
  const texts: string[] = [];
  const open: unknown[] = [payload];
  for (let left = mostNodes; left > 0 && open.length > 0; left--) {
    const value = open.pop();
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'number') texts.push(String(value));
    else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
      open.push(...Object.values(value));
  }
  return texts;
}

/**
 * A reason that a plugin gives, which is for people, without what it quotes of the payload: of each word that has more than
 * letters in it, or is long, and stands in the payload, an ellipsis is left.
 */
export function withoutQuotes(reason: string, payload: unknown): string {
  const texts = textsOf(payload);
  const held = texts.filter((text) => text.length >= shortest && reason.includes(text));
  const rest = held
    .sort((one, other) => other.length - one.length)
    .reduce((left, text) => left.replaceAll(text, '…'), reason);
  return rest.replace(/[^\s"'`()[\]{}<>,;]+/g, (word) => {
    const core = word.replace(/[.:!?]+$/, '');
    if (core.length < shortest || (core.length < 16 && /^\p{L}+$/u.test(core))) return word;
    return texts.some((text) => text.includes(core)) ? word.replace(core, '…') : word;
  });
}
