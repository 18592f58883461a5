import type { PressedKey } from './keys.js';

export type Pane = 'connections' | 'events' | 'invocations';

/** By what connections are sorted, in the order in which `s` goes through them. */
export const sortings = ['name', 'state', 'inIt', 'perSecond', 'p50'] as const;
export type Sorting = (typeof sortings)[number];

/** What the person at the terminal has chosen. */
export interface View {
  readonly pane: Pane;
  readonly sorting: Sorting;
  readonly filter: string;
  /** Whether the filter is being typed: letters are no commands then. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  /** Whether the chosen row is shown by itself. */
  readonly isOpen: boolean;
  /** Ids of the chosen rows; the first row where there is none. */
  readonly chosen: Readonly<Partial<Record<Pane, string>>>;
}

export const firstView: View = {
  pane: 'connections',
  sorting: 'name',
  filter: '',
  isTyping: false,
  isPaused: false,
  isOpen: false,
  chosen: {},
};

const longestFilter = 60;

/** How many rows a page is for Page Up and Page Down. */
const pageRows = 10;

/**
 * What a key makes of it.
 *
 * @param rows ids of the rows of the pane, as they stand on the screen
 * @returns `quit` where it ends the program
 */
export function pressed(view: View, key: PressedKey, rows: readonly string[]): View | 'quit' {
  if (key.name === 'interrupt') return 'quit';
  if (view.isTyping) return typed(view, key);
  switch (key.name) {
    case 'up':
      return moved(view, rows, -1);
    case 'down':
      return moved(view, rows, 1);
    case 'pageUp':
      return moved(view, rows, -pageRows);
    case 'pageDown':
      return moved(view, rows, pageRows);
    case 'home':
      return moved(view, rows, -rows.length);
    case 'end':
      return moved(view, rows, rows.length);
    case 'enter':
    case 'right':
      return rows.length === 0 ? view : { ...moved(view, rows, 0), isOpen: true };
    case 'escape':
    case 'left':
    case 'backspace':
      return back(view);
    case 'text':
      return commanded(view, key.text, rows);
  }
}

/** The chosen row of the pane: the first one where the chosen one is not there. */
export function chosenRow({ chosen, pane }: View, rows: readonly string[]): number {
  return Math.max(0, rows.indexOf(chosen[pane] ?? ''));
}

function commanded(view: View, text: string, rows: readonly string[]): View | 'quit' {
  switch (text) {
    case 'q':
      return 'quit';
    case 'j':
      return moved(view, rows, 1);
    case 'k':
      return moved(view, rows, -1);
    case '/':
      return { ...view, isTyping: true, isOpen: false };
    case 's': {
      const next = sortings[(sortings.indexOf(view.sorting) + 1) % sortings.length] ?? 'name';
      return { ...view, pane: 'connections', isOpen: false, sorting: next };
    }
    case 'e':
      return switched(view, 'events');
    case 'i':
      return switched(view, 'invocations');
    case 'p':
      return { ...view, isPaused: !view.isPaused };
    default:
      return view;
  }
}

/** The key of a pane that is shown leads back to the connections. */
function switched(view: View, pane: Pane): View {
  return { ...view, pane: view.pane === pane && !view.isOpen ? 'connections' : pane, isOpen: false };
}

function moved(view: View, rows: readonly string[], by: number): View {
  const row = Math.min(rows.length - 1, Math.max(0, chosenRow(view, rows) + by));
  const id = rows[row];
  return id === undefined ? view : { ...view, chosen: { ...view.chosen, [view.pane]: id } };
}

/** One thing less than there is: what is open, the filter, the pane. */
function back(view: View): View {
  if (view.isOpen) return { ...view, isOpen: false };
  if (view.filter !== '') return { ...view, filter: '' };
  return { ...view, pane: 'connections' };
}

function typed(view: View, key: PressedKey): View {
  switch (key.name) {
    case 'enter':
      return { ...view, isTyping: false };
    case 'escape':
      return { ...view, isTyping: false, filter: '' };
    case 'backspace':
      return { ...view, filter: Array.from(view.filter).slice(0, -1).join('') };
    case 'text':
      return {
        ...view,
        filter: Array.from(view.filter + key.text)
          .slice(0, longestFilter)
          .join(''),
      };
    default:
      return view;
  }
}
