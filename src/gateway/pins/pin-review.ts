import type { ServerEntry } from '../../downstream/server-entry.js';
import type { Listed, ServerSet } from '../../downstream/server-set-api.js';
import { messageOf } from '../../errors.js';
import { toolFilter } from '../filters/tool-filter.js';
import { quoted } from '../offer/quoted-text.js';
import { type PinState, type Pins, pinStates, type ServerPins } from './pin-states.js';
import { toolHash } from './tool-hash.js';

/** What a review needs of the servers. */
export type ReviewedServers = Pick<ServerSet, 'names' | 'entry' | 'list'>;

/** Narrows a review. What is left out is everything. */
export interface ReviewScope {
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
}

/** How the tools of a server stand to what was approved, or why that cannot be told. */
export type ServerReview =
  | {
      readonly kind: 'reviewed';
      readonly server: string;
      readonly states: readonly PinState[];
      readonly tools: readonly Listed[];
    }
  | { readonly kind: 'unknown'; readonly server: string; readonly problem: string };

/**
 * Asks servers for their tools, side by side, and compares. Without a server in the scope these are the ones whose entry
 * says `pin`, and those whose entry cannot be used. Tools that the entry does not let through are not looked at.
 */
export function reviewPins(servers: ReviewedServers, pins: Pins, scope: ReviewScope): Promise<readonly ServerReview[]> {
  const isPinned = (name: string): boolean => servers.entry(name)?.pin !== 'off';
  const names =
    scope.server === undefined
      ? servers.names().filter(isPinned)
      : servers.names().filter((name) => name === scope.server);
  return Promise.all(names.map((name) => reviewServer(servers, name, pins.get(name), scope.tool)));
}

async function reviewServer(
  servers: ReviewedServers,
  server: string,
  pins: ServerPins | undefined,
  tool: string | undefined,
): Promise<ServerReview> {
  try {
    const { items, isStale } = await servers.list(server, 'tools');
    if (isStale) return { kind: 'unknown', server, problem: 'it could not be asked for its tools' };
    const tools = items.filter(letThrough(servers.entry(server)));
    const twice = tools.find(({ name }, index) => tools.findIndex((other) => other['name'] === name) !== index);
    if (twice !== undefined)
      return { kind: 'unknown', server, problem: `it lists the tool ${quoted(String(twice['name']))} twice` };
    const states = pinStates(pins, tools).filter((state) => tool === undefined || state.tool === tool);
    return { kind: 'reviewed', server, states, tools };
  } catch (error) {
    return { kind: 'unknown', server, problem: messageOf(error) };
  }
}

function letThrough(entry: ServerEntry | undefined): (tool: Listed) => boolean {
  const filter = entry && toolFilter(entry.tools);
  return ({ name }) => typeof name === 'string' && filter?.(name) !== false;
}

/** The pins with all that was reviewed approved. What is missing is forgotten, and what was not reviewed stays as it is. */
export function approvedPins(pins: Pins, reviews: readonly ServerReview[]): Pins {
  const approved = new Map(pins);
  for (const review of reviews) {
    if (review.kind === 'unknown') continue;
    const tools = new Map(pins.get(review.server));
    for (const { tool, state } of review.states) {
      const listed = review.tools.find(({ name }) => name === tool);
      const hash = listed && toolHash(listed);
      if (state === 'missing') tools.delete(tool);
      else if (hash !== undefined) tools.set(tool, hash);
    }
    if (tools.size > 0) approved.set(review.server, tools);
    else approved.delete(review.server);
  }
  return approved;
}
