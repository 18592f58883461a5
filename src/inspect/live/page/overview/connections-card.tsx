import { useMemo } from 'preact/hooks';
import type { ActorState, Ribbon } from '../../feed/feed-states.js';
import { ConnectionOrder } from '../connections/connection-list.js';
import { Card } from '../parts/card.js';
import { RibbonCanvas } from '../parts/ribbon-canvas.js';
import { RibbonAxis, RibbonKey } from '../parts/ribbon-key.js';
import { StateName } from '../parts/state-name.js';
import { count, duration } from '../parts/time-format.js';
import { printRoute, type Route } from '../routes/route.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { ConnectionWall } from './connection-wall.js';

/** Up to here each has a row. */
const mostRows = 40;
const none: Ribbon = [];

/** Every connection with its last five minutes, by name; a wall where there are too many to read. */
export function ConnectionsCard() {
  const actors = useModel((model) => model.actors);
  const ribbons = useModel((model) => model.ribbons);
  const order = useMemo(() => new ConnectionOrder(), []);
  const connections = useMemo(() => order.take(actors), [order, actors]);
  if (connections.length === 0) return null;
  if (connections.length > mostRows) return <ConnectionWall connections={connections} />;
  return (
    <Card title="Connections" note="last 5 minutes" actions={<RibbonKey />}>
      <table class="connections-table">
        <thead>
          <tr>
            <th scope="col">name</th>
            <th scope="col">state</th>
            <th scope="col" class="number">
              calls/s
            </th>
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="ribbon-cell">
              <RibbonAxis />
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((actor) => (
            <ConnectionRow key={actor.id} actor={actor} ribbon={ribbons.get(actor.id) ?? none} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function ConnectionRow({ actor, ribbon }: { readonly actor: ActorState; readonly ribbon: Ribbon }) {
  const { go } = usePage();
  const { seq } = useRoute();
  // Most deltas are about somebody else.
  return useMemo(() => {
    const { id, name, at, perSecond, p50 } = actor;
    const route: Route = { view: 'connections', id, ...(seq !== undefined && { seq }) };
    return (
      <tr class="is-link" onClick={() => go(route)}>
        <td>
          <a href={printRoute(route)}>{name}</a>
        </td>
        <td>
          <StateName at={at} />
        </td>
        <td class="number">{perSecond === undefined ? '–' : count(perSecond)}</td>
        <td class="number">{p50 === undefined ? '–' : duration(p50)}</td>
        <td class="ribbon-cell">
          <RibbonCanvas ribbon={ribbon} />
        </td>
      </tr>
    );
  }, [actor, ribbon, seq]);
}
