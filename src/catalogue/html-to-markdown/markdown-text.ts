/** Text with a backslash before what Markdown would read as more than text. @param isFirst whether it begins a line */
export function escaped(text: string, isFirst: boolean): string {
  const plain = text.replaceAll(/[\\`*_[\]]|<(?=[a-z/!?])/gi, '\\$&');
  return isFirst ? plain.replace(/^(?:[-+>]|=+|#{1,6}(?= )|~~~|\d+(?=\. ))/, escapedStart) : plain;
}

/** A list of numbers begins with the stop behind the number, and not with the number. */
function escapedStart(start: string): string {
  return /\d/.test(start) ? `${start}\\` : `\\${start}`;
}

/** Code within a line, between as many backticks as it has not. */
export function inlineCode(code: string): string {
  const fence = '`'.repeat(longestRun(code) + 1);
  const space = code.startsWith('`') || code.endsWith('`') ? ' ' : '';
  return `${fence}${space}${code}${space}${fence}`;
}

/** What stands before and behind lines of code. */
export function codeFence(code: string): string {
  return '`'.repeat(Math.max(3, longestRun(code) + 1));
}

function longestRun(code: string): number {
  return (code.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
}

/** Where a link or a picture leads, and its title. Neither can be read as a tag. */
export function destination(address: string, title: string | undefined): string {
  const written = address
    .replaceAll(/[\t\n\r]/g, '')
    .replaceAll(' ', '%20')
    // Who shows Markdown reads characters in addresses as HTML has them: `javascript&colon;` would run.
    .replaceAll(/&(?=#x?[\da-f]|[a-z][\da-z]*;)/gi, '&amp;')
    .replaceAll(/[<>()\\]/g, '\\$&');
  const words = (title ?? '').replaceAll(/\s+/g, ' ').replaceAll(/["<\\]/g, '\\$&');
  return `(${written}${words === '' ? '' : ` "${words}"`})`;
}

/** Whether an address is code that would run, or that holds a page. */
export function runsCode(address: string): boolean {
  // oxlint-disable-next-line no-control-regex -- what browsers leave out of an address
  return /^(?:javascript|vbscript|data):/i.test(address.replaceAll(/[\u0000-\u0020]/g, ''));
}
