/** Bytes that a value takes as JSON in UTF-8; none for what JSON leaves out. */
export function jsonBytes(value: unknown): number {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? 0 : Buffer.byteLength(text);
}

/** The beginning of a text that takes at most so many bytes inside a JSON string; ends between two code points. */
export function cutText(text: string, bytes: number): string {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += bytesInJson(character);
    if (used > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

const shortEscapes = '"\\\b\f\n\r\t';

function bytesInJson(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (shortEscapes.includes(character)) return 2;
  // Controls and halves of surrogate pairs are written as `\u` and four digits.
  if (code < 0x20 || (code >= 0xd800 && code <= 0xdfff)) return 6;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
