import type { ConfigInput } from '../../catalogue/config-input.js';
import { checkOptionNames, invalid } from '../../config/code-options.js';
import type { HookDefinition } from '../../hooks/hook.js';
import type { FaceName } from '../../gateway/gateway-options.js';
import type { PluginKind } from '../../plugins/plugin-loader.js';
import { describeValue } from '../../json/described-value.js';
import type { SimulationAct } from './acts.js';
import { generatedActs } from './act-generator.js';
import { Digest } from './digest.js';
import type { SimulationViolation } from './invariants.js';
import type { SimulationEvent } from './journal.js';
import { ownPlan } from './own-plan.js';
import { shrunkActs } from './shrink.js';
import type { RecorderOf, RunResult, SimulationCheck } from './simulation-run.js';
import type { WorldPlan } from './world-plan.js';
import type { ServersInput } from '../../downstream/servers-file/servers-input.js';
import type { RulesInput } from '../../gateway/rules/rules-input.js';

/** What is simulated, and for how long. Everything may be left out: what is not given is made up from the seed. */
export interface SimulateOptions {
  /** A plugin configuration: path or `file:` URL of a YAML file, or an object with the same keys. Its plugins really run. */
  readonly config?: string | URL | ConfigInput;
  /** Plugins in code, by the `kind` that the configuration names them with. */
  readonly kinds?: Readonly<Record<string, PluginKind>>;
  /** Hooks of your own, made with `defineHook`. */
  readonly hooks?: readonly HookDefinition[];
  /** A servers file, or an object with the same keys. Scripted servers stand in for the servers. */
  readonly servers?: string | URL | ServersInput;
  /** A rules file, or an object with the same keys. */
  readonly rules?: string | URL | RulesInput;
  /** Default `on-demand`; of worlds that are made up, the seed decides. */
  readonly face?: FaceName;
  /** File with approved tools: scripted servers have the tools that it names. Default: gatechart.lock in the working directory. */
  readonly lockFile?: string;
  /** Of the first world. Default 1. */
  readonly seed?: number;
  /** How many worlds: of this seed and those after it. Default 1. */
  readonly seeds?: number;
  /** Steps of each world, about; it is brought to its end after them. Default 10,000. */
  readonly steps?: number;
  /** Indexes of the acts that happen, where not all are to, in any order: what a failure names. At least one, and one seed only. */
  readonly acts?: readonly number[];
  /** Checks of your own, made after every step. */
  readonly invariants?: readonly SimulationCheck[];
  /** Where variables in files are looked up. Default: the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Runs that looking for a shorter sequence may take. Default 400. */
  readonly shrinkRuns?: number;
  /** Makes what writes down the shortest failing sequence, on the clock of its world: `createRecorder` of `gatechart/inspect`. */
  readonly recorderOf?: RecorderOf;
  /** Told after each world. */
  readonly progress?: (run: { readonly seed: number; readonly steps: number }) => void;
}

/** The shortest sequence that was found, and what happens in it. */
export interface SimulationFailure {
  readonly seed: number;
  readonly violation: SimulationViolation;
  /** The acts in their order, with their indexes: these alone, under the same seed, bring the violation about. */
  readonly acts: readonly { readonly index: number; readonly act: SimulationAct }[];
  /** How many acts there were before some were left out, and how many runs that took. */
  readonly actsBefore: number;
  readonly runs: number;
  /** All that happens when these acts happen. */
  readonly events: readonly SimulationEvent[];
}

/** What came of a simulation. */
export interface SimulationReport {
  /** Worlds that came to their end, or to the failure. */
  readonly seeds: number;
  /** Steps of all of them. */
  readonly steps: number;
  /** The same for the same simulation, in any process. */
  readonly digest: string;
  /** Undefined where every promise was kept. */
  readonly failure: SimulationFailure | undefined;
}

const optionNames: Readonly<Record<keyof SimulateOptions, true>> = {
  config: true,
  kinds: true,
  hooks: true,
  servers: true,
  rules: true,
  face: true,
  lockFile: true,
  seed: true,
  seeds: true,
  steps: true,
  acts: true,
  invariants: true,
  env: true,
  shrinkRuns: true,
  recorderOf: true,
  progress: true,
};

/**
 * Lets a whole gateway happen in a made-up world, on a clock of its own: scripted servers that die, hang and answer garbage,
 * networks that split, clocks that jump, files that change, clients that come and go. After every step it is looked at
 * whether what the library promises is kept; the first violation ends it, and is made as short as can be.
 *
 * ```ts
 * const report = await simulate({ config: 'plugins.yaml', servers: '.mcp.json', seed: 7, steps: 100_000 });
 * expect(report.failure).toBeUndefined();
 * ```
 *
 * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID; GatechartError CONFIG_INVALID for options, and what `createManager` throws
 */
