/** Parts that are looked at; the rest of a list or an object counts as they do. */
const mostParts = 64;
const deepest = 12;

/** About how much memory a value takes, at a cost that does not grow with it. */
export function estimatedBytes(value: unknown): number {
  let left = mostParts;
  const of = (part: unknown, depth: number): number => {
    left--;
    if (typeof part === 'string') return 24 + part.length;
    if (typeof part !== 'object' || part === null) return 8;
    if (ArrayBuffer.isView(part)) return 64 + part.byteLength;
    const values: readonly unknown[] = Array.isArray(part) ? part : Object.values(part);
    let bytes = 0;
    let seen = 0;
    for (const inner of depth < deepest ? values : []) {
      if (left <= 0) break;
      bytes += of(inner, depth + 1);
      seen++;
    }
    const unseen = values.length - seen;
    const each = seen === 0 ? 64 : bytes / seen;
    return 48 + bytes + unseen * each;
  };
  try {
    return Math.round(of(value, 0));
  } catch {
    return 1024;
  }
}
