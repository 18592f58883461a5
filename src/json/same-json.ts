/** Whether two values among those that JSON could hold would be told apart by nobody: keys are in the same order, and 0 is not -0. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const these = Object.entries(a);
  const those = Object.entries(b);
  return (
    these.length === those.length &&
    these.every(([key, value], index) => {
      const [other, otherValue] = those[index] ?? [];
      return key === other && isSameJson(value, otherValue);
    })
  );
}
