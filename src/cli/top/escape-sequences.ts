// Forms of ECMA-48, with the codes of 7 bits and those of 8.
const escape = '\u001b';
const introducers: ReadonlyMap<string, 'control' | 'command'> = new Map([
  [`${escape}[`, 'control'],
  ['\u009b', 'control'],
  ...[']', 'P', 'X', '^', '_'].map((char) => [escape + char, 'command'] as const),
  ...['\u0090', '\u0098', '\u009d', '\u009e', '\u009f'].map((char) => [char, 'command'] as const),
]);
const terminators = [`${escape}\\`, '\u0007', '\u009c'];

/**
 * A text without escape sequences, what they say included. Of a command string that does not end only its beginning is
 * left out, so that it hides nothing.
 */
export function withoutEscapes(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text;
  let kept = '';
  for (let at = 0; at < text.length; ) {
    const after = endOfEscape(text, at);
    if (after === at) kept += text[at++];
    else at = after;
  }
  return kept;
}

/** Where a sequence ends that begins here; the same place where none does. */
function endOfEscape(text: string, at: number): number {
  const introducer = [text.slice(at, at + 2), text.slice(at, at + 1)].find((start) => introducers.has(start));
  if (introducer === undefined) return text[at] === escape ? endOf(/[ -/]*[0-~]?/y, text, at + 1) : at;
  const start = at + introducer.length;
  if (introducers.get(introducer) === 'control') return endOf(/[ -?]*[@-~]?/y, text, start);
  const ends = terminators
    .map((terminator) => [text.indexOf(terminator, start), terminator.length] as const)
    .filter(([found]) => found >= 0)
    .sort(([one], [other]) => one - other);
  const [first] = ends;
  return first === undefined ? start : first[0] + first[1];
}

function endOf(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  form.test(text);
  return Math.max(at, form.lastIndex);
}
