const byteOrderMark = '\uFEFF';

/** UTF-8 as text, without the byte order mark that it may begin with. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}
