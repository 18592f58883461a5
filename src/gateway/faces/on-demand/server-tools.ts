import type { z } from 'zod';
import { isGatechartError, messageOf } from '../../../errors.js';
import type { Listed, ServerSet } from '../../../downstream/server-set-api.js';
import { withoutServer } from '../../../downstream/sessions/server-errors.js';
import { withinBudget } from '../../offer/schema-tokens.js';
import { CallFailure } from '../../call/call-failure.js';
import type { OfferViewer, ToolOffers } from '../../offer/tool-offers.js';
import { readPattern } from '../../rules/pattern.js';
import { jsonResult, type ToolResult } from '../tool-result.js';
import type { getServerToolsArguments } from './tool-arguments.js';

/**
 * The tools of a server that an agent may call. What goes wrong is told in the answer, in the words of agent-mcp-gateway,
 * and is no error of the call.
 *
 * @param tell is told of it too
 */
export async function serverTools(
  { servers, offers }: { readonly servers: ServerSet; readonly offers: ToolOffers },
  viewer: OfferViewer,
  { server, names, pattern, max_schema_tokens: budget }: z.output<typeof getServerToolsArguments>,
  tell: (failure: CallFailure) => void,
): Promise<ToolResult> {
  const refusal = refusalOf(servers, offers, viewer, server);
  if (refusal !== undefined) {
    tell(refusal);
    return empty(server, refusal);
  }
  try {
    const { items, isStale } = await offers.offer(viewer, server);
    const chosen = items.filter(chosenBy(names, pattern ?? undefined)).map(shownTool);
    const within = typeof budget === 'number' ? withinBudget(chosen, (tool) => tool, budget) : undefined;
    const tools = within?.items ?? chosen;
    return jsonResult({
      tools,
      server,
      // What the agent may not call is not counted either.
      total_available: items.length,
      returned: tools.length,
      tokens_used: within?.tokens ?? null,
      error: null,
      ...(isStale && { stale: true }),
    });
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    const text = `Server unavailable: Failed to list tools from server ${server}: ${withoutServer(messageOf(error), server)}`;
    const failure = new CallFailure(error.code === 'LOGIN_NEEDED' ? 'LOGIN_NEEDED' : 'SERVER_UNAVAILABLE', text);
    tell(failure);
    return empty(server, failure);
  }
}

function refusalOf(
  servers: ServerSet,
  offers: ToolOffers,
  { agent }: OfferViewer,
  server: string,
): CallFailure | undefined {
  const { allowed, reason, rule } = offers.admitServer(agent, server);
  if (!allowed) return new CallFailure('DENIED_BY_POLICY', `Access denied: ${reason}`, { rule });
  if (servers.names().includes(server)) return undefined;
  return new CallFailure('SERVER_NOT_FOUND', `Server '${server}' not found in configured servers`);
}

function empty(server: string, { message: error, code: errorCode }: CallFailure): ToolResult {
  return jsonResult({ tools: [], server, total_available: 0, returned: 0, tokens_used: null, error, errorCode });
}

function chosenBy(names: readonly string[] | undefined, pattern: string | undefined): (tool: Listed) => boolean {
  const matches = pattern === undefined ? undefined : readPattern(pattern);
  const named = names && new Set(names);
  return ({ name }) => typeof name === 'string' && named?.has(name) !== false && matches?.matches(name) !== false;
}

/** What an agent needs to call it; annotations and output schema cost it tokens. */
export function shownTool({ name, description, inputSchema }: Listed): Listed {
  return { name, description: description ?? '', inputSchema: inputSchema ?? {} };
}
