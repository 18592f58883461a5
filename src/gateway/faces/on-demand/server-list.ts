import type { z } from 'zod';
import type { ServerSet } from '../../../downstream/server-set-api.js';
import type { ServerReach } from '../../../downstream/server-entry.js';
import type { ToolOffers } from '../../offer/tool-offers.js';
import { jsonResult, type ToolResult } from '../tool-result.js';
import type { listServersArguments } from './tool-arguments.js';

/** The servers that an agent may use, in the order of their file. */
export function serverList(
  { servers, offers }: { readonly servers: ServerSet; readonly offers: ToolOffers },
  agent: string | undefined,
  { include_metadata: withMetadata }: z.output<typeof listServersArguments>,
): ToolResult {
  const statuses = new Map(servers.status().map((status) => [status.name, status]));
  const result = servers
    .names()
    .filter((server) => offers.admitServer(agent, server).allowed)
    .map((name) => ({
      name,
      description: statuses.get(name)?.description ?? null,
      ...(withMetadata ? reachedBy(servers.entry(name)?.reach) : unsaid),
    }));
  const { content, ...rest } = jsonResult({ result }, result);
  return { content: result.length === 0 ? [] : content, ...rest };
}

const unsaid = { transport: null, command: null, url: null };

/** Never arguments, variables or headers, nor what a URL has beside its place: all of them carry secrets. */
function reachedBy(reach: ServerReach | undefined): Record<string, string | null> {
  if (reach === undefined) return unsaid;
  if (reach.kind === 'stdio') return { ...unsaid, transport: 'stdio', command: reach.command };
  const { origin, pathname } = new URL(reach.url);
  return { ...unsaid, transport: 'http', url: `${origin}${pathname}` };
}
