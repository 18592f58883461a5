import type { ServerState } from '../../feed/feed-states.js';
import { count, counted } from '../parts/time-format.js';

/** `10 servers, 36 tools`; those whose tools nobody has asked for are unknown, not none. */
export function serversInWords(servers: readonly Pick<ServerState, 'tools'>[]): string {
  const known = servers.filter(({ tools }) => tools !== undefined);
  const tools = known.reduce((total, server) => total + (server.tools?.length ?? 0), 0);
  const unknown = servers.length - known.length;
  const words = known.length === 0 && unknown > 0 ? 'tools unknown' : counted(tools, 'tool');
  const rest = known.length > 0 && unknown > 0 ? `, those of ${count(unknown)} unknown` : '';
  return `${counted(servers.length, 'server')}, ${words}${rest}`;
}
