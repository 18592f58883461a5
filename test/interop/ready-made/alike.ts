import type { HookOutcome, InvokeOptions, PluginManager } from '../../../src/index.js';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import type { Oracle, OracleCall, OracleOrder, OracleResult } from './oracle.js';

/** What a plugin answered, in the words of the wire. */
export interface Answer {
  readonly passes: unknown;
  /** Where something passes that is not what came. */
  readonly payload?: unknown;
  readonly violation?: unknown;
  readonly metadata: unknown;
}

/** One call, with what both say of it. */
export interface Pair {
  readonly config: object;
  readonly call: OracleCall;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** Asks a plugin of theirs and ours of the same kind. */
export async function answersOfBoth(oracle: Oracle, order: OracleOrder): Promise<readonly Pair[]> {
  const theirs = await oracle.ask(order);
  const manager = await managerOf(order.kind, order.hooks, order.config);
  const pairs: Pair[] = [];
  try {
    for (const [index, call] of order.calls.entries()) {
      const ours = await ourAnswer(manager, call, index);
      pairs.push({ config: order.config ?? {}, call, ours, theirs: theirAnswer(theirs[index], call) });
    }
  } finally {
    await manager.close();
  }
  return pairs;
}

async function ourAnswer(manager: PluginManager, call: OracleCall, index: number): Promise<Answer> {
  const { prompt_id: promptId, ...rest } = call.payload as Record<string, unknown>;
  const given = { ...rest, ...(promptId !== undefined && { promptId }) };
  const invoke: (...args: [string, object, object, InvokeOptions]) => Promise<HookOutcome> = manager.invokeHook.bind(
    manager,
  ) as never;
  const { request } = (call.extensions ?? {}) as { readonly request?: { readonly trace_id: string } };
  const outcome = await invoke(
    call.hook,
    given,
    { requestId: `call-${index}`, ...call.context },
    {
      ...(request && { extensions: { request: { traceId: request.trace_id } } }),
    },
  );
  const { promptId: id, ...payload } = { ...(outcome.modifiedPayload as Record<string, unknown> | undefined) };
  const { violation } = outcome;
  return {
    passes: outcome.continueProcessing,
    ...(outcome.continueProcessing &&
      outcome.modifiedPayload !== undefined && {
        payload: { ...payload, ...(id !== undefined && { prompt_id: id }) },
      }),
    ...(violation && {
      violation: {
        reason: violation.reason,
        description: violation.description,
        code: violation.code,
        details: violation.details ?? {},
      },
    }),
    metadata: outcome.metadata,
  };
}

function theirAnswer(answer: OracleResult | undefined, { payload: given }: OracleCall): Answer {
  if (answer?.result === undefined) throw new Error(`their plugin failed: ${answer?.error}`);
  const { continue_processing: passes, modified_payload, violation, metadata } = answer.result;
  const payload = withoutNull(modified_payload);
  const { reason, description, code, details } = (violation ?? {}) as Record<string, unknown>;
  return {
    passes,
    ...(passes === true &&
      payload !== undefined &&
      JSON.stringify(sorted(payload)) !== JSON.stringify(sorted(given)) && { payload }),
    ...(violation !== null && { violation: { reason, description, code, details } }),
    metadata,
  };
}

/** Their payloads have null for what is absent. */
function withoutNull(payload: unknown): Record<string, unknown> | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  return Object.fromEntries(Object.entries(payload).filter(([key, value]) => value !== null || key === 'result'));
}

function sorted(payload: object): [string, unknown][] {
  return Object.entries(payload).toSorted(([one], [other]) => (one < other ? -1 : 1));
}
