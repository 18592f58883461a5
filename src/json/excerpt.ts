/**
 * The beginning of a text, for messages: at most `length` characters of it, and how many there are. Halves of surrogate
 * pairs, which UTF-8 cannot carry, are replaced by U+FFFD.
 */
export function excerpt(text: string, length: number): string {
  if (text.length <= length) return text.toWellFormed();
  const last = text.charCodeAt(length - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
  return `${text.slice(0, end).toWellFormed()}… (${text.length} characters)`;
}
