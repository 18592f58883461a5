import type { GlobalContext } from '../../src/context/global-context.js';
import { PluginContexts } from '../../src/context/plugin-contexts.js';
import { isGatechartError, messageOf } from '../../src/errors.js';
import type { HookOutcome } from '../../src/hooks/hook-outcome.js';
import { type ChainHarness, createChainHarness } from '../../src/testing/chain-harness.js';
import type { Plain } from './chain-acts.js';
import type { Report } from './chain-background.js';
import { payloads, pluginName, type Scenario, timeoutMs } from './chain-scenario.js';
import type { LoggedError } from './chain-round.js';
import type { Sight } from './chain-step.js';
import { plain, ScenarioPlugins } from './scenario-plugins.js';

/** More milliseconds than any chain of a scenario takes, with what runs after its answer. */
const longEnoughMs = 2_000;

export interface Observed {
  readonly outcome: Plain | undefined;
  readonly code: string | undefined;
  readonly seen: readonly Sight[];
  readonly logged: readonly LoggedError[];
  readonly background: readonly Report[];
}

/** Runs a scenario through a real manager. */
export class ScenarioRun {
  readonly context: GlobalContext = {
    requestId: 'request',
    user: 'alice',
    serverId: 'server',
    state: { shared: { count: 0 } },
  };
  readonly #contexts = new PluginContexts();
  /** Plugins by the id that their notes are kept under. */
  readonly #names = new Map<string, string>();

  private constructor(
    readonly scenario: Scenario,
    readonly harness: ChainHarness<[]>,
    readonly plugins: ScenarioPlugins,
  ) {}

  static async of(scenario: Scenario): Promise<ScenarioRun> {
    const { hook, policy } = scenario;
    const plugins = new ScenarioPlugins(scenario, () => harness.clock);
    const harness = await createChainHarness({
      plugins: scenario.plugins.map((plugin, position) => ({
        name: pluginName(position),
        plugin: plugins.definition(pluginName(position), plugin),
        hooks: [hook],
        mode: plugin.mode,
        priority: plugin.priority,
        conditions: plugin.conditions,
        ...(plugin.onError === undefined ? {} : { onError: plugin.onError }),
      })),
      policies: typeof policy === 'string' ? {} : { [hook]: { writable: policy } },
      defaultHookPolicy: typeof policy === 'string' ? policy : 'deny',
      pluginTimeoutMs: timeoutMs,
      failOnPluginError: scenario.failOnPluginError,
      modeDialect: scenario.modeDialect,
      executionPool: scenario.executionPool,
      shutdownTimeoutMs: scenario.shutdownTimeoutMs,
    });
    const run = new ScenarioRun(scenario, harness, plugins);
    await run.#note();
    return run;
  }

  /** Gives plugins the notes that they have beforehand. Their ids are told by the spans of a call that does nothing. */
  async #note(): Promise<void> {
    const { manager, observability } = this.harness;
    for (const [position, { noted }] of this.scenario.plugins.entries()) {
      const name = pluginName(position);
      if (!manager.pluginNames.includes(name)) continue;
      const { hook } = this.scenario;
      await manager.invokeHookForPlugin(name, hook, payloads[hook] as never, { globalContext: { requestId: 'other' } });
      const id = observability.spans.at(-1)?.attributes['plugin.uuid'];
      if (typeof id !== 'string') throw new Error('the span of a plugin does not tell its id');
      this.#names.set(id, name);
      if (noted !== undefined) this.#contexts.obtain('request', id).state['shared'] = { count: noted };
    }
  }

  /** Invokes the hook, and lets time pass until nothing is left to happen. */
  async invoke(which: 0 | 1, payload: Plain): Promise<Observed> {
    const { scenario, harness, plugins } = this;
    const { clock, manager } = harness;
    plugins.begin(which);
    const cancel = new AbortController();
    const cancelAfter = scenario.cancelAfter[which];
    if (cancelAfter !== undefined) clock.setTimeout(() => cancel.abort(new Error('enough')), cancelAfter);
    if (which === 1 && scenario.closeAfter !== undefined)
      clock.setTimeout(() => void manager.close(), scenario.closeAfter);
    const invoked = manager.invokeHook(scenario.hook, payload as never, this.context, {
      contexts: this.#contexts,
      signal: cancel.signal,
      violationsAsExceptions: scenario.violationsAsExceptions,
    });
    let ended: PromiseSettledResult<HookOutcome> | undefined;
    let background: readonly Report[] = [];
    void Promise.allSettled([invoked]).then(async ([result]) => {
      ended = result;
      if (result.status === 'fulfilled') background = await reportsOf(result.value);
    });
    await clock.run(longEnoughMs);
    plugins.spoil();
    const rest = { seen: plugins.takeSeen(), logged: this.#takeLogged(), background };
    if (ended === undefined) return { outcome: undefined, code: 'never settles', ...rest };
    if (ended.status === 'rejected') return { outcome: undefined, code: codeOf(ended.reason), ...rest };
    return { outcome: told(ended.value), code: undefined, ...rest };
  }

  #takeLogged(): LoggedError[] {
    const errors = this.harness.logger.entries.splice(0).filter(({ level }) => level === 'error');
    return errors.map(({ fields }): LoggedError => `${String(fields['plugin'])}: ${codeOf(fields['err'])}`).toSorted();
  }

  /** What plugins have noted, by name; those that noted nothing are left out. */
  get notes(): Plain {
    const entries = this.#contexts.entriesOf('request');
    return withoutEmpty(entries.map(([id, { state }]) => [this.#names.get(id) ?? id, plain(state)]));
  }
}

/** Records by name, but for those in which nothing is. */
export function withoutEmpty(records: Iterable<readonly [name: string, record: unknown]>): Plain {
  return Object.fromEntries([...records].filter(([, record]) => Object.keys(Object(record) as object).length > 0));
}

/** What is compared of an outcome. */
function told(outcome: HookOutcome): Plain {
  const { continueProcessing, decision, modifiedPayload, violation, metadata, httpHeaders, retryDelayMs } = outcome;
  return { continueProcessing, decision, modifiedPayload, violation, metadata, httpHeaders, retryDelayMs };
}

function codeOf(error: unknown): string {
  return isGatechartError(error) ? error.code : messageOf(error);
}

async function reportsOf({ background }: HookOutcome): Promise<Report[]> {
  const reports = await background;
  return reports.map(({ plugin, status, error, durationMs }) => ({ plugin, status, code: error?.code, durationMs }));
}
