import { useEffect, useRef } from 'preact/hooks';
import type { PluginState } from '../../feed/feed-states.js';
import { Countdown, Elapsed } from '../parts/moving-time.js';
import type { Meaning } from '../parts/meaning.js';
import { Shape } from '../parts/shape.js';
import { count, duration } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useOrders } from '../shell/order-button.js';
import { useModel, useRoute } from '../shell/page-context.js';
import { modeOrder, otherModes, switchOrder } from './plugin-orders.js';
import { type PluginStanding, standingOf, stateText } from './plugin-words.js';

export interface PluginRowProps {
  readonly plugin: PluginState;
  /** Whether it is the first one of its phase. */
  readonly startsPhase: boolean;
  readonly controls: boolean;
}

const meanings: Readonly<Record<PluginStanding, Meaning>> = {
  runs: 'ready',
  off: 'reconnecting',
  starts: 'connecting',
  ends: 'idle',
  failed: 'failed',
};

/** One plugin; the one that the address names is brought into sight. */
export function PluginRow({ plugin, startsPhase, controls }: PluginRowProps) {
  const { name, kind, phase, source, p50, p99, blocksPerMinute = 0, version } = plugin;
  const isNamed = useRoute().id === name;
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isNamed) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isNamed]);
  const about = [kind, version, source].filter((text) => text !== undefined).join(', ');
  return (
    <tr ref={row} class={`${startsPhase ? 'starts-phase' : ''}${isNamed ? ' is-named' : ''}`}>
      <td class={startsPhase ? 'phase' : 'phase is-repeated'}>{phase}</td>
      <th scope="row" title={about}>
        {name}
      </th>
      <td class="mode">{controls ? <ModeChoice plugin={plugin} /> : plugin.mode}</td>
      <td class="place">
        <Place plugin={plugin} />
      </td>
      <td class="state">
        <Standing plugin={plugin} />
      </td>
      <td class="number time">{timeText(p50)}</td>
      <td class="number time">{timeText(p99)}</td>
      <td class={`number block-count${blocksPerMinute > 0 ? ' is-blocked' : ' faint'}`}>
        {plugin.blocksPerMinute === undefined ? '–' : count(blocksPerMinute)}
        <small class="narrow-only"> blocks/min</small>
      </td>
      {controls && (
        <td class="do">
          <Switch plugin={plugin} />
        </td>
      )}
    </tr>
  );
}

/** What takes less than can be told is not nothing. */
function timeText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  return ms < 0.05 ? '< 0.1 ms' : duration(ms);
}

/** Where it runs: in this process, or behind a connection, which can be looked at. */
function Place({ plugin: { connection } }: { readonly plugin: PluginState }) {
  const name = useModel(({ actors }) => (connection === undefined ? undefined : actors.get(connection)?.name));
  const { seq } = useRoute();
  if (connection === undefined) return <span class="faint">in process</span>;
  const route = { view: 'connections', id: connection, ...(seq !== undefined && { seq }) } as const;
  return <a href={printRoute(route)}>{name ?? connection}</a>;
}

/** How it stands, since when, why, and when it is tried again. */
function Standing({ plugin }: { readonly plugin: PluginState }) {
  const { error, timer, since } = plugin;
  const standing = standingOf(plugin);
  // What was configured so is no news.
  const meaning = standing === 'off' && plugin.mode === 'disabled' ? 'idle' : meanings[standing];
  return (
    <>
      <span class={`state-name is-${meaning}`}>
        <Shape of={meaning === 'reconnecting' ? 'timedOut' : meaning} />
        {stateText(plugin)}
      </span>
      {standing !== 'runs' && (
        <small class="faint">
          {timer !== undefined && <Countdown due={timer.due} prefix="trial in " />}
          {timer === undefined && since !== undefined && (
            <>
              for <Elapsed since={since} />
            </>
          )}
          {error !== undefined && (
            <span class="why-off" title={`${error.code} ${error.message}`}>
              {error.message}
            </span>
          )}
        </small>
      )}
    </>
  );
}

function Switch({ plugin }: { readonly plugin: PluginState }) {
  const give = useOrders();
  const order = switchOrder(plugin);
  if (order === undefined) return null;
  return (
    <button type="button" class="button is-quiet" onClick={() => void give(order)}>
      {order.label}
      <span class="unseen"> {plugin.name}</span>
    </button>
  );
}

function ModeChoice({ plugin }: { readonly plugin: PluginState }) {
  const give = useOrders();
  const others = otherModes(plugin);
  return (
    <select
      class="mode-choice"
      aria-label={`mode of ${plugin.name}`}
      value={plugin.mode}
      disabled={others.length === 0}
      onChange={({ currentTarget }) => {
        const to = others.find((mode) => mode === currentTarget.value);
        // It has the mode that the host says it has.
        currentTarget.value = plugin.mode;
        if (to !== undefined) void give(modeOrder(plugin, to));
      }}
    >
      <option value={plugin.mode}>{plugin.mode}</option>
      {others.map((mode) => (
        <option key={mode} value={mode}>
          {mode}
        </option>
      ))}
    </select>
  );
}
