import type { ActorRecorder } from '../../actors/actor-recorder.js';
import type { Clock } from '../../time/clock.js';
import { generatedActs } from './act-generator.js';
import type { SimulationAct } from './acts.js';
import type { SimulationEvent } from './journal.js';
import type { SimulationViolation } from './invariants.js';
import { SimulationWorld } from './simulation-world.js';
import type { WorldPlan } from './world-plan.js';
import { WorldActs } from './world-acts.js';

/** A check of one's own, made after every step. */
export interface SimulationCheck {
  readonly name: string;
  /** What is wrong, in words; undefined where nothing is. */
  readonly check: (view: SimulationView) => string | undefined;
}

/** What checks of one's own see of a world. */
export interface SimulationView {
  /** Milliseconds since the world began. */
  readonly nowMs: number;
  readonly steps: number;
  /** Ids of the calls that are open. */
  readonly openCalls: readonly string[];
  /** Links to a server that are opening, open or not gone yet. */
  readonly linksOf: (server: string) => number;
}

export interface RunOptions {
  readonly plan: WorldPlan;
  readonly seed: number;
  /** Steps after which the world comes to its end. */
  readonly steps: number;
  readonly checks?: readonly SimulationCheck[];
  /** Indexes of the acts that happen, in ascending order; undefined: all. */
  readonly only?: readonly number[];
  /** Whether what happens is kept. Default false. */
  readonly keeps?: boolean;
  /** Makes what writes down what the actors do. */
  readonly recorderOf?: RecorderOf | undefined;
}

/** What came of one run. */
export interface RunResult {
  readonly seed: number;
  readonly steps: number;
  /** The same for the same run. */
  readonly digest: string;
  readonly violation: SimulationViolation | undefined;
  /** Indexes of the acts that happened. */
  readonly acts: readonly number[];
  readonly events: readonly SimulationEvent[];
}

/** Milliseconds after which connections have rested, whatever came before. */
const longestRestMs = 60_000;

/** Makes a recorder on the clock of a world. */
export type RecorderOf = (clock: Clock) => ActorRecorder;

/** Timers that may fire without time passing: more is a loop. */
const mostAtOnce = 10_000;

/** Milliseconds of the world that its end may take. */
const longestEndMs = 600_000;

/** Lets a world happen, from its start to its end. @throws ConfigError, GatechartError for what it was given */
export async function runSimulation(options: RunOptions): Promise<RunResult> {
  return new SimulationRun(options).run();
}

class SimulationRun {
  readonly #options: RunOptions;
  readonly #world: SimulationWorld;
  readonly #acts: WorldActs;
  readonly #happened: number[] = [];
  #fired = 0;

  constructor(options: RunOptions) {
    const { plan, seed, keeps = false, recorderOf } = options;
    this.#options = options;
    // Half of the worlds are watched.
    this.#world = new SimulationWorld({ plan, seed, keeps, watches: seed % 4 > 1, recorderOf });
    this.#acts = new WorldActs(this.#world);
  }

  async run(): Promise<RunResult> {
    const { seed } = this.#options;
    const { journal } = this.#world;
    await this.#world.start();
    await settled();
    await this.#actAll();
    if (journal.violation === undefined) await this.#end();
    const { violation, steps, digest, events } = journal;
    if (violation !== undefined) await this.#abandon();
    return { seed, steps, digest, violation, acts: this.#happened, events };
  }

  async #actAll(): Promise<void> {
    const { plan, seed, steps, only } = this.#options;
    const { journal } = this.#world;
    const wanted = only === undefined ? undefined : new Set(only);
    const last = only?.at(-1) ?? Number.POSITIVE_INFINITY;
    let index = 0;
    for (const act of generatedActs(seed, plan)) {
      if (index > last || journal.steps >= steps || journal.violation !== undefined) return;
      if (wanted?.has(index) !== false) {
        this.#happened.push(index);
        await this.#act(act, index);
      }
      index++;
    }
  }

