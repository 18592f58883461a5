import {
  type Act,
  type HookName,
  type Mode,
  modified,
  payloads,
  type Scenario,
  type ScenarioPlugin,
  timeoutMs,
  type Write,
} from './chain-scenario.js';

type Plain = Record<string, unknown>;

/** What a plugin may do to the chain: `keep` its modification when it blocks, `fail` the chain with its errors. */
type Right = 'block' | 'modify' | 'keep' | 'fail' | 'merge' | 'raise';

/** The guide's table of modes once more, so that a slip in the library's own is seen. */
const rights: Readonly<Record<Mode, readonly Right[]>> = {
  enforce: ['block', 'modify', 'fail', 'merge', 'raise'],
  enforce_ignore_error: ['block', 'modify', 'keep', 'merge'],
  permissive: ['modify'],
  disabled: [],
  sequential: ['block', 'modify', 'fail', 'merge', 'raise'],
  transform: ['modify', 'fail', 'merge'],
  audit: [],
  concurrent: ['block', 'fail', 'merge', 'raise'],
  fire_and_forget: [],
};

/** What a plugin saw when it was started, and how it ended. */
export interface Sight {
  readonly plugin: string;
  readonly payload: unknown;
  readonly global: unknown;
  readonly local: unknown;
  aborted: boolean;
}

export interface Expected {
  readonly outcome: Plain | undefined;
  readonly code: string | undefined;
  readonly seen: Sight[];
}

/** What the framework's chain does, as a loop over the behaviour page: no actors, no promises, no clock. */
export class ChainModel {
  readonly state: Plain = { shared: { count: 0 } };
  readonly #locals = new Map<string, Plain>();
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** @param round which of each plugin's acts */
  invoke(round: 0 | 1): Expected {
    const { hook, policy, failOnPluginError, violationsAsExceptions } = this.#scenario;
    const cancelAt = this.#scenario.cancelAfter[round] ?? Infinity;
    const seen: Sight[] = [];
    const onHook = this.#inOrder();
    const empty = { continueProcessing: true, metadata: {}, retryDelayMs: 0 };
    const chain = onHook.filter(({ plugin }) => matches(plugin, hook));
    if (chain.length === 0) return { outcome: empty, code: undefined, seen };

    let now = 0;
    let payload: unknown = structuredClone(payloads[hook]);
    let result: unknown;
    let decidedBy: string | undefined;
    let metadata: Plain = {};
    let httpHeaders: Plain | undefined;
    let retryDelayMs = 0;
    const outcome = (extra: Plain): Plain => ({
      ...empty,
      modifiedPayload: result,
      metadata:
        hook === 'http_auth_check_permission' && decidedBy !== undefined
          ? { ...metadata, _decision_plugin: decidedBy }
          : metadata,
      httpHeaders,
      retryDelayMs,
      ...extra,
    });

    for (const { name, plugin } of chain) {
      const may = (right: Right): boolean => rights[plugin.mode].includes(right);
      const act = plugin.acts[round];
      const local = this.#locals.get(name) ?? {};
      const global = structuredClone(this.state);
      const sight = {
        plugin: name,
        payload,
        global: structuredClone(global),
        local: structuredClone(local),
        aborted: false,
      };
      seen.push(sight);
      const takes = act.takes === 'sync' ? 0 : (act.takes ?? Infinity);
      const notes = structuredClone(local);
      for (const write of act.writes) apply(write, global, notes);
      this.#locals.set(name, notes);
      if (cancelAt < now + Math.min(takes, timeoutMs)) {
        sight.aborted = true;
        return { outcome: undefined, code: 'INVOCATION_CANCELLED', seen };
      }
      now += Math.min(takes, timeoutMs);
      const failure = failureOf(act, takes);
      if (failure !== undefined) {
        sight.aborted = failure === 'PLUGIN_TIMEOUT';
        // A violation that is thrown denies in every mode, and so does what may have been a stop where stops count.
        const denies = failure === 'PLUGIN_VIOLATION' || (failure === 'PLUGIN_RESULT_INVALID' && may('block'));
        if (denies || may('fail') || failOnPluginError) return { outcome: undefined, code: failure, seen };
        continue;
      }
      if (act.end.kind !== 'answers') continue;
      const { answer } = act.end;
      const given = payload;
      const wanted = modified(answer.modification, given);
      const blocks = answer.stops && may('block');
      // Fields that nobody knows are an error of the plugin, where all else fits; a block stands all the same.
      const strange =
        hook === 'tool_pre_invoke' && isRecord(wanted) && typeof wanted['name'] === 'string' && 'other' in wanted;
      if (strange && !blocks && may('modify') && policy !== 'deny') {
        if (may('fail') || failOnPluginError) return { outcome: undefined, code: 'PLUGIN_RESULT_INVALID', seen };
        continue;
      }
      if (may('merge')) replace(this.state, global);
      const keeps = !blocks || may('keep');
      metadata = { ...metadata, ...metadataOf(answer.metadata, name, notes) };
      if (answer.header !== undefined) httpHeaders = { ...httpHeaders, 'x-answer': `${answer.header}`, [name]: 'yes' };
      retryDelayMs = blocks ? 0 : Math.max(retryDelayMs, answer.retryDelayMs ?? 0);

      const denial = hook === 'http_auth_check_permission' && isRecord(wanted) && wanted['granted'] === false;
      // Who may block may deny, also where nothing else may be changed.
      const taken = (may('modify') && policy !== 'deny') || (denial && may('block'));
      if (wanted !== undefined && (keeps || denial) && taken && isRecord(wanted)) {
        if (hook === 'tool_pre_invoke') {
          const next = strange ? undefined : allowed(given as Plain, wanted, policy);
          if (next !== undefined) [payload, result] = [next, next];
        } else if (hook === 'http_auth_check_permission') {
          if (typeof wanted['granted'] === 'boolean' && !isDenied(result)) [result, decidedBy] = [wanted, name];
        } else if (hook === 'http_auth_resolve_user') {
          result = wanted;
        } else if (Object.values(wanted).every((header) => typeof header === 'string')) {
          result = { ...(result as Plain | undefined), ...wanted };
          payload = {
            ...(given as Plain),
            headers: { ...((given as Plain)['headers'] as Plain), ...(result as Plain) },
          };
        }
      }
      if (!blocks) continue;
      if (may('raise') && violationsAsExceptions) return { outcome: undefined, code: 'PLUGIN_VIOLATION', seen };
      if (hook === 'http_auth_check_permission') {
        decidedBy = name;
        if (!isDenied(result)) result = undefined;
      }
      if (!keeps && hook === 'tool_pre_invoke' && policy === 'allow') result = given;
      const violation = answer.violation ? violationOf(name, 0) : undefined;
      return { outcome: outcome({ continueProcessing: false, violation }), code: undefined, seen };
    }
    return { outcome: outcome({}), code: undefined, seen };
  }

