/** Whether a byte is a character of ASCII that can be read, white space included. */
export function isPrintable(byte: number): boolean {
  return (byte >= 32 && byte <= 126) || byte === 9 || byte === 10 || byte === 13;
}
