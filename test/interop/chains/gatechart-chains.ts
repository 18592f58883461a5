import { untypedConfig } from '../../fixtures/manager/managers.js';
import { setImmediate } from 'node:timers/promises';
import { isStatedViolation } from '../../../src/hooks/stated-violation.js';
import {
  createManager,
  type GlobalContext,
  PluginContexts,
  PluginError,
  type PluginManager,
  PluginViolationError,
  silentLogger,
  type Violation,
} from '../../../src/index.js';
import { GatechartError, messageOf } from '../../../src/errors.js';
import type { ExecutionRecord } from '../../../src/hooks/execution-record.js';
import type { HookOutcome } from '../../../src/hooks/hook-outcome.js';
import { ManualClock, RecordingObservability } from '../../../src/testing/index.js';
import { decodeRequestContext, type WireContext } from '../../../src/wire/context-codec.js';
import { encodeFailure } from '../../../src/wire/failure-codec.js';
import { toWireName } from '../../../src/wire/names.js';
import type { Json } from '../host.js';
import { type Chain, type ChainCall, type ChainOutcome, type HookName, timeoutSeconds } from './chain.js';
import { payloadNames, toOurNames, toWireWords } from './names.js';
import { milliseconds, scriptedPlugin, type Turn } from './scripted-plugin.js';

/** The manager's methods with payloads that the compiler does not know. */
interface AnyHook {
  invokeHook(hook: string, payload: unknown, context: GlobalContext, options: object): Promise<HookOutcome>;
  invokeHookForPlugin(plugin: string, hook: string, payload: unknown, context: WireContext): Promise<HookOutcome>;
}

/** As the Python side calls it. */
const kind = 'scripted.Scripted';

/** Runs a chain here. */
export async function runHere(chain: Chain): Promise<ChainOutcome[]> {
  const clock = new ManualClock();
  const turn: Turn = { call: 0, seen: [], order: [], since: 0, clock };
  const observability = new RecordingObservability();
  const manager = await createManager({
    config: untypedConfig({
      plugins: chain.plugins.map(({ acts: _, ...plugin }) => ({ ...plugin, kind })),
      plugin_settings: {
        mode_dialect: chain.mode_dialect,
        fail_on_plugin_error: chain.fail_on_plugin_error,
        plugin_timeout: timeoutSeconds,
        execution_pool: chain.execution_pool,
      },
    }),
    kinds: { [kind]: scriptedPlugin(turn, new Map(chain.plugins.map(({ name, acts }) => [name, acts]))) },
    policies: Object.fromEntries(
      Object.entries(chain.policies).map(([hook, writable]) => [
        hook,
        {
          writable: payloadNames(hook as HookName).filter((name) => writable.includes(toWire(name, hook as HookName))),
        },
      ]),
    ),
    defaultHookPolicy: chain.default_policy,
    logger: silentLogger,
    observability,
    clock,
    env: {},
  });
  try {
    return await passing(clock, request(manager, chain, turn, observability));
  } finally {
    await manager.close();
  }
}

/** Waits for a promise, and lets time go by as fast as nothing is left to do. */
async function passing<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const pending = { is: true };
  const settled = promise.finally(() => {
    pending.is = false;
  });
  settled.catch(() => undefined);
  while (pending.is) {
    await setImmediate();
    if (pending.is && clock.next !== undefined) clock.advance(clock.next);
  }
  return settled;
}

function toWire(name: string, hook: HookName): string {
  return Object.keys(Object(toWireWords({ [name]: 1 }, payloadNames(hook))))[0] ?? name;
}