  async #act(act: SimulationAct, index: number): Promise<void> {
    const { clock, journal } = this.#world;
    journal.step(`act ${index} ${act.do}`);
    if (act.do === 'pass') return this.#pass(clock.now() + act.ms);
    this.#acts.perform(act, index);
    return this.#look();
  }

  async #pass(end: number): Promise<void> {
    const { clock, journal, ledger } = this.#world;
    for (;;) {
      const next = clock.nextAt;
      if (next === undefined || next > end || journal.violation !== undefined) break;
      await this.#fire();
    }
    clock.jumpTo(end);
    ledger.checkTimes();
    this.#checkQueues();
  }

  async #fire(): Promise<void> {
    const { clock, journal } = this.#world;
    const before = clock.now();
    clock.fire();
    journal.step(`timer ${clock.now()}`);
    this.#fired = clock.now() > before ? 0 : this.#fired + 1;
    if (this.#fired > mostAtOnce)
      journal.violate('progress', `${mostAtOnce} timers have fired at ${clock.now()} ms, and time does not go on`);
    await this.#look();
  }

  /** Lets everything happen that follows at once, and looks at what has come of it. */
  async #look(): Promise<void> {
    await settled();
    const { journal, ledger, clock, servers } = this.#world;
    for (const call of this.#acts.clients.settled.splice(0)) {
      const { listeners } = call.signal;
      if (listeners > 0)
        journal.violate('nothing-left', `${listeners} listen to the signal of call ${call.id}, which has settled`);
    }
    const { checks = [] } = this.#options;
    if (checks.length === 0) return;
    const view: SimulationView = {
      nowMs: clock.now(),
      steps: journal.steps,
      openCalls: [...ledger.open.keys()],
      linksOf: (server) => servers.get(server)?.census.living ?? 0,
    };
    for (const { name, check } of checks) {
      const problem = check(view);
      if (problem !== undefined) journal.violateOwn(name, problem);
    }
  }

  #checkQueues(): void {
    const { plan, set, journal } = this.#world;
    const { maxWaiting } = plan.connection;
    if (maxWaiting === undefined) return;
    for (const { name, waiting, sessions } of set.status()) {
      const most = maxWaiting * (1 + sessions);
      if (waiting > most) journal.violate('bounded', `${waiting} calls wait for ${name}, of at most ${most}`);
    }
  }

  async #end(): Promise<void> {
    const { clock, gateway, journal, ledger, pending, servers } = this.#world;
    this.#world.still();
    await this.#look();
    // Every other world is closed while its calls run.
    if (this.#options.seed % 2 === 0) await this.#recover();
    ledger.checkTimes();
    if (journal.violation !== undefined) return;
    this.#world.track('closing', gateway.close());
    await this.#until(() => pending.size === 0 && ledger.open.size === 0);
    for (const { id, owner } of ledger.open.values())
      journal.violate('settles-once', `call ${id} of ${owner} never settles`);
    for (const what of pending.keys()) journal.violate('progress', `the world is closed, and this goes on: ${what}`);
    if (journal.violation !== undefined) return;
    // Of what runs after an answer nobody hears when it ends.
    await this.#until(() => clock.size === 0);
    if (clock.size > 0) journal.violate('nothing-left', `${clock.size} timers run after everything was closed`);
    for (const { name, census } of servers.values())
      if (census.living > 0)
        journal.violate('nothing-left', `${census.living} links to ${name} are left after everything was closed`);
    const { living } = this.#world.actors;
    if (living.length > 0)
      journal.violate('nothing-left', `actors are left after everything was closed: ${living.join(', ')}`);
    if (gateway.calls > 0) journal.violate('nothing-left', `${gateway.calls} calls of the gateway are left`);
  }

  /** Ends what a violation has left as it was: its process is to come to its end. */
  async #abandon(): Promise<void> {
    this.#world.still();
    const { pending } = this.#world;
    this.#world.track('abandoning', this.#world.gateway.close());
    for (let turn = 0; turn < mostAtOnce && pending.has('abandoning'); turn++) {
      await settled();
      this.#world.clock.fire();
    }
  }

  /** Lets everything come to its end, and then sees whether all servers can be called. */
  async #recover(): Promise<void> {
    const { clock, ledger, pending } = this.#world;
    const isQuiet = (): boolean => ledger.open.size === 0 && pending.size === 0;
    await this.#until(isQuiet);
    // By then servers that were left alone may be tried again, and plugins that were switched off are on.
    await this.#pass(clock.now() + longestRestMs);
    for (const isLast of [false, true]) {
      this.#acts.clients.callAll(isLast);
      await this.#until(isQuiet);
      await this.#pass(clock.now() + longestRestMs);
    }
  }

  /** Lets time pass until something holds, or nothing more happens. */
  async #until(holds: () => boolean): Promise<void> {
    const { clock, journal } = this.#world;
    const end = clock.now() + longestEndMs;
    await this.#look();
    while (!holds() && journal.violation === undefined) {
      const next = clock.nextAt;
      if (next === undefined || next > end) return;
      await this.#fire();
    }
  }
}

/** Settles when everything has happened that follows from what has happened, but for what takes time. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
