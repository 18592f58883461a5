/** A row of what needs attention; one that is fine again stays until nobody points at it. */
export interface HeldRow<Item> {
  readonly item: Item;
  readonly isOver: boolean;
}

/**
 * The rows as they are to be shown. While somebody points at them, or is in them with the keyboard, each stays where it is:
 * new ones come at the end, and those that are over stay.
 */
export function heldOrder<Item extends { readonly key: string }>(
  before: readonly HeldRow<Item>[],
  now: readonly Item[],
  isHeld: boolean,
): readonly HeldRow<Item>[] {
  if (!isHeld) return now.map((item) => ({ item, isOver: false }));
  const byKey = new Map(now.map((item) => [item.key, item]));
  const kept = before.map(({ item }) => {
    const found = byKey.get(item.key);
    byKey.delete(item.key);
    return { item: found ?? item, isOver: found === undefined };
  });
  return [...kept, ...[...byKey.values()].map((item) => ({ item, isOver: false }))];
}
