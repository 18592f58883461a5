import { useRef } from 'preact/hooks';
import { connectionOrders } from '../connections/connection-orders.js';
import type { Order } from '../parts/control-order.js';
import { CountdownRing, Countdown } from '../parts/moving-time.js';
import { Shape } from '../parts/shape.js';
import { StateName } from '../parts/state-name.js';
import { printRoute, type Route } from '../routes/route.js';
import { Icon } from '../shell/icons.js';
import { OrderButton } from '../shell/order-button.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { isSameValue } from '../store/same-value.js';
import type { Model } from '../store/model.js';
import { type AttentionItem, attentionOf } from './attention.js';
import { type HeldRow, heldOrder } from './held-order.js';

/** Rows that are shown; the rest is counted. */
const mostRows = 12;

/** What needs attention, the worst first. Rows change places only while nobody is at them. */
export function AttentionList() {
  const items = useModel(attentionOf, isSameValue);
  const list = useRef<HTMLUListElement>(null);
  const before = useRef<readonly HeldRow<AttentionItem>[]>([]);
  const isHeld = list.current?.matches(':hover, :focus-within') === true;
  const rows = heldOrder(before.current, items, isHeld);
  before.current = rows;
  if (rows.length === 0) return null;
  return (
    <section class="card" aria-label="Needs attention">
      <ul class="attention" ref={list}>
        {rows.slice(0, mostRows).map(({ item, isOver }) => (
          <AttentionRow key={item.key} item={item} isOver={isOver} />
        ))}
      </ul>
      {rows.length > mostRows && (
        <a class="attention-more" href={printRoute({ view: 'connections', filter: 'down' })}>
          and {rows.length - mostRows} more
        </a>
      )}
    </section>
  );
}

function AttentionRow({ item, isOver }: { readonly item: AttentionItem; readonly isOver: boolean }) {
  const { seq } = useRoute();
  const { kind, name, at, meaning, cause, code, consequence, timer, when } = item;
  const href = printRoute({ ...(seq !== undefined && { seq }), ...routeOf(item) });
  return (
    <li class={isOver ? 'attention-row is-over' : 'attention-row'}>
      <AttentionSign item={item} />
      <div class="attention-who">
        <a href={href}>{name}</a>
        {isOver ? (
          <span class="faint">is fine again</span>
        ) : kind === 'connection' ? (
          <StateName at={at} />
        ) : (
          <span class={`is-${meaning}`}>{kind === 'plugin' ? pluginWords(at) : 'login waits for a person'}</span>
        )}
      </div>
      <div class="attention-why">
        <span class="mono">
          {code !== undefined && <span class="faint">{code} </span>}
          {cause ?? 'The cause is not known.'}
        </span>
        <small>{consequence}</small>
      </div>
      <div class="attention-when">
        {when}
        {timer !== undefined && !isOver && (
          <>
            {' '}
            <Countdown due={timer.due} />
          </>
        )}
      </div>
      <div class="attention-do">{!isOver && <AttentionAction item={item} href={href} />}</div>
    </li>
  );
}

function AttentionSign({ item: { kind, timer, meaning } }: { readonly item: AttentionItem }) {
  if (timer !== undefined) return <CountdownRing timer={timer} meaning={meaning} />;
  return (
    <span class={`attention-sign badge is-${meaning}`} aria-hidden="true">
      {kind === 'connection' ? <Shape of={meaning} size={14} /> : <Icon of={kind === 'plugin' ? 'plugins' : 'login'} />}
    </span>
  );
}

/** The one thing that helps most, if there is one. */
function AttentionAction({ item, href }: { readonly item: AttentionItem; readonly href: string }) {
  const { say } = usePage();
  const order = useModel((model) => orderOf(item, model), isSameValue);
  const { command } = item;
  if (command !== undefined) {
    const copy = () =>
      navigator.clipboard.writeText(command).then(
        () => say(`Copied: ${command}`),
        () => say(`Run: ${command}`),
      );
    return (
      <button type="button" class="button" onClick={() => void copy()} title={command}>
        Copy command
      </button>
    );
  }
  if (item.ids.length > 1) {
    return (
      <a class="button" href={href}>
        Show {item.ids.length}
      </a>
    );
  }
  return order === undefined ? null : <OrderButton order={order} />;
}

function orderOf({ kind, ids: [id = ''], at, name }: AttentionItem, { actors }: Model): Order | undefined {
  if (kind === 'plugin' && at.startsWith('running.disabled')) {
    return {
      label: 'Enable',
      title: `Enable ${name}?`,
      consequence: 'It takes part in its chains again, from the next invocation on.',
      grave: false,
      request: { do: 'enable', plugin: id, expect: at },
    };
  }
  const actor = actors.get(id);
  return actor === undefined ? undefined : connectionOrders(actor).find(({ request }) => request.do === 'retry');
}

function routeOf({ kind, ids: [id = '', ...more], name, cause }: AttentionItem): Route {
  if (kind === 'plugin') return { view: 'plugins', id };
  if (more.length > 0) return { view: 'connections', filter: cause ?? '' };
  return { view: 'connections', id: kind === 'login' ? `connection:${name}` : id };
}

function pluginWords(at: string): string {
  if (at.startsWith('running.disabled')) return 'plugin, off after errors';
  return at.startsWith('failed') ? 'plugin, failed' : 'plugin, not started';
}
