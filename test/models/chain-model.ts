import type { Plain } from './chain-acts.js';
import { type Report, runAfterwards } from './chain-background.js';
import { runSideBySide } from './chain-concurrent.js';
import { phases, standingOf } from './chain-rights.js';
import { type Interruption, type LoggedError, Round, type Verdict, type World } from './chain-round.js';
import { type HookName, pluginName, type Scenario, type ScenarioPlugin } from './chain-scenario.js';
import { runInTurn } from './chain-serial.js';
import type { Sight, Step } from './chain-step.js';

export interface Expected {
  readonly outcome: Plain | undefined;
  /** Of the error that the caller gets in its place. */
  readonly code: string | undefined;
  /** In the order they were started. */
  readonly seen: readonly Sight[];
  /** By plugin: which of those in the background is heard first may be in doubt. */
  readonly logged: readonly LoggedError[];
  /** Of those that ran after the answer; empty where there is no answer to tell it by. */
  readonly background: readonly Report[];
}

/** What a chain does, as a loop over its phases: no actors, no promises, no clock. */
export class ChainModel {
  readonly world: World = { state: { shared: { count: 0 } }, notes: new Map(), disabled: new Set() };
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const [position, { noted, mode }] of scenario.plugins.entries())
      if (noted !== undefined && mode !== 'disabled')
        this.world.notes.set(pluginName(position), { shared: { count: noted } });
  }

  /** @param which of each plugin's acts */
  invoke(which: 0 | 1): Expected {
    const expected = this.#run(which);
    return { ...expected, logged: expected.logged.toSorted() };
  }

  #run(which: 0 | 1): Expected {
    const round = this.#round(which);
    const chain = this.#chain(which);
    const inPhase = (phase: string): Step[] => chain.filter(({ standing }) => standing.phase === phase);

    let verdict: Verdict = { kind: 'goes on' };
    for (const phase of phases) {
      if (verdict.kind !== 'goes on' || phase === 'afterwards') break;
      verdict = phase === 'concurrent' ? runSideBySide(round, inPhase(phase)) : runInTurn(round, inPhase(phase));
    }

    const outcome = round.merged.outcome(verdict.kind === 'halted');
    const after = inPhase('afterwards');
    const { seen, logged } = round;
    switch (verdict.kind) {
      case 'failed':
        return { outcome: undefined, code: verdict.code, seen, logged, background: [] };
      case 'denied':
        runAfterwards(round, after, verdict.payload);
        return { outcome: undefined, code: verdict.code, seen, logged, background: [] };
      case 'halted': {
        const background = runAfterwards(round, after, verdict.payload);
        if (verdict.isRaised) return { outcome: undefined, code: 'PLUGIN_VIOLATION', seen, logged, background: [] };
        return { outcome, code: undefined, seen, logged, background };
      }
      case 'goes on':
        return {
          outcome,
          code: undefined,
          seen,
          logged,
          background: runAfterwards(round, after, round.merged.payload),
        };
    }
  }

  #round(which: 0 | 1): Round {
    const { cancelAfter, closeAfter, shutdownTimeoutMs } = this.#scenario;
    const cancelsAt = cancelAfter[which] ?? Infinity;
    const closesAt = (which === 1 ? closeAfter : undefined) ?? Infinity;
    const interruption: Interruption =
      cancelsAt < closesAt ? { at: cancelsAt, code: 'INVOCATION_CANCELLED' } : { at: closesAt, code: 'MANAGER_CLOSED' };
    return new Round(this.#scenario, this.world, interruption, closesAt + shutdownTimeoutMs);
  }

  /** Who takes part: those on the hook that no condition keeps out and that no error has disabled, in their order. */
  #chain(which: 0 | 1): Step[] {
    const { hook, plugins } = this.#scenario;
    return plugins
      .map((plugin, position) => ({ plugin, name: pluginName(position) }))
      .toSorted((a, b) => a.plugin.priority - b.plugin.priority)
      .filter(({ plugin, name }) => matches(plugin, hook) && !this.world.disabled.has(name))
      .map(({ plugin, name }) => ({ name, standing: standingOf(plugin, this.#scenario), act: plugin.acts[which] }));
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
