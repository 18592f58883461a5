import { isDeepStrictEqual } from 'node:util';
import type { GlobalContext, HookOutcome, InvokeOptions, PluginManager } from '../../../src/index.js';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import type { Oracle, OracleCall, OracleOrder, OracleResult } from './oracle.js';

/** What a plugin answered, in the words of the wire. */
export interface Answer {
  readonly stop: boolean;
  /** Where something passes that is not what came. */
  readonly payload?: unknown;
  readonly violation?: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** One call, with what both say of it. */
export interface Compared {
  readonly config: object;
  readonly call: OracleCall;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** Asks a plugin of theirs and ours of the same kind. Rejects where theirs fails. */
export async function answersOfBoth(oracle: Oracle, order: OracleOrder): Promise<readonly Compared[]> {
  const theirs = await oracle.ask(order);
  const manager = await managerOf(order.kind, order.hooks, order.config);
  const requests = new Map<string, Request>();
  const compared: Compared[] = [];
  try {
    for (const [index, call] of order.calls.entries()) {
      const id = call.request ?? `call-${index}`;
      const request = requests.get(id) ?? { context: { requestId: id, ...call.context } };
      requests.set(id, request);
      const ours = await ourAnswer(manager, call, request);
      compared.push({ config: order.config ?? {}, call, ours, theirs: theirAnswer(theirs[index], call) });
    }
  } finally {
    await manager.close();
  }
  return compared;
}

/** What the hooks of one request share. */
interface Request {
  readonly context: GlobalContext;
  contexts?: HookOutcome['contexts'];
}

async function ourAnswer(manager: PluginManager, call: OracleCall, shared: Request): Promise<Answer> {
  const { prompt_id: promptId, ...rest } = call.payload as Record<string, unknown>;
  const given = { ...rest, ...(promptId !== undefined && { promptId }) };
  const invoke: (...args: [string, object, object, InvokeOptions]) => Promise<HookOutcome> = manager.invokeHook.bind(
    manager,
  ) as never;
  const { request } = (call.extensions ?? {}) as { readonly request?: { readonly trace_id: string } };
  const outcome = await invoke(call.hook, given, shared.context, {
    ...(shared.contexts && { contexts: shared.contexts }),
    ...(request && { extensions: { request: { traceId: request.trace_id } } }),
  });
  shared.contexts = outcome.contexts;
  const { violation, modifiedPayload, metadata } = outcome;
  const { promptId: id, ...payload } = { ...(modifiedPayload as Record<string, unknown> | undefined) };
  return {
    stop: !outcome.continueProcessing,
    ...(outcome.continueProcessing &&
      modifiedPayload !== undefined && { payload: { ...payload, ...(id !== undefined && { prompt_id: id }) } }),
    ...(violation && {
      violation: {
        reason: violation.reason,
        description: violation.description,
        code: violation.code,
        details: violation.details ?? {},
        mcp_error_code: violation.mcpErrorCode ?? null,
        http_status_code: violation.httpStatusCode ?? null,
      },
    }),
    metadata,
  };
}

function theirAnswer(answer: OracleResult | undefined, { payload: given }: OracleCall): Answer {
  if (answer?.result === undefined) throw new Error(`their plugin failed: ${answer?.error}`);
  const { continue_processing, modified_payload, violation, metadata } = answer.result;
  const passes = continue_processing === true;
  const payload = withoutNulls(modified_payload);
  const isChanged = payload !== undefined && !isDeepStrictEqual(payload, JSON.parse(JSON.stringify(given)));
  return {
    stop: !passes,
    // What a block leaves of the payload is no change of anybody's.
    ...(passes && isChanged && { payload }),
    ...(violation !== null && { violation: wordsOf(violation as Record<string, unknown>) }),
    metadata: (metadata ?? {}) as Record<string, unknown>,
  };
}

function wordsOf(violation: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { reason, description, code, details, mcp_error_code = null, http_status_code = null } = violation;
  return { reason, description, code, details, mcp_error_code, http_status_code };
}

/** Their payloads, and their objects of a resource's content, have null for what is absent. A result may be null. */
function withoutNulls(payload: unknown): Record<string, unknown> | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const said = Object.entries(payload).filter(([key, value]) => value !== null || key === 'result');
  return Object.fromEntries(said.map(([key, value]) => [key, key === 'content' ? contentOf(value) : value]));
}

function contentOf(content: unknown): unknown {
  return typeof content === 'object' && !Array.isArray(content) ? withoutNulls(content) : content;
}
