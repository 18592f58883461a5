/** The media type that a header such as `Content-Type: text/html; charset=utf-8` names, in lower case, without parameters. */
export function mediaType(header = ''): string {
  return (header.split(';', 1)[0] ?? '').trim().toLowerCase();
}
