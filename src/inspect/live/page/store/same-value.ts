/** Whether two values of plain data say the same: what is drawn from them need not be drawn again. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const entries = Object.entries(one);
  if (entries.length !== Object.keys(other).length) return false;
  const others = new Map(Object.entries(other));
  return entries.every(([key, value]) => others.has(key) && isSameValue(value, others.get(key)));
}
