const markCode = 0xfeff;

/** What some programs put in front of UTF-8, as bytes. */
export const byteOrderMark = Buffer.from(String.fromCharCode(markCode));

/** Some programs put a byte order mark in front of every text they write, also where none belongs. */
export function withoutByteOrderMark(text: string): string {
  return text.charCodeAt(0) === markCode ? text.slice(1) : text;
}

/** UTF-8 as text, without the byte order mark that it may begin with. */
export function textOf(bytes: Buffer): string {
  return withoutByteOrderMark(bytes.toString('utf8'));
}