export async function simulate(options: SimulateOptions = {}): Promise<SimulationReport> {
  checkOptionNames(options, Object.keys(optionNames), 'simulate');
  const { seed = 1, seeds = 1, steps = 10_000, shrinkRuns = 400, invariants = [], acts, env = process.env } = options;
  for (const [name, value, least] of [
    ['seed', seed, 0],
    ['seeds', seeds, 1],
    ['steps', steps, 1],
    ['shrinkRuns', shrinkRuns, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least)
      throw invalid(
        `option ${name} of simulate is ${typeof value === 'number' ? value : describeValue(value)}, expected an integer, ${least} or more`,
      );
  }
  if (acts !== undefined && seeds !== 1) throw invalid('simulate was given acts and several seeds; acts belong to one');
  const only = acts === undefined ? undefined : actsInOrder(acts);
  // Tests that simulate nothing need not load a gateway and its servers.
  const { runSimulation } = await import('./simulation-run.js');
  const planOf = await ownPlan({ ...options, env });
  const digest = new Digest();
  let total = 0;
  for (let count = 0; count < seeds; count++) {
    const current = seed + count;
    const plan = planOf(current);
    const limit = only === undefined ? { steps } : { steps: Number.POSITIVE_INFINITY, only };
    const run = await runSimulation({ plan, seed: current, checks: invariants, ...limit });
    total += run.steps;
    digest.add(run.digest);
    options.progress?.({ seed: current, steps: run.steps });
    if (run.violation === undefined) continue;
    const failure = await shortest(run, {
      plan,
      checks: invariants,
      mostRuns: only === undefined ? shrinkRuns : 0,
      recorderOf: options.recorderOf,
    });
    return { seeds: count + 1, steps: total, digest: digest.text, failure };
  }
  return { seeds, steps: total, digest: digest.text, failure: undefined };
}

/** A world without any act would be waited for without end, and one with an act that is none would pass for another. */
function actsInOrder(acts: readonly number[]): readonly number[] {
  if (!Array.isArray(acts) || acts.length === 0)
    throw invalid(
      `option acts of simulate is ${Array.isArray(acts) ? 'empty' : describeValue(acts)}, expected a list of at least one index`,
    );
  const wrong = acts.find((index) => !Number.isSafeInteger(index) || index < 0);
  if (wrong !== undefined)
    throw invalid(
      `option acts of simulate has ${typeof wrong === 'number' ? wrong : describeValue(wrong)}, expected integers, 0 or more`,
    );
  return [...new Set(acts)].toSorted((one, other) => one - other);
}

interface Shrinking {
  readonly plan: WorldPlan;
  readonly checks: readonly SimulationCheck[];
  readonly mostRuns: number;
  readonly recorderOf: RecorderOf | undefined;
}

/** Another run of fewer acts that breaks the same promise. */
async function shortest(run: RunResult, { plan, checks, mostRuns, recorderOf }: Shrinking): Promise<SimulationFailure> {
  const { runSimulation } = await import('./simulation-run.js');
  const { seed, violation } = run;
  const again = (only: readonly number[], last: boolean): Promise<RunResult> =>
    runSimulation({
      plan,
      seed,
      checks,
      only,
      steps: Number.POSITIVE_INFINITY,
      keeps: last,
      ...(last && { recorderOf }),
    });
  const failsSo = async (only: readonly number[]): Promise<boolean> =>
    (await again(only, false)).violation?.invariant === violation?.invariant;
  const { acts, runs } = await shrunkActs(run.acts, failsSo, { mostRuns });
  const told = await again(acts, true);
  if (told.violation === undefined)
    throw new Error(`seed ${seed} does not come to the same twice: something in it is left to chance`);
  return {
    seed,
    violation: told.violation,
    acts: actsAt(acts, seed, plan),
    actsBefore: run.acts.length,
    runs,
    events: told.events,
  };
}

function actsAt(indexes: readonly number[], seed: number, plan: WorldPlan): SimulationFailure['acts'] {
  const wanted = new Set(indexes);
  const found: { index: number; act: SimulationAct }[] = [];
  let index = 0;
  for (const act of generatedActs(seed, plan)) {
    if (found.length === wanted.size) break;
    if (wanted.has(index)) found.push({ index, act });
    index++;
  }
  return found;
}
