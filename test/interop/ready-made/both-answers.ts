import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import type { GlobalContext, HookOutcome, PluginManager } from '../../../src/index.js';
import type { Oracle, OracleOrder, OracleResult } from './oracle.js';

/** What one call of one plugin gave, with what both sides say in the same words. */
export interface Answer {
  readonly stop: boolean;
  readonly violation?: Readonly<Record<string, unknown>> | undefined;
  /** Undefined where nothing was changed. */
  readonly payload?: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly error?: string | undefined;
}

/** One call, with what was answered. */
export interface Compared {
  readonly config: object;
  readonly call: OracleOrder['calls'][number];
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** Asks their plugin and ours the same. Where theirs answers a payload that it did not change, that is no change. */
export async function askBoth(oracle: Oracle, kind: string, order: OracleOrder): Promise<readonly Compared[]> {
  const theirs = await oracle.ask(order);
  const ours = await askOurs(kind, order);
  return order.calls.map((call, index) => ({
    config: order.config ?? {},
    call,
    ours: ours[index] ?? nothing,
    theirs: theirAnswer(theirs[index] ?? {}, call.payload),
  }));
}

const nothing: Answer = { stop: false, metadata: {} };

async function askOurs(kind: string, { config, hooks, calls }: OracleOrder): Promise<readonly Answer[]> {
  const manager = await managerOf(kind, hooks, config);
  const requests = new Map<string, { context: GlobalContext; contexts?: HookOutcome['contexts'] }>();
  try {
    const answers: Answer[] = [];
    for (const [index, call] of calls.entries()) answers.push(await ask(manager, call, index, requests));
    return answers;
  } finally {
    await manager.close();
  }
}

async function ask(
  manager: PluginManager,
  call: OracleOrder['calls'][number],
  index: number,
  requests: Map<string, { context: GlobalContext; contexts?: HookOutcome['contexts'] }>,
): Promise<Answer> {
  const id = call.request ?? `call-${index}`;
  const request = requests.get(id) ?? { context: { requestId: id, ...call.context } };
  requests.set(id, request);
  const outcome: HookOutcome = await manager.invokeHook(
    call.hook as 'tool_post_invoke',
    call.payload as { name: string; result: unknown },
    request.context,
    { ...(request.contexts && { contexts: request.contexts }) },
  );
  request.contexts = outcome.contexts;
  const { violation } = outcome;
  return {
    stop: !outcome.continueProcessing,
    violation: violation && {
      reason: violation.reason,
      description: violation.description,
      code: violation.code,
      details: violation.details ?? {},
      mcp_error_code: violation.mcpErrorCode ?? null,
      http_status_code: violation.httpStatusCode ?? null,
    },
    // What a block leaves of the payload is no change of anybody's.
    payload: outcome.continueProcessing ? withoutNulls(outcome.modifiedPayload) : undefined,
    metadata: outcome.metadata,
  };
}

function theirAnswer({ result, error }: OracleResult, given: object): Answer {
  if (result === undefined) return { stop: false, metadata: {}, error };
  const { continue_processing, violation, modified_payload, metadata } = result;
  const payload = isSame(modified_payload, given) ? undefined : (modified_payload ?? undefined);
  return {
    stop: continue_processing !== true,
    violation: violation === null ? undefined : withoutOthers(violation as Record<string, unknown>),
    payload: continue_processing === true ? withoutNulls(payload) : undefined,
    metadata: (metadata ?? {}) as Record<string, unknown>,
  };
}

function withoutOthers(violation: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { reason, description, code, details, mcp_error_code, http_status_code } = violation;
  return {
    reason,
    description,
    code,
    details,
    mcp_error_code: mcp_error_code ?? null,
    http_status_code: http_status_code ?? null,
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(withoutNulls(one)) === JSON.stringify(withoutNulls(other));
}

/** Their payloads carry null where nothing was said. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => [key, withoutNulls(part)]),
  );
}
