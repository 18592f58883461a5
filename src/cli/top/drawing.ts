/** DEC 2026: a terminal that knows it shows all that stands in between at once, the others pass over it. */
const begin = '\u001b[?2026h';
const end = '\u001b[?2026l';

/**
 * What has to be written for a terminal that shows `before` to show `after`: the lines that have changed.
 *
 * @param before undefined: what it shows is not known
 * @returns empty where nothing has changed
 */
export function drawingOf(before: readonly string[] | undefined, after: readonly string[]): string {
  const lines = before === undefined ? ['\u001b[2J'] : [];
  const count = Math.max(before?.length ?? 0, after.length);
  for (let row = 0; row < count; row++) {
    const line = after[row];
    if (before !== undefined && line === before[row]) continue;
    // Emptied before it is written: a line that fills its last column would lose it after.
    lines.push(`\u001b[${row + 1};1H${before === undefined ? '' : '\u001b[2K'}${line ?? ''}`);
  }
  return lines.length === 0 ? '' : `${begin}${lines.join('')}${end}`;
}
