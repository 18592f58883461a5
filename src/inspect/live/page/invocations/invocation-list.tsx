import { useMemo, useRef, useState } from 'preact/hooks';
import type { InvocationRow } from '../../feed/feed-invocations.js';
import { EmptyState, SampledNote } from '../parts/empty-state.js';
import { LongTable } from '../parts/long-table.js';
import { count } from '../parts/time-format.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { heldList } from './held-list.js';
import { filterText, type InvocationFilter, matches, readFilter } from './invocation-filter.js';
import { InvocationFilters } from './invocation-filters.js';
import { InvocationCell } from './invocation-row.js';

const rowHeight = 53;

/** The invocations of the last minutes, the newest first. While somebody reads it, it stands still. */
export function InvocationList() {
  const { go } = usePage();
  const route = useRoute();
  const filter = readFilter(route.filter ?? '');
  const { ids, newer, invocations, hold, leave, follow } = useRows(filter, route.id !== undefined);
  const hooks = useMemo(() => [...new Set([...invocations.values()].map(({ hook }) => hook))].sort(), [invocations]);
  const setFilter = (changed: InvocationFilter) => {
    follow();
    const { filter: _filter, ...rest } = route;
    const text = filterText(changed);
    go(text === '' ? rest : { ...rest, filter: text }, 'replace');
  };
  return (
    <section
      class="invocation-list"
      aria-label="Invocations"
      onPointerEnter={hold}
      onFocusIn={hold}
      onPointerLeave={leave}
    >
      <header>
        <InvocationFilters filter={filter} hooks={hooks} onChange={setFilter} />
        {newer > 0 && (
          <button type="button" class="button newer" onClick={follow}>
            {count(newer)} new
          </button>
        )}
        <p class="faint">
          <SampledSentence />
        </p>
      </header>
      {ids.length === 0 ? (
        <NothingHere filter={filter} all={invocations.size} onClear={() => setFilter(readFilter(''))} />
      ) : (
        <LongTable<InvocationRow>
          caption="Invocations, the newest first"
          columns={[{ name: 'invocation', class: 'unseen' }]}
          count={ids.length}
          rowAt={(index) => invocations.get(ids[index] ?? '')}
          keyOf={({ id }) => id}
          cells={(row) => <InvocationCell row={row} route={route} />}
          rowHeight={rowHeight}
          selected={route.id}
          onOpen={({ id }) => go({ ...route, id }, route.id === undefined ? 'push' : 'replace')}
        />
      )}
    </section>
  );
}

/** What is in the list, which stands still while one is open, or while it is pointed at. */
function useRows(filter: InvocationFilter, isOpen: boolean) {
  const invocations = useModel((model) => model.invocations);
  const [, redraw] = useState(0);
  const text = filterText(filter);
  const now = useModel((model) => (filter.tokens.length > 0 ? model.t : 0));
  const matching = useMemo(
    () =>
      [...invocations.values()]
        .filter(matches(filter, now))
        .reverse()
        .map(({ id }) => id),
    [invocations, text, now],
  );
  const shown = useRef<{ text: string; ids: readonly string[]; isHeld: boolean }>({ text, ids: [], isHeld: false });
  const stands = (isOpen || shown.current.isHeld) && shown.current.text === text;
  const { ids, newer } = heldList(stands ? shown.current.ids : undefined, matching);
  shown.current = { text, ids, isHeld: shown.current.isHeld };
  const set = (isHeld: boolean, held: readonly string[]) => {
    shown.current = { text, ids: held, isHeld };
    redraw((times) => times + 1);
  };
  return {
    ids,
    newer,
    invocations,
    hold: () => set(true, shown.current.ids),
    /** Nobody reads it any more. */
    leave: () => set(false, shown.current.ids),
    /** Takes in what is new. */
    follow: () => set(shown.current.isHeld, []),
  };
}

function SampledSentence() {
  const sample = useModel(({ samples }) => samples.get('invocations'));
  if (sample === undefined || sample.drawn <= 1) return <span>All are here.</span>;
  return (
    <span>
      <SampledNote of="invocations" /> drawn. Blocked, failed and slow ones: all.
    </span>
  );
}

interface NothingHereProps {
  readonly filter: InvocationFilter;
  readonly all: number;
  readonly onClear: () => void;
}

function NothingHere({ filter, all, onClear }: NothingHereProps) {
  if (all === 0) {
    return <EmptyState title="No invocation yet">The first call through a hook shows here.</EmptyState>;
  }
  return (
    <EmptyState title="None matches">
      {count(all)} are held, none of them is “{filterText(filter)}”.{' '}
      <button type="button" class="button" onClick={onClear}>
        Show all
      </button>
    </EmptyState>
  );
}
