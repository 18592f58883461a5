import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import {
  createManager,
  definePlugin,
  gatewayPolicies,
  type HookOutcome,
  isGatechartError,
  type PluginManager,
  silentLogger,
  type ToolPreInvokePayload,
} from '../../src/index.js';
import type { Random } from '../../src/time/clock.js';

const acts = ['pass', 'pass', 'pass', 'wait', 'wait', 'block', 'fail', 'late', 'cancel'] as const;
type Act = (typeof acts)[number];

/** What each act has to come to. */
const expected: Readonly<Record<Act, string>> = {
  pass: 'passed',
  wait: 'passed',
  block: 'blocked',
  fail: 'PLUGIN_FAILED',
  late: 'PLUGIN_TIMEOUT',
  cancel: 'INVOCATION_CANCELLED',
};

/** Seconds that plugins may take. */
const timeoutS = 0.2;

const workers = 300;

const hooks = ['tool_pre_invoke'];

/** Keeps state, changes the payload, and does what the call asks for. */
const Acting = definePlugin({
  hooks: {
    async tool_pre_invoke(payload, { state, globalContext, signal }) {
      const { id, act, ms } = payload.args ?? {};
      state['seen'] = [...((state['seen'] as unknown[] | undefined) ?? []), id];
      (globalContext.state ??= {})['last'] = { id, act };
      if (act === 'fail') throw new Error('as it was asked to');
      if (act === 'block') {
        const violation = {
          reason: 'Denied',
          description: `${String(id)} asked for it.`,
          code: 'ASKED',
          details: { id },
        };
        return { continueProcessing: false, violation };
      }
      if (act === 'wait') await setTimeout(Number(ms));
      // Until nobody waits any more.
      if (act === 'late' || act === 'cancel') await once(signal, 'abort');
      return { modifiedPayload: { ...payload, args: { ...payload.args, seen: true } } };
    },
  },
});

/** Says what the one before has left. */
const Telling = definePlugin({
  hooks: { tool_pre_invoke: (_payload, { globalContext }) => ({ metadata: { last: globalContext.state?.['last'] } }) },
});

/** Runs hooks of plugins in this process, hundreds at once, which pass, wait, block, fail, are late and are cancelled. */
export class InProcessLoad {
  readonly problems: string[] = [];
  readonly outcomes = new Map<string, number>();
  readonly #random: Random;
  #manager: PluginManager | undefined;
  #workers: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  #started = 0;
  settled = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  async start(): Promise<void> {
    const manager = await createManager({
      config: {
        plugins: [
          { name: 'Acting', kind: 'Acting', hooks, conditions: [{ tenant_ids: ['acme'] }] },
          { name: 'Telling', kind: 'Telling', hooks, mode: 'transform' },
        ],
        plugin_settings: { plugin_timeout: timeoutS },
      },
      kinds: { Acting, Telling },
      policies: gatewayPolicies,
      logger: silentLogger,
      env: {},
    });
    this.#manager = manager;
    this.#workers = Promise.all(Array.from({ length: workers }, () => this.#work(manager)));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#workers;
    await this.#manager?.close();
    if (this.settled !== this.#started) this.problems.push(`${this.#started} hooks began and ${this.settled} settled`);
  }

  async #work(manager: PluginManager): Promise<void> {
    while (!this.#isStopping) {
      const act = acts[Math.floor(this.#random() * acts.length)] ?? 'pass';
      const id = `in-process-${++this.#started}`;
      const outcome = await this.#call(manager, id, act);
      this.settled++;
      this.outcomes.set(`in-process ${act} ${outcome}`, (this.outcomes.get(`in-process ${act} ${outcome}`) ?? 0) + 1);
      // On a machine that is busy, what waits may be late, and so may who cancels.
      const mayBeLate = act === 'wait' || act === 'cancel';
      const isRight = outcome === expected[act] || (mayBeLate && outcome === 'PLUGIN_TIMEOUT');
      if (!isRight) this.problems.push(`${id} (${act}) came to ${outcome}, expected ${expected[act]}`);
      await setTimeout(this.#random() * 100);
    }
  }

  async #call(manager: PluginManager, id: string, act: Act): Promise<string> {
    const ms = Math.floor(this.#random() * 50);
    const payload = { name: 'act', args: { id, act, ms, text: 'y'.repeat(ms * 40) } };
    const context = { requestId: id, user: 'ada@example.org', tenantId: 'acme' };
    const cancelling = new AbortController();
    try {
      const called = manager.invokeHook('tool_pre_invoke', payload, context, { signal: cancelling.signal });
      if (act === 'cancel') setImmediate(() => cancelling.abort());
      return this.#check(id, await called);
    } catch (error) {
      return isGatechartError(error) ? error.code : `no code: ${String(error)}`;
    }
  }

  #check(id: string, { violation, metadata, modifiedPayload }: HookOutcome<ToolPreInvokePayload>): string {
    const last = metadata['last'] as { id?: unknown } | undefined;
    const given = violation === undefined ? last?.id : violation.details?.['id'];
    if (given !== id) this.problems.push(`${id} got the answer of ${String(given)}`);
    if (violation !== undefined) return 'blocked';
    if (modifiedPayload?.args?.['seen'] !== true) this.problems.push(`${id} passed without what was changed`);
    return 'passed';
  }
}
