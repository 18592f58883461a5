import type { PluginModeName } from '../../config/sections/plugin-modes.js';
import { isRecord } from '../../json/records.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import type { HandlerResult, PluginDefinition } from '../../plugins/plugin.js';
import type { PluginContext } from '../../plugins/plugin-context.js';
import { pluginModes } from '../../plugins/plugin-mode.js';
import type { Clock } from '../../time/clock.js';
import type { PluginAnswer } from './acts.js';
import type { CallLedger } from './call-ledger.js';
import type { Journal } from './journal.js';
import type { SimulatedCall } from './simulated-call.js';

export interface SimulatedPluginOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly ledger: CallLedger;
  /** The mode that the plugin has now; undefined where it changed a moment ago, and calls under way may have either. */
  readonly modeOf: (name: string, call: SimulatedCall | undefined) => PluginModeName | undefined;
  /** What is to be done with a hook that is run without a call, by the id of its request. */
  readonly scriptOf: (requestId: string) => PluginAnswer | undefined;
}

type Phase = 'before' | 'after';

/** A plugin that does what a script says, and tells the ledger what it did. */
export function simulatedPlugin(options: SimulatedPluginOptions): PluginDefinition {
  const run = (hook: string, phase: Phase, payload: object, context: PluginContext): Answer =>
    new SimulatedRun(options, hook, phase, payload, context).answer();
  return definePlugin({
    hooks: {
      tool_pre_invoke: (payload, context) => run('tool_pre_invoke', 'before', payload, context),
      tool_post_invoke: (payload, context) => run('tool_post_invoke', 'after', payload, context),
      prompt_pre_fetch: (payload, context) => run('prompt_pre_fetch', 'before', payload, context),
      resource_pre_fetch: (payload, context) => run('resource_pre_fetch', 'before', payload, context),
    },
  });
}

// What a scripted plugin answers may be anything: what cannot be read is one of the things that plugins answer.
type Answer = HandlerResult<never> | Promise<HandlerResult<never>>;

class SimulatedRun {
  readonly #options: SimulatedPluginOptions;
  readonly #phase: Phase;
  readonly #payload: object;
  readonly #context: PluginContext;
  readonly #call: SimulatedCall | undefined;
  readonly #script: PluginAnswer;
  readonly #mode: PluginModeName | undefined;

  constructor(options: SimulatedPluginOptions, hook: string, phase: Phase, payload: object, context: PluginContext) {
    const { name, journal, ledger, scriptOf, modeOf } = options;
    this.#options = options;
    this.#phase = phase;
    this.#payload = payload;
    this.#context = context;
    this.#call = hook.startsWith('tool_') ? ledger.ofHook(payload, context.globalContext.requestId) : undefined;
    this.#mode = modeOf(name, this.#call);
    const scripted = this.#call?.plugins[name]?.[phase] ?? scriptOf(context.globalContext.requestId);
    this.#script = this.#isRetried ? passes : (scripted ?? passes);
    journal.step(`${name} ${hook} ${this.#call?.id ?? ''} ${this.#script.kind}`);
  }

  answer(): Answer {
    const { clock } = this.#options;
    const { afterMs } = this.#script;
    if (this.#script.kind === 'hangs') return new Promise(() => {});
    if (afterMs === undefined) return this.#answered();
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        try {
          resolve(this.#answered());
        } catch (error) {
          reject(error);
        }
      }, afterMs);
      // Like a plugin that is well behaved: nobody waits any more.
      this.#context.signal.addEventListener('abort', () => {
        clock.clearTimeout(timer);
        reject(this.#context.signal.reason);
      });
    });
  }

  /** Of a call that is made again, the second answer passes: else it would go on for ever. */
  get #isRetried(): boolean {
    return this.#phase === 'after' && (this.#call?.retries ?? 0) > 0;
  }

  #answered(): HandlerResult<never> {
    const { name } = this.#options;
    switch (this.#script.kind) {
      case 'modifies':
        return this.#modified();
      case 'blocks':
        this.#noteBlock();
        return { continueProcessing: false, violation: violation(name) };
      case 'throws':
        throw new Error(`${name} threw as it was told`);
      case 'throwsViolation':
        throw Object.assign(new Error('no'), { code: 'PLUGIN_VIOLATION', violation: violation(name) });
      case 'garbage':
        return garbage[(this.#script.form ?? 0) % garbage.length] as HandlerResult<never>;
      case 'retries':
        if (this.#phase === 'after' && this.#call !== undefined) {
          this.#call.retries++;
          return { retryDelayMs: 5 };
        }
        return undefined;
      case 'passes':
      case 'hangs':
        return undefined;
    }
  }

  #noteBlock(): void {
    const { name } = this.#options;
    if (this.#call === undefined || this.#mode === undefined || !pluginModes[this.#mode].mayBlock) return;
    if (this.#phase === 'before') this.#call.blockedBefore ??= name;
    else this.#call.blockedAfter ??= name;
  }

  #modified(): HandlerResult<never> {
    const { name } = this.#options;
    const may = this.#mode === undefined ? undefined : pluginModes[this.#mode].mayModify;
    const note = (): void => {
      if (may === false) return;
      const changes = this.#phase === 'before' ? this.#call?.changedBefore : this.#call?.changedAfter;
      changes?.set(name, may === true);
    };
    if ('args' in this.#payload && isRecord(this.#payload.args)) {
      note();
      return changed({ ...this.#payload, args: { ...this.#payload.args, [name]: true } });
    }
    if (!('result' in this.#payload) || !isRecord(this.#payload.result)) return undefined;
    const { structuredContent } = this.#payload.result;
    if (!isRecord(structuredContent)) return undefined;
    note();
    const result = { ...this.#payload.result, structuredContent: { ...structuredContent, [name]: true } };
    return changed({ ...this.#payload, result });
  }
}

const passes: PluginAnswer = { kind: 'passes' };

function changed(payload: object): HandlerResult<never> {
  return { modifiedPayload: payload as never };
}

function violation(name: string): { reason: string; description: string; code: string } {
  return { reason: 'Blocked', description: `by ${name}, as it was told`, code: 'SIMULATED' };
}

/** What is no answer of a plugin. */
const garbage: readonly unknown[] = [
  42,
  'yes',
  [],
  { continueProcessing: 'yes' },
  { continueProcessing: null },
  { modifiedPayload: 5 },
  { violation: 'no' },
  { metadata: 1 },
];
