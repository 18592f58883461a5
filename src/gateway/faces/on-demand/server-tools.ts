import type { z } from 'zod';
import { isGatechartError, messageOf } from '../../../errors.js';
import type { Listed, ServerSet } from '../../../downstream/server-set-api.js';
import { withinBudget } from '../../offer/schema-tokens.js';
import type { OfferViewer, ToolOffers } from '../../offer/tool-offers.js';
import { readPattern } from '../../rules/pattern.js';
import { CallFailure } from '../../call/call-failure.js';
import { jsonResult } from '../tool-result.js';
import type { OwnAnswer } from './own-answer.js';
import type { getServerToolsArguments } from './tool-arguments.js';

/** The tools of a server that an agent may call. What goes wrong is told in the answer, and is no error of the call. */
export async function serverTools(
  { servers, offers }: { readonly servers: ServerSet; readonly offers: ToolOffers },
  viewer: OfferViewer,
  { server, names, pattern, max_schema_tokens: budget }: z.output<typeof getServerToolsArguments>,
): Promise<OwnAnswer> {
  const refusal = refusalOf(servers, offers, viewer, server);
  if (refusal !== undefined) return withoutTools(server, refusal);
  try {
    const { items, isStale } = await offers.offer(viewer, server);
    const chosen = items.filter(chosenBy(names, pattern ?? undefined)).map(shownTool);
    const within = typeof budget === 'number' ? withinBudget(chosen, (tool) => tool, budget) : undefined;
    const tools = within?.items ?? chosen;
    const result = jsonResult({
      tools,
      server,
      // What the agent may not call is not counted either.
      total_available: items.length,
      returned: tools.length,
      tokens_used: within?.tokens ?? null,
      error: null,
      ...(isStale && { stale: true }),
    });
    return { result, server };
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    const text = `Server unavailable: Failed to list tools from server ${server}: ${messageOf(error)}`;
    const code = error.code === 'LOGIN_NEEDED' ? 'LOGIN_NEEDED' : 'SERVER_UNAVAILABLE';
    return withoutTools(server, new CallFailure(code, text, { cause: error }));
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

/** The words are those of agent-mcp-gateway. */
function withoutTools(server: string, failure: CallFailure): OwnAnswer {
  const { message: error, code: errorCode } = failure;
  const none = { tools: [], server, total_available: 0, returned: 0, tokens_used: null };
  return { result: jsonResult({ ...none, error, errorCode }), server, failure };
}

function chosenBy(names: readonly string[] | undefined, pattern: string | undefined): (tool: Listed) => boolean {
  const matches = pattern === undefined ? undefined : readPattern(pattern);
  return ({ name }) => typeof name === 'string' && names?.includes(name) !== false && matches?.matches(name) !== false;
}

/** What an agent needs to call it; annotations and output schema cost it tokens. */
export function shownTool({ name, description, inputSchema }: Listed): Listed {
  return { name, description: description ?? '', inputSchema: inputSchema ?? {} };
}
