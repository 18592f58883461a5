/**
 * Width of a text in pixels, near enough for laying it out without a browser. The shares of the font size are those
 * of the widest sans-serif in common use (DejaVu Sans), so that labels fit in every other.
 */
export function textWidth(text: string, fontSize: number): number {
  return Array.from(text).reduce((width, character) => width + shareOf(character) * fontSize, 0);
}

function shareOf(character: string): number {
  if ("ijl.,:;|'!".includes(character)) return 0.31;
  if ('frt()[]/- '.includes(character)) return 0.4;
  if ('mwMW'.includes(character)) return 0.95;
  if (/[A-Z]/.test(character)) return 0.7;
  return 0.61;
}
