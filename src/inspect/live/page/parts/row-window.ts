/** Which rows of a long list are drawn, and how much room the others take. */
export interface RowWindow {
  readonly first: number;
  /** One after the last. */
  readonly end: number;
  /** Pixels above and below. */
  readonly above: number;
  readonly below: number;
}

/** What is drawn beyond what is seen, so that scrolling shows no hole. */
const margin = 10;

/**
 * @param top how far the list is scrolled, in pixels: negative where it begins further down
 * @param height what is seen, in pixels
 */
export function rowWindow(count: number, rowHeight: number, top: number, height: number): RowWindow {
  const begin = Math.floor(Math.max(0, top) / rowHeight);
  const first = Math.max(0, Math.min(begin - margin, count - 1));
  const end = Math.max(first, Math.min(count, Math.ceil((Math.max(0, top) + height) / rowHeight) + margin));
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight };
}
