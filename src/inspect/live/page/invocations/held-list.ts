/** Rows as they were when they were held, and how many have come since. */
export interface HeldList {
  readonly ids: readonly string[];
  readonly newer: number;
}

/**
 * The rows of a list that does not move under whoever reads it: those that were there, in their places, while what has come
 * since is only counted. Rows that are no longer known leave.
 *
 * @param before undefined where nobody reads: the list follows
 * @param ids all that match now, the newest first
 */
export function heldList(before: readonly string[] | undefined, ids: readonly string[]): HeldList {
  if (before === undefined || before.length === 0) return { ids, newer: 0 };
  const known = new Set(ids);
  const kept = before.filter((id) => known.has(id));
  if (kept.length === 0) return { ids, newer: 0 };
  const held = new Set(kept);
  return { ids: kept, newer: ids.filter((id) => !held.has(id)).length };
}