async function request(
  manager: PluginManager,
  chain: Chain,
  turn: Turn,
  { spans }: RecordingObservability,
): Promise<ChainOutcome[]> {
  const decoded = decodeRequestContext(structuredClone({ global_context: chain.context }));
  if (!decoded.ok) throw new Error(`the context is not valid: ${JSON.stringify(decoded.issue)}`);
  const { globalContext: shared } = decoded.value;
  let contexts: PluginContexts | undefined;
  const outcomes: ChainOutcome[] = [];
  for (const [index, call] of chain.calls.entries()) {
    turn.call = index;
    turn.seen = [];
    turn.order = [];
    turn.since = turn.clock.now();
    let background: HookOutcome['background'] | undefined;
    spans.length = 0;
    const payload = toOurNames(structuredClone(call.payload), payloadNames(call.hook));
    let outcome: Json;
    if (call.plugin === undefined) {
      outcome = await settled(call, async () => {
        const options = {
          contexts,
          violationsAsExceptions: call.violations_as_exceptions,
          ...(call.cancel_after !== undefined && { signal: cancelledAfter(call.cancel_after, turn.clock) }),
        };
        const result = await (manager as AnyHook).invokeHook(call.hook, payload, shared, options);
        contexts = result.contexts ?? contexts;
        background = result.background;
        return result;
      });
    } else {
      const local = { ...structuredClone(call.local ?? { state: {}, metadata: {} }), globalContext: shared };
      const plugin = call.plugin;
      outcome = await settled(call, () => (manager as AnyHook).invokeHookForPlugin(plugin, call.hook, payload, local));
      outcome = { ...outcome, local: { state: local.state, metadata: local.metadata } };
    }
    const answeredAt = milliseconds(turn);
    const raised = outcome['raised'] !== undefined;
    // What runs after a block that is raised is in no answer.
    if (raised) await quiet(turn.clock);
    const span = spans.find(({ parent }) => parent === undefined);
    const recorded = {
      ...outcome,
      global_state: shared.state ?? {},
      global_metadata: shared.metadata ?? {},
      answered_at: answeredAt,
      background: (await background)?.map(({ plugin, status }) => `${plugin} ${status}`) ?? [],
      seen: turn.seen,
      order: turn.order,
      ...(!raised && {
        ...(call.plugin === undefined && {
          span:
            span === undefined
              ? null
              : {
                  length: span.attributes['plugin.chain.length'],
                  executed: span.attributes['plugin.executed_count'],
                  skipped: span.attributes['plugin.skipped_count'],
                  stopped_by: span.attributes['plugin.chain.stopped_by'] || null,
                },
        }),
        notes: (contexts ?? new PluginContexts()).entriesOf(shared.requestId).map(([, notes]) => notes),
      }),
    };
    outcomes.push(JSON.parse(JSON.stringify(recorded)));
    if (raised && call.plugin === undefined) break;
  }
  return outcomes;
}

/** Waits until no time is waited for. */
async function quiet(clock: ManualClock): Promise<void> {
  while (clock.size > 0) await setImmediate();
}

function cancelledAfter(ms: number, clock: ManualClock): AbortSignal {
  const controller = new AbortController();
  clock.setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

async function settled(call: ChainCall, run: () => Promise<HookOutcome>): Promise<Json> {
  try {
    const result = await run();
    return {
      result: {
        continue_processing: result.continueProcessing,
        modified_payload: toWireWords(result.modifiedPayload, payloadNames(call.hook)) ?? null,
        violation: violationOf(result.violation),
        metadata: result.metadata,
        http_headers: result.httpHeaders ?? null,
        retry_delay_ms: result.retryDelayMs,
      },
      executions: executed(result),
    };
  } catch (error) {
    if (error instanceof PluginViolationError)
      return {
        raised: 'violation',
        message: error.message,
        violation: violationOf(error.violation),
        executions: executed(error),
        denial: denialOf(error),
      };
    if (error instanceof PluginError)
      return {
        raised: 'error',
        our_code: error.code,
        ...encodeFailure(error.failure),
        executions: executed(error),
      };
    if (error instanceof GatechartError && error.code === 'INVOCATION_CANCELLED') return { raised: 'cancelled' };
    return { raised: 'other', message: messageOf(error) };
  }
}

/** The records in the words of the wire, but for what differs from process to process. */
function executed({ executions }: { readonly executions: readonly ExecutionRecord[] }): Json[] {
  return executions.map(recordOf);
}

function recordOf({ pluginId: _, durationNs, ...record }: ExecutionRecord): Json {
  const words = Object.entries(record).map(([name, value]) => [toWireName(name), value ?? null]);
  return { ...Object.fromEntries(words), duration_ms: Math.round(durationNs / 1e6) };
}

function denialOf({ denialOutcome: outcome }: PluginViolationError): Json | null {
  if (outcome === undefined) return null;
  const { pluginId: _, durationNs: _2, ...execution } = outcome.execution;
  const words = Object.entries(execution).map(([name, value]) => [toWireName(name), value ?? null]);
  return {
    execution: Object.fromEntries(words),
    violation_code: outcome.violationCode ?? null,
    mcp_error_code: outcome.mcpErrorCode ?? null,
    http_status_code: outcome.httpStatusCode ?? null,
    metadata: outcome.metadata,
  };
}

function violationOf(violation: Violation | undefined): Json | null {
  // Blocks without a violation get one here, which is no answer of the plugin's.
  if (violation === undefined || isStatedViolation(violation)) return null;
  return {
    reason: violation.reason,
    description: violation.description,
    code: violation.code,
    details: violation.details ?? {},
    mcp_error_code: violation.mcpErrorCode ?? null,
    http_status_code: violation.httpStatusCode ?? null,
    http_headers: violation.httpHeaders ?? null,
    plugin_name: violation.pluginName ?? '',
  };
}
