import { EmptyState, Skeleton } from '../parts/empty-state.js';
import { printRoute } from '../routes/route.js';
import { useModel, useRoute } from '../shell/page-context.js';
import { isLoaded, type Model } from '../store/model.js';
import { ConnectionDetail } from './connection-detail.js';
import { ConnectionList } from './connection-list-page.js';
import { ServerList } from './server-list-page.js';

/** Connections, or the servers that they lead to, or one connection. */
export function ConnectionsView() {
  const { id, tab } = useRoute();
  const loaded = useModel(isLoaded);
  const name = useModel((model) => model.hello?.host.name);
  const actor = useModel((model) => (id === undefined ? undefined : actorOf(model, id)));
  if (!loaded) {
    return (
      <div class="view" aria-busy="true">
        <h1>Loading {name ?? 'the process'}…</h1>
        <div class="card">
          <Skeleton rows={14} />
        </div>
      </div>
    );
  }
  if (tab === 'servers') return <ServerList />;
  if (id === undefined) return <ConnectionList />;
  if (actor !== undefined) return <ConnectionDetail actor={actor} />;
  return (
    <div class="view">
      <h1>There is no connection “{id}”</h1>
      <EmptyState title="It is not there, and is no longer held.">
        <a class="button" href={printRoute({ view: 'connections' })}>
          All connections
        </a>
      </EmptyState>
    </div>
  );
}

/** By its id, or by its name alone, as people write it into an address. */
function actorOf({ actors, gone }: Model, id: string) {
  return actors.get(id) ?? actors.get(`connection:${id}`) ?? gone.get(id) ?? gone.get(`connection:${id}`);
}
