import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys/listen-to-keys.js';
import { useNarrowScreen } from './narrow-screen.js';
import { rowWindow } from './row-window.js';

export interface Column {
  readonly name: string;
  /** For the style: how wide, and where it is left out. */
  readonly class?: string;
}

export interface LongTableProps<Row> {
  /** What the table is, for who does not see it. */
  readonly caption: string;
  readonly columns: readonly Column[];
  /** How many rows there are; only those that are seen are asked for. */
  readonly count: number;
  readonly rowAt: (index: number) => Row | undefined;
  readonly keyOf: (row: Row) => string;
  /** One `<td>` for each column. */
  readonly cells: (row: Row) => ComponentChildren;
  /** In pixels. All rows are equally high. */
  readonly rowHeight: number;
  /** The same on a narrow screen, where it is at least what a finger hits. */
  readonly narrowRowHeight?: number;
  /** The row that is open. */
  readonly selected?: string | undefined;
  readonly onOpen?: (row: Row) => void;
  readonly class?: string;
  /** Rows that were put above since the last time: what is looked at stays where it is. */
  readonly rowClass?: (row: Row) => string | undefined;
}

/** In pixels. */
const leastTouchHeight = 44;

/**
 * A table of any length in a box of its own: what is seen and ten rows more are drawn. `j` and `k` go through it, Enter
 * opens. While it is scrolled down, rows that come in above do not move what is read.
 */
export function LongTable<Row>(props: LongTableProps<Row>) {
  const { caption, columns, count, rowAt, keyOf, cells, selected, onOpen, rowClass } = props;
  const rowHeight = useNarrowScreen() ? Math.max(leastTouchHeight, props.narrowRowHeight ?? 0) : props.rowHeight;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 900 });
  const [current, setCurrent] = useState<string | undefined>(undefined);
  // Keys come faster than frames.
  const latest = useRef(current);
  const top = rowAt(Math.floor(view.top / rowHeight));
  useStayingRow(box, top === undefined ? undefined : keyOf(top), view.top, { ...props, rowHeight });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const { first, end, above, below } = rowWindow(count, rowHeight, view.top, view.height);
  const move = (by: number) => {
    const at = indexOf(latest.current ?? selected);
    const next = Math.max(0, Math.min(count - 1, at === undefined ? 0 : at + by));
    const row = rowAt(next);
    if (row === undefined) return;
    latest.current = keyOf(row);
    setCurrent(latest.current);
    const element = box.current;
    if (element === null) return;
    const head = element.querySelector('thead')?.clientHeight ?? 0;
    if (next * rowHeight < element.scrollTop) element.scrollTop = next * rowHeight;
    const bottom = (next + 1) * rowHeight + head;
    if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  };
  const indexOf = (key: string | undefined) => {
    if (key === undefined) return undefined;
    for (let index = 0; index < count; index++) {
      const row = rowAt(index);
      if (row !== undefined && keyOf(row) === key) return index;
    }
    return undefined;
  };
  const openCurrent = () => {
    const index = indexOf(latest.current);
    const row = index === undefined ? undefined : rowAt(index);
    if (row !== undefined) onOpen?.(row);
  };
  useKeys([
    { key: 'j', does: 'next row', run: () => move(1) },
    { key: 'k', does: 'row before', run: () => move(-1) },
    { key: 'Enter', does: 'open the row', run: openCurrent },
  ]);
  const rows = Array.from({ length: end - first }, (_none, index) => rowAt(first + index)).filter(
    (row) => row !== undefined,
  );
  return (
    <div
      ref={box}
      class={`long-table ${props.class ?? ''}`}
      tabIndex={0}
      role="group"
      aria-label={caption}
      style={{ '--row-height': `${rowHeight}px` }}
    >
      <table aria-rowcount={count + 1}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, class: more }) => (
              <th key={name} scope="col" class={more}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr key="above" class="spacer" style={{ height: `${above}px` }} aria-hidden="true" />}
          {rows.map((row, index) => {
            const key = keyOf(row);
            return (
              <tr
                key={key}
                aria-rowindex={first + index + 2}
                aria-selected={onOpen === undefined ? undefined : key === selected}
                class={`${key === current ? 'is-current' : ''} ${rowClass?.(row) ?? ''}`}
                onClick={() => onOpen?.(row)}
              >
                {cells(row)}
              </tr>
            );
          })}
          {below > 0 && <tr key="below" class="spacer" style={{ height: `${below}px` }} aria-hidden="true" />}
        </tbody>
      </table>
    </div>
  );
}

/** Keeps the row at the top where it is when others come in above it; at the very top the newest is shown. */
function useStayingRow<Row>(
  box: { readonly current: HTMLDivElement | null },
  top: string | undefined,
  scrolled: number,
  { count, rowAt, keyOf, rowHeight }: LongTableProps<Row>,
): void {
  const before = useRef<{ readonly key: string | undefined; readonly scrolled: number; readonly count: number }>({
    key: top,
    scrolled,
    count,
  });
  useLayoutEffect(() => {
    const { key, scrolled: was } = before.current;
    before.current = { key: top, scrolled, count };
    if (box.current === null || scrolled === 0 || was !== scrolled || key === undefined || key === top) return;
    const index = Math.floor(scrolled / rowHeight);
    for (let by = 1; by <= count - index; by++) {
      const row = rowAt(index + by);
      if (row !== undefined && keyOf(row) === key) {
        box.current.scrollTop = scrolled + by * rowHeight;
        return;
      }
    }
  });
}
