/** Parts that are looked at: what a value holds beyond them is not known. */
const mostParts = 4_096;
const deepest = 64;
/** What is not looked at may be as large as a message: a list that begins with short texts may end with a long one. */
const unseenBytes = 4 * 1024 * 1024;

/** About how much memory a value takes, rather too much than too little, at a cost that does not grow with it. */
export function estimatedBytes(value: unknown): number {
  let left = mostParts;
  let bytes = 0;
  const add = (part: unknown, depth: number): boolean => {
    if (left-- <= 0 || depth > deepest) return false;
    if (typeof part === 'string') bytes += 24 + part.length;
    else if (typeof part !== 'object' || part === null) bytes += 8;
    else if (ArrayBuffer.isView(part)) bytes += 64 + part.byteLength;
    else if (Array.isArray(part)) return addAll(part, depth);
    else {
      for (const key in part) {
        if (!Object.hasOwn(part, key)) continue;
        bytes += key.length;
        if (!add(Reflect.get(part, key), depth + 1)) return false;
      }
      bytes += 48;
    }
    return true;
  };
  const addAll = (parts: readonly unknown[], depth: number): boolean => {
    bytes += 48;
    return parts.every((part) => add(part, depth + 1));
  };
  try {
    return add(value, 0) ? bytes : bytes + unseenBytes;
  } catch {
    return unseenBytes;
  }
}
