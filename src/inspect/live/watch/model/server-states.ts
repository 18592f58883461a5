import type { RunningServers } from '../../../../downstream/set/running-servers.js';
import { brokenStatus, serverStatus } from '../../../../downstream/status/server-status.js';
import type { ActorState, ServerState } from '../../feed/feed-states.js';
import { withoutUrlSecrets } from '../redaction/shown-errors.js';
import { shownName, shownText } from '../redaction/shown-text.js';

/** Tools of one server that are told, and characters of their descriptions. */
const mostTools = 500;
const longestDescription = 200;

/** The servers of a set, in the order of their file. */
export function serverStates(servers: RunningServers, actors: readonly ActorState[], now: () => number): ServerState[] {
  const t = now();
  const byServer = new Map<string, ActorState[]>();
  for (const actor of actors) {
    if (actor.kind !== 'connection' || actor.ended !== undefined) continue;
    const server = actor.name.replace(/#\d+$/, '');
    const others = byServer.get(server);
    if (others === undefined) byServer.set(server, [actor]);
    else others.push(actor);
  }
  return [...servers.inForce.all()].map(({ server, broken }): ServerState => {
    const status =
      server === undefined
        ? brokenStatus(broken, servers.ageMs)
        : serverStatus(server, servers.loginStateOf(server.name));
    const { name, lastError, login } = status;
    const connections = byServer.get(name) ?? [];
    const items = server?.known('tools')?.items;
    return {
      name: shownName(name),
      at: status.state,
      // As its connection has it: time that passes is no change.
      since: connections.at(-1)?.since ?? Math.round((t - status.sinceMs) / 1000) * 1000,
      target: withoutUrlSecrets(shownText(status.target, 512)),
      transport: server?.entry.reach.kind ?? 'unknown',
      ...(items !== undefined && { tools: items.slice(0, mostTools).map(toolOf) }),
      sessions: status.sessions,
      restarts: status.restarts,
      ...(login !== undefined && { login: withoutUrlSecrets(shownText(login, 512)) }),
      ...(lastError !== undefined && { error: withoutUrlSecrets(shownText(lastError)) }),
      connections: connections.map(({ id }) => id),
    };
  });
}

function toolOf({ name, description }: Readonly<Record<string, unknown>>): NonNullable<ServerState['tools']>[number] {
  const text = typeof description === 'string' ? shownText(description, longestDescription) : undefined;
  return { name: typeof name === 'string' ? shownName(name) : '', ...(text !== undefined && { description: text }) };
}
