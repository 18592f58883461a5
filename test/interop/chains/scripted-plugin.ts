import { isPlainObject } from '../../../src/json/records.js';
import { PluginError, PluginViolationError } from '../../../src/index.js';
import type { PluginContext } from '../../../src/plugins/plugin-context.js';
import type { PluginDefinition } from '../../../src/plugins/plugin.js';
import type { ManualClock } from '../../../src/testing/index.js';
import type { Json } from '../host.js';
import type { Act, Answer, End, HookName, Modification, Sight, Write } from './chain.js';
import { isPayload, payloadNames, toOurNames, toWireWords } from './names.js';

/** The request whose turn it is. */
export interface Turn {
  call: number;
  seen: Sight[];
  order: string[];
  /** When the call began. */
  since: number;
  readonly clock: ManualClock;
}

/** Milliseconds since the call began. */
export function milliseconds({ clock, since }: Turn): number {
  return Math.round(clock.now() - since);
}

/** A plugin that does what a generated chain says; `../python/scripted.py` does the same. */
export function scriptedPlugin(turn: Turn, actsOf: ReadonlyMap<string, readonly Act[]>): PluginDefinition {
  return {
    create({ name }) {
      return {
        handler: (hook) => (payload, context) => {
          turn.seen.push(sight(name, hook as HookName, payload, context));
          const note = (what: string): unknown => turn.order.push(`${milliseconds(turn)} ${name} ${what}`);
          const act = actsOf.get(name)?.[turn.call];
          if (act === undefined) throw new Error(`${name} has no act for call ${turn.call}`);
          const writeAll = (): void => {
            for (const step of act.steps) write(step, context);
          };
          const finish = (): never => {
            if (!act.early) writeAll();
            if (act.end.kind === 'hang') return wait(undefined, turn.clock, context, note) as never;
            note('ends');
            return end(act.end, payload, hook as HookName) as never;
          };
          note('starts');
          if (act.early) writeAll();
          if (act.wait > 0) return wait(act.wait, turn.clock, context, note).then(finish);
          return act.sync || act.end.kind === 'hang' ? finish() : Promise.resolve().then(finish);
        },
      };
    },
  };
}

/** Waits, for ever if it is not said how long, until nobody waits for the plugin any more. */
function wait(
  ms: number | undefined,
  clock: ManualClock,
  { signal }: PluginContext,
  note: (what: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const told = (): void => {
      clock.clearTimeout(timer);
      note('is told');
      reject(signal.reason as Error);
    };
    const timer =
      ms === undefined
        ? undefined
        : clock.setTimeout(() => {
            signal.removeEventListener('abort', told);
            resolve();
          }, ms);
    signal.addEventListener('abort', told, { once: true });
  });
}

function sight(plugin: string, hook: HookName, payload: unknown, context: PluginContext): Sight {
  const { globalContext: seen } = context;
  return {
    plugin,
    hook,
    payload: toWireWords(structuredClone(payload), payloadNames(hook)),
    ...plain({
      state: context.state,
      metadata: context.metadata,
      global_state: seen.state ?? {},
      global_metadata: seen.metadata ?? {},
      request_id: seen.requestId,
      user: seen.user ?? null,
      tenant_id: seen.tenantId ?? null,
      server_id: seen.serverId ?? null,
      content_type: seen.contentType ?? null,
      user_id: seen.userContext?.userId ?? null,
    }),
  };
}

function write(step: Write, context: PluginContext): void {
  const { to } = step;
  const holder = to.startsWith('global') ? context.globalContext : context;
  const record: Json = to.endsWith('metadata') ? (holder.metadata ??= {}) : (holder.state ??= {});
  if (step.do === 'clear') {
    for (const key of Object.keys(record)) delete record[key];
    return;
  }
  const { key } = step;
  const earlier = record[key];
  switch (step.do) {
    case 'set':
      record[key] = structuredClone(step.value);
      return;
    case 'count':
      record[key] = Number.isSafeInteger(earlier) || typeof earlier === 'boolean' ? Number(earlier) + 1 : 1;
      return;
    case 'delete':
      delete record[key];
      return;
    default:
      // In place, where ours isolates at every depth.
      if (isPlainObject(earlier)) earlier['inner'] = structuredClone(step.value);
      else record[key] = { inner: structuredClone(step.value) };
  }
}

function end(how: Exclude<End, { kind: 'hang' }>, payload: unknown, hook: HookName): unknown {
  switch (how.kind) {
    case 'answer':
      return answered(how.answer, payload, hook);
    case 'nothing':
      return undefined;
    case 'odd':
      return structuredClone(how.value);
    case 'error':
      throw new Error(how.message);
    case 'plugin_error': {
      const { message, plugin_name: pluginName, mcp_error_code: mcpErrorCode, ...rest } = how.error;
      throw new PluginError({ message, pluginName, mcpErrorCode, ...rest } as never);
    }
    default:
      throw new PluginViolationError(hook, 'somebody', violationOf(how.violation) as never);
  }
}

function answered(answer: Answer, payload: unknown, hook: HookName): Json {
  const { modified, violation, ...rest } = answer;
  const result: Json = toOurNames(structuredClone(rest), resultNames);
  if (modified !== undefined)
    result['modifiedPayload'] = modified === null ? null : modification(modified, payload, hook);
  if (violation !== undefined) result['violation'] = violationOf(violation);
  return result;
}

const resultNames = ['continueProcessing', 'httpHeaders', 'retryDelayMs', 'denialMetadata'];

function violationOf(violation: Json | null): unknown {
  return violation && toOurNames(structuredClone(violation), ['mcpErrorCode', 'httpStatusCode', 'httpHeaders']);
}

function modification(wanted: Modification, payload: unknown, hook: HookName): unknown {
  const given = Object(payload);
  switch (wanted.kind) {
    case 'same':
      return payload;
    case 'fields':
      // What another plugin made of it is another object, with fields that nobody knows.
      if (!isPayload(payload, hook)) return payload;
      return { ...given, ...toOurNames(structuredClone(wanted.fields), payloadNames(hook)) };
    case 'headers':
      return { ...(hook === 'http_post_request' ? given.responseHeaders : given.headers), ...wanted.value };
    default:
      return structuredClone(wanted.value);
  }
}

function plain(value: Json): Json {
  return JSON.parse(JSON.stringify(value));
}
