import { htmlTags } from './html-tags.js';

/** Elements that have no end. */
const empty = new Set(
  'area base br col embed hr img input link meta param source track wbr frame basefont bgsound keygen'.split(' '),
);

/** Elements that end where the next of their kind begins, and what keeps one inside from ending one outside. */
const endedByNext: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...'p li dt dd option'
    .split(' ')
    .map((name) => [name, new Set('ul ol dl select button table td th'.split(' '))] as const),
  ...'tr td th thead tbody tfoot'.split(' ').map((name) => [name, new Set(['table'])] as const),
]);

/** Elements that a parser opens again in every block, until they are closed: each costs as much as there are blocks. */
const reopened = new Set('a b big code em font i nobr s small strike strong tt u'.split(' '));

/** Levels of elements, and of formatting that was not closed, from which on work grows faster than the text. */
const mostLevels = 200;
const mostReopened = 16;

/**
 * Why a text is more than parsers of HTML can take in linear time: its elements are nested too deep. Undefined if they
 * are not.
 */
export function nestingProblem(html: string): string | undefined {
  const open: string[] = [];
  const counts = new Map<string, number>();
  let formatting = 0;
  const count = (name: string, change: 1 | -1): number => {
    const now = (counts.get(name) ?? 0) + change;
    counts.set(name, now);
    return now;
  };
  const close = (name: string): void => {
    if ((counts.get(name) ?? 0) === 0) return;
    for (let last = open.pop(); last !== undefined; last = open.pop()) {
      count(last, -1);
      if (last === name) return;
    }
  };
  for (const { name, isEnd } of htmlTags(html)) {
    if (empty.has(name)) continue;
    if (isEnd) {
      if (reopened.has(name) && formatting > 0) formatting--;
      close(name);
      continue;
    }
    if (isOpen(name, open)) close(name);
    open.push(name);
    count(name, 1);
    if (reopened.has(name)) formatting++;
    if (open.length > mostLevels) return `its elements are nested deeper than ${mostLevels} levels`;
    if (formatting > mostReopened) return `more than ${mostReopened} elements that format text are open at once`;
  }
  return undefined;
}

/** Whether an element is open that the next of its kind ends. */
function isOpen(name: string, open: readonly string[]): boolean {
  const keepers = endedByNext.get(name);
  if (keepers === undefined) return false;
  const last = open.findLastIndex((outer) => outer === name || keepers.has(outer));
  return last !== -1 && open[last] === name;
}
