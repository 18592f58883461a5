import type { ServerState } from '../../feed/feed-states.js';
import { useKeys } from '../keys/listen-to-keys.js';
import { Card } from '../parts/card.js';
import { EmptyState } from '../parts/empty-state.js';
import { type Column, LongTable } from '../parts/long-table.js';
import { Elapsed } from '../parts/moving-time.js';
import { StateName } from '../parts/state-name.js';
import { count, counted } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { serversInWords } from './server-words.js';
import { ConnectionTabs } from './connection-tabs.js';

const columns: readonly Column[] = [
  { name: 'name' },
  { name: 'state' },
  { name: 'in it', class: 'number wide-only' },
  { name: 'tools', class: 'number' },
  { name: 'sessions', class: 'number wide-only' },
  { name: 'restarts', class: 'number wide-only' },
  { name: 'by', class: 'wide-only' },
  { name: 'leads to', class: 'wide-only' },
];

/** The servers behind the gateway, and the tools of the one that is open. */
export function ServerList() {
  const { go } = usePage();
  const { id, seq } = useRoute();
  const servers = useModel((model) => model.servers);
  const held = seq === undefined ? {} : { seq };
  const open = servers.find(({ name }) => name === id);
  useKeys([
    {
      key: 'Escape',
      does: 'close the server',
      run: () => go({ view: 'connections', tab: 'servers', ...held }, 'replace'),
    },
  ]);
  return (
    <div class="view is-whole">
      <div class="view-head">
        <h1>{serversInWords(servers)}</h1>
        <div class="view-actions">
          <ConnectionTabs />
        </div>
      </div>
      <div class={open === undefined ? 'beside is-alone' : 'beside'}>
        <section class="card is-list" aria-label="Servers">
          {servers.length === 0 ? (
            <EmptyState title="There is no server behind this process.">
              A gateway lists its servers here, with their tools.
            </EmptyState>
          ) : (
            <LongTable<ServerState>
              caption="Servers by name"
              columns={columns}
              count={servers.length}
              rowAt={(index) => servers[index]}
              keyOf={({ name }) => name}
              rowHeight={32}
              selected={open?.name}
              onOpen={({ name }) => go({ view: 'connections', tab: 'servers', id: name, ...held }, 'replace')}
              cells={serverCells}
            />
          )}
        </section>
        {open !== undefined && <ServerTools server={open} />}
      </div>
    </div>
  );
}

function serverCells({ name, at, since, tools, sessions, restarts, transport, target }: ServerState) {
  return (
    <>
      <td class="name-cell">{name}</td>
      <td>
        <StateName at={at} />
      </td>
      <td class="number dim wide-only">
        <Elapsed since={since} />
      </td>
      <td class="number">{tools === undefined ? <span class="faint">unknown</span> : count(tools.length)}</td>
      <td class="number wide-only">{count(sessions)}</td>
      <td class={restarts === 0 ? 'number faint wide-only' : 'number wide-only'}>{count(restarts)}</td>
      <td class="dim wide-only">{transport}</td>
      <td class="wide-only">
        <code class="dim cut">{target}</code>
      </td>
    </>
  );
}

function ServerTools({ server }: { readonly server: ServerState }) {
  const { name, tools, connections, login, error } = server;
  return (
    <Card title={name} note={tools === undefined ? 'tools unknown' : counted(tools.length, 'tool')} class="is-list">
      <div class="server-tools">
        {error !== undefined && <p class="mono is-failed">{error}</p>}
        {login !== undefined && <p>Login: {login}</p>}
        {connections.map((id) => (
          <p key={id}>
            <a class="link" href={printRoute({ view: 'connections', id })}>
              {id}
            </a>
          </p>
        ))}
        <dl>
          {tools?.map((tool) => (
            <div key={tool.name}>
              <dt class="mono">{tool.name}</dt>
              {tool.description !== undefined && <dd class="dim">{tool.description}</dd>}
            </div>
          ))}
        </dl>
      </div>
    </Card>
  );
}
