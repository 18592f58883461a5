import { useState } from 'preact/hooks';
import type { ActorState, Ribbon } from '../../feed/feed-states.js';
import { chartToMermaid } from '../../../charts/mermaid.js';
import { useMachine } from '../chart/use-machine.js';
import { useKeys } from '../keys/listen-to-keys.js';
import { CopyAs, type CopyForm } from '../parts/copy-as.js';
import { Elapsed } from '../parts/moving-time.js';
import { StateBadge } from '../parts/state-name.js';
import { timeOfDay } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { OrderButton } from '../shell/order-button.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { connectionCommand } from './connection-command.js';
import { connectionOrders } from './connection-orders.js';
import { ChartCard } from './chart-card.js';
import { FactsCard } from './facts-card.js';
import { HappenedCard } from './happened-card.js';
import { ribbonAsMermaid } from './mermaid-ribbon.js';
import { NextCard } from './next-card.js';
import { useNextEvents } from './use-next-events.js';

const none: Ribbon = [];

/** One connection: where it is, what comes next, what can, and what did. */
export function ConnectionDetail({ actor }: { readonly actor: ActorState }) {
  const { go } = usePage();
  const { seq } = useRoute();
  const held = seq === undefined ? {} : { seq };
  const ribbon = useModel(({ ribbons }) => ribbons.get(actor.id)) ?? none;
  const next = useNextEvents(actor);
  const asked = useMachine(actor.machine);
  const file = useModel(({ hello }) => hello?.recording?.file);
  const [lit, setLit] = useState<number | undefined>(undefined);
  const isOver = actor.ended !== undefined || actor.at === 'closed';
  useKeys([{ key: 'Escape', does: 'back to the list', run: () => go({ view: 'connections', ...held }) }]);
  const forms: CopyForm[] = [
    {
      name: 'link',
      hint: 'at this event',
      text: () => linkTo(printRoute({ view: 'connections', id: actor.id, ...held })),
    },
    { name: 'JSON', hint: 'as the feed has it', text: () => JSON.stringify(actor, undefined, 2) },
    ...(asked.at === 'here'
      ? [
          {
            name: 'chart',
            hint: 'Mermaid, with where it is',
            text: () => chartToMermaid(asked.machine.chart, actor.at.split(', ')),
          },
        ]
      : []),
    { name: 'Mermaid', hint: 'its last five minutes', text: () => ribbonAsMermaid(ribbon, actor.at) },
    { name: 'command', ...connectionCommand(actor.machine, file, seq) },
  ];
  return (
    <div class="view">
      <div class="view-head">
        <h1>
          <a class="crumb" href={printRoute({ view: 'connections', ...held })}>
            Connections
          </a>
          <span class="crumb"> / </span>
          {actor.name}
        </h1>
        <StateBadge at={actor.at} />
        <InState actor={actor} />
        {actor.target !== undefined && <code class="dim cut">{actor.target}</code>}
        <div class="view-actions">
          <CopyAs forms={forms} />
          {connectionOrders(actor).map((order) => (
            <OrderButton key={order.label} order={order} />
          ))}
        </div>
      </div>
      <div class="connection">
        <ChartCard actor={actor} next={next ?? []} lit={lit} onLight={setLit} />
        <div class="stack">
          <FactsCard actor={actor} ribbon={ribbon} next={next} />
          {!isOver && <NextCard events={next} lit={lit} onLight={setLit} />}
          <HappenedCard actor={actor.id} />
        </div>
      </div>
    </div>
  );
}

function InState({ actor: { since, ended } }: { readonly actor: ActorState }) {
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  if (ended !== undefined) return <span class="dim">ended {timeOfDay(epoch + ended)}</span>;
  return (
    <span class="dim">
      <Elapsed since={since} /> in this state
    </span>
  );
}

function linkTo(hash: string): string {
  return `${location.origin}${location.pathname}${hash}`;
}
