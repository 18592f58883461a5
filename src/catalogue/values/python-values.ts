/** Whether Python takes a JSON value for true: nothing that is empty or zero is. */
export function isTruthy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}

/**
 * Rounds as Python does: what lies exactly in the middle goes to the even side.
 *
 * @param digits after the point, at most 3
 */
export function roundedHalfEven(value: number, digits: 1 | 3): number {
  const scale = 10 ** digits;
  // What is a fraction of ten and exact in binary has few digits there; all else is no middle, however it is multiplied.
  const isMiddle = Number.isInteger(value * 2 ** (digits + 1)) && Math.abs(value * scale * 2) % 2 === 1;
  if (!isMiddle) return Number(value.toFixed(digits));
  const below = Math.floor(value * scale);
  return (below % 2 === 0 ? below : below + 1) / scale;
}