  #inOrder(): { name: string; plugin: ScenarioPlugin }[] {
    return this.#scenario.plugins
      .map((plugin, position) => ({ name: `plugin ${position}`, plugin }))
      .filter(({ plugin }) => plugin.mode !== 'disabled')
      .sort((a, b) => a.plugin.priority - b.plugin.priority);
  }
}

function matches({ conditions }: ScenarioPlugin, hook: HookName): boolean {
  if (conditions.length === 0) return true;
  return conditions.some(
    ({ tools, server_ids, user_patterns }) =>
      (tools === undefined || hook !== 'tool_pre_invoke' || tools.includes('tool')) &&
      (server_ids === undefined || server_ids.includes('server')) &&
      (user_patterns === undefined || user_patterns.some((pattern) => 'alice'.includes(pattern))),
  );
}

function failureOf({ end }: Act, takes: number): string | undefined {
  if (takes > timeoutMs) return 'PLUGIN_TIMEOUT';
  if (end.kind === 'throws') return 'PLUGIN_FAILED';
  if (end.kind === 'denies') return 'PLUGIN_VIOLATION';
  return end.kind === 'malformed' ? 'PLUGIN_RESULT_INVALID' : undefined;
}

/** A payload of the hook is taken field by field; any other object whole, or not at all where a policy names fields. */
function allowed(given: Plain, wanted: Plain, policy: Scenario['policy']): Plain | undefined {
  if (typeof wanted['name'] !== 'string') return typeof policy === 'string' ? wanted : undefined;
  if (typeof policy === 'string') return wanted;
  const fields = [...new Set([...Object.keys(given), ...Object.keys(wanted)])];
  const changed = fields.filter(
    (field) => policy.includes(field) && JSON.stringify(given[field]) !== JSON.stringify(wanted[field]),
  );
  if (changed.length === 0) return undefined;
  return Object.fromEntries(
    fields
      .map((field) => [field, changed.includes(field) ? wanted[field] : given[field]])
      .filter(([, value]) => value !== undefined),
  );
}

/** What both the model and the real plugins write. */
export function apply(write: Write, global: Plain, local: Plain): void {
  const record = write.to === 'global' ? global : local;
  switch (write.do) {
    case 'set':
      record[write.key] = { by: write.value };
      return;
    case 'delete':
      delete record[write.key];
      return;
    case 'count': {
      const shared = (record['shared'] ??= { count: 0 }) as { count: number };
      shared.count += 1;
      return;
    }
    case 'copyShared':
      local['copied'] = global['shared'];
      return;
    case 'publishNotes':
      global['published'] = local['shared'];
      return;
    case 'spoil':
  }
}

/** The violation of a plugin; `spoilt` counts up when somebody changed it afterwards. */
export function violationOf(pluginName: string, spoilt: number): Plain {
  return { reason: 'no', description: 'not allowed', code: 'NO', details: { spoilt }, pluginName };
}

function metadataOf(kind: 'none' | 'own' | 'decision' | 'draft', name: string, notes: Plain): Plain {
  switch (kind) {
    case 'none':
      return {};
    case 'own':
      return { last: { name }, [name]: true };
    case 'decision':
      return { last: { name } };
    case 'draft':
      return { notes: structuredClone(notes['shared']) };
  }
}

function replace(target: Plain, source: Plain): void {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, source);
}

function isRecord(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDenied(result: unknown): boolean {
  return isRecord(result) && result['granted'] === false;
}
