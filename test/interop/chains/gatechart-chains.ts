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
import { messageOf } from '../../../src/errors.js';
import type { HookOutcome } from '../../../src/hooks/hook-outcome.js';
import { RecordingObservability } from '../../../src/testing/index.js';
import { decodeRequestContext, type WireContext } from '../../../src/wire/context-codec.js';
import { encodeFailure } from '../../../src/wire/failure-codec.js';
import type { Json } from '../host.js';
import { type Chain, type ChainCall, type ChainOutcome, type HookName, timeoutOf } from './chain.js';
import { payloadNames, toOurNames, toWireWords } from './names.js';
import { scriptedPlugin, type Turn } from './scripted-plugin.js';

/** The manager's methods with payloads that the compiler does not know. */
interface AnyHook {
  invokeHook(hook: string, payload: unknown, context: GlobalContext, options: object): Promise<HookOutcome>;
  invokeHookForPlugin(plugin: string, hook: string, payload: unknown, context: WireContext): Promise<HookOutcome>;
}

/** Runs a chain here. */
export async function runHere(chain: Chain): Promise<ChainOutcome[]> {
  const turn: Turn = { call: 0, seen: [] };
  const observability = new RecordingObservability();
  const manager = await createManager({
    config: {
      plugins: chain.plugins.map(({ acts: _, ...plugin }) => ({ ...plugin, kind: plugin.name })),
      plugin_settings: { fail_on_plugin_error: chain.fail_on_plugin_error, plugin_timeout: timeoutOf(chain) },
    },
    kinds: Object.fromEntries(chain.plugins.map(({ name, acts }) => [name, scriptedPlugin(turn, acts)])),
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
    env: {},
  });
  try {
    return await request(manager, chain, turn, observability);
  } finally {
    await manager.close();
  }
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
    spans.length = 0;
    const payload = toOurNames(structuredClone(call.payload), payloadNames(call.hook));
    let outcome: Json;
    if (call.plugin === undefined) {
      outcome = await settled(call, async () => {
        const options = { contexts, violationsAsExceptions: call.violations_as_exceptions };
        const result = await (manager as AnyHook).invokeHook(call.hook, payload, shared, options);
        contexts = result.contexts ?? contexts;
        return result;
      });
    } else {
      const local = { ...structuredClone(call.local ?? { state: {}, metadata: {} }), globalContext: shared };
      const plugin = call.plugin;
      outcome = await settled(call, () => (manager as AnyHook).invokeHookForPlugin(plugin, call.hook, payload, local));
      outcome = { ...outcome, local: { state: local.state, metadata: local.metadata } };
    }
    const span = spans.find(({ parent }) => parent === undefined);
    const recorded = {
      ...outcome,
      global_state: shared.state ?? {},
      global_metadata: shared.metadata ?? {},
      seen: turn.seen,
      ...(outcome['raised'] === undefined && {
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
    if (outcome['raised'] !== undefined && call.plugin === undefined) break;
  }
  return outcomes;
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
    };
  } catch (error) {
    if (error instanceof PluginViolationError)
      return { raised: 'violation', message: error.message, violation: violationOf(error.violation) };
    if (error instanceof PluginError) return { raised: 'error', our_code: error.code, ...encodeFailure(error.failure) };
    return { raised: 'other', message: messageOf(error) };
  }
}

function violationOf(violation: Violation | undefined): Json | null {
  if (violation === undefined) return null;
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
