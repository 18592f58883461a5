/**
 * A variable as text, without a byte order mark, which is no part of it. In plain JavaScript it may be a number or a flag,
 * which Node hands on as text; undefined for everything else.
 */
export function variableText(given: unknown): string | undefined {
  if (typeof given === 'string') return given.replace(/^\uFEFF/, '');
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : undefined;
}
