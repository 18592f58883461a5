import { useMemo } from 'preact/hooks';
import type { ActorState, Ribbon } from '../../feed/feed-states.js';
import { type Column, LongTable } from '../parts/long-table.js';
import { Countdown, Elapsed } from '../parts/moving-time.js';
import { RibbonCanvas } from '../parts/ribbon-canvas.js';
import { Segments } from '../parts/segments.js';
import { EmptyState } from '../parts/empty-state.js';
import { StateName } from '../parts/state-name.js';
import { count, counted, duration } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { connectionFilters, ConnectionOrder, matchingConnections } from './connection-list.js';
import { ConnectionTabs } from './connection-tabs.js';

const columns: readonly Column[] = [
  { name: 'name' },
  { name: 'state' },
  { name: 'in it', class: 'number wide-only' },
  { name: 'next', class: 'wide-only' },
  { name: 'waiting', class: 'number wide-only' },
  { name: 'in flight', class: 'number wide-only' },
  { name: 'calls/s', class: 'number wide-only' },
  { name: 'p50', class: 'number wide-only' },
  { name: 'last 5 min', class: 'list-ribbon wide-only' },
  { name: 'leads to', class: 'wider-only' },
];

const none: Ribbon = [];

/** All connections by name. */
export function ConnectionList() {
  const { go } = usePage();
  const route = useRoute();
  const { filter = '', seq } = route;
  const actors = useModel((model) => model.actors);
  const ribbons = useModel((model) => model.ribbons);
  const order = useMemo(() => new ConnectionOrder(), []);
  const all = useMemo(() => order.take(actors), [order, actors]);
  const shown = useMemo(() => matchingConnections(all, filter), [all, filter]);
  const narrow = (next: string) => go({ ...route, filter: next }, 'replace');
  const down = matchingConnections(all, 'down').length;
  const named = ['', ...connectionFilters].find((one) => one === filter);
  const options = ['', ...connectionFilters].map((one): [string, string] => [
    one,
    `${one === '' ? 'all' : one} ${count(matchingConnections(all, one).length)}`,
  ]);
  return (
    <div class="view is-whole">
      <div class="view-head">
        <h1>
          {counted(all.length, 'connection')}
          {down > 0 && `, ${count(down)} down`}
        </h1>
        <div class="view-actions">
          <ConnectionTabs />
        </div>
      </div>
      <div class="toolbar">
        <Segments label="Which ones" options={options} value={named ?? ''} onChange={narrow} />
        <input
          class="words"
          type="search"
          value={named === undefined ? filter : ''}
          placeholder="Words of name, address, state, error"
          aria-label="Words of name, address, state or error"
          onInput={(event) => narrow(event.currentTarget.value)}
        />
      </div>
      <section class="card is-list" aria-label="Connections">
        {shown.length === 0 ? (
          <EmptyState title={all.length === 0 ? 'There is no connection.' : `No connection is ${filter}.`}>
            {all.length > 0 && (
              <button type="button" class="button" onClick={() => narrow('')}>
                Show all {count(all.length)}
              </button>
            )}
          </EmptyState>
        ) : (
          <LongTable<ActorState>
            caption="Connections by name"
            columns={columns}
            class="connection-list"
            count={shown.length}
            rowAt={(index) => shown[index]}
            keyOf={({ id }) => id}
            rowHeight={32}
            onOpen={({ id }) => go({ view: 'connections', id, ...(seq !== undefined && { seq }) })}
            cells={(actor) => <ConnectionCells actor={actor} ribbon={ribbons.get(actor.id) ?? none} />}
          />
        )}
      </section>
    </div>
  );
}

function ConnectionCells({ actor, ribbon }: { readonly actor: ActorState; readonly ribbon: Ribbon }) {
  // Most deltas are about somebody else.
  return useMemo(() => {
    const { id, name, at, since, timer, waiting, inFlight, perSecond, p50, target, error } = actor;
    return (
      <>
        <td class="name-cell">
          <a href={printRoute({ view: 'connections', id })} tabIndex={-1}>
            {name}
          </a>
        </td>
        <td>
          <StateName at={at} />
        </td>
        <td class="number dim wide-only">
          <Elapsed since={since} />
        </td>
        <td class="wide-only">{timer === undefined ? <span class="faint">–</span> : <Countdown due={timer.due} />}</td>
        <td class="number wide-only">{amount(waiting)}</td>
        <td class="number wide-only">{amount(inFlight)}</td>
        <td class="number wide-only">{amount(perSecond)}</td>
        <td class="number wide-only">{p50 === undefined ? <span class="faint">–</span> : duration(p50)}</td>
        <td class="list-ribbon wide-only">
          <RibbonCanvas ribbon={ribbon} />
        </td>
        <td class="wider-only">
          <code class="dim cut" title={error?.message}>
            {target}
          </code>
        </td>
      </>
    );
  }, [actor, ribbon]);
}

/** None is faint, unknown is a dash. */
function amount(value: number | undefined) {
  if (value === undefined) return <span class="faint">–</span>;
  return value === 0 ? <span class="faint">0</span> : count(value);
}
