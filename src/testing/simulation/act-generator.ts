import { pluginModeNames } from '../../config/sections/plugin-modes.js';
import type { PluginAnswer, PluginScript, ServerAnswer, ServerListing, ServerStart, SimulationAct } from './acts.js';
import { Chance } from './chance.js';
import type { WorldPlan } from './world-plan.js';

/** Clients that there may be at a time. */
const mostClients = 5;

/**
 * What happens to a world, act after act, without end. Depends on the seed and the plan alone, and not on what comes of the
 * acts: so that some of them can be left out, and the others stay what they are.
 */
export function* generatedActs(seed: number, plan: WorldPlan): Generator<SimulationAct, never> {
  const chance = new Chance(seed ^ 0x5eed);
  const makes = new ActMaker(chance, plan);
  // Seeds differ in how bad they are: without calm ones, nothing long would ever be seen to its end.
  const trouble = chance.pick([1, 4, 12]);
  const bursts = chance.pick([1, 3]);
  for (;;) {
    const make = chance.weighted<() => SimulationAct>([
      [30 * bursts, () => makes.call(trouble)],
      [40, () => ({ do: 'pass', ms: chance.ms(1_500) })],
      [8, () => ({ do: 'come', client: chance.below(mostClients) })],
      [2, () => ({ do: 'leave', client: chance.below(mostClients) })],
      [4, () => ({ do: 'cancel', call: chance.below(8) })],
      [4, () => makes.probe()],
      [4, () => makes.invoke(trouble)],
      [trouble, () => makes.trouble()],
      [2, () => makes.change()],
    ]);
    yield make();
  }
}

class ActMaker {
  readonly #chance: Chance;
  readonly #plan: WorldPlan;

  constructor(chance: Chance, plan: WorldPlan) {
    this.#chance = chance;
    this.#plan = plan;
  }

  call(trouble: number): SimulationAct {
    const chance = this.#chance;
    const answers: [ServerAnswer, ...ServerAnswer[]] = [this.#answer(trouble)];
    if (chance.percent(50)) answers.push(this.#answer(chance.percent(50) ? trouble : 1));
    return {
      do: 'call',
      client: chance.below(mostClients),
      server: chance.below(this.#plan.servers.length),
      tool: chance.below(8),
      answers,
      plugins: this.#plugins(trouble),
      ...(chance.percent(12) && { cancelAfterMs: chance.ms(500) }),
    };
  }

  probe(): SimulationAct {
    const chance = this.#chance;
    return { do: 'probe', client: chance.below(mostClients), server: this.#server(), tool: chance.below(8) };
  }

  invoke(trouble: number): SimulationAct {
    const chance = this.#chance;
    return {
      do: 'invoke',
      hook: chance.below(3),
      plugins: this.#plugins(trouble),
      ...(chance.percent(10) && { cancelAfterMs: chance.ms(300) }),
    };
  }

  trouble(): SimulationAct {
    const chance = this.#chance;
    const server = this.#server();
    return chance.weighted<() => SimulationAct>([
      [4, () => ({ do: 'start', server, starts: this.#several(() => this.#start()) })],
      [2, () => ({ do: 'listing', server, listings: this.#several(() => this.#listing()) })],
      [2, () => ({ do: 'closing', server, ms: chance.ms(400) })],
      [4, () => ({ do: 'die', server })],
      [3, () => ({ do: 'retire', server })],
      [2, () => ({ do: 'change', server })],
      [1, () => ({ do: 'deafen', server })],
      [4, () => ({ do: 'say', server, what: chance.below(64) })],
      [3, () => ({ do: 'split', server, ms: chance.ms(1_000) })],
      [1, () => ({ do: 'jump', ms: chance.ms(5_000) })],
    ])();
  }

  /** Files change, and people switch plugins. */
  change(): SimulationAct {
    const chance = this.#chance;
    return chance.weighted<() => SimulationAct>([
      [3, () => ({ do: 'reload', what: 'servers', variant: chance.below(4) })],
      [3, () => ({ do: 'reload', what: 'rules', variant: chance.below(4) })],
      [2, () => ({ do: 'reload', what: 'plugins', variant: chance.below(4) })],
      [2, () => ({ do: 'mode', plugin: chance.below(8), mode: chance.pick(pluginModeNames) })],
      [1, () => ({ do: chance.pick(['disable', 'enable']), plugin: chance.below(8) })],
    ])();
  }

  #server(): number {
    return this.#chance.below(this.#plan.servers.length);
  }

  #several<Made>(make: () => Made): Made[] {
    return Array.from({ length: this.#chance.between(1, 4) }, make);
  }

  #answer(trouble: number): ServerAnswer {
    const chance = this.#chance;
    const afterMs = chance.ms(400);
    const calm = {
      afterMs,
      ...(chance.percent(20) && { progress: chance.between(1, 3) }),
      ...(chance.percent(8) && { asks: true }),
    };
    return chance.weighted<ServerAnswer>([
      [30, { kind: 'answers', ...calm }],
      [2, { kind: 'isError', ...calm }],
      [2, { kind: 'answersAsText', ...calm }],
      [trouble / 3, { kind: 'fails', ...calm }],
      [trouble / 3, { kind: 'answersTwice', ...calm }],
      [trouble / 3, { kind: 'answersLate', afterMs: chance.ms(3_000) }],
      [trouble / 3, { kind: 'garbage', afterMs, form: chance.below(16) }],
      [trouble / 3, { kind: 'dies', afterMs }],
      [trouble / 3, { kind: 'hangs' }],
      [trouble / 3, { kind: chance.pick(['notSent', 'sessionLost', 'cutOff', 'refused']) }],
    ]);
  }

  #plugins(trouble: number): PluginScript {
    const chance = this.#chance;
    const scripted = this.#plan.plugins?.scripted ?? [];
    const rows = scripted
      .filter(() => chance.percent(45))
      .map(
        (name) =>
          [
            name,
            {
              ...(chance.percent(70) && { before: this.#plugin(trouble) }),
              ...(chance.percent(50) && { after: this.#plugin(trouble) }),
            },
          ] as const,
      );
    return Object.fromEntries(rows);
  }

  #plugin(trouble: number): PluginAnswer {
    const chance = this.#chance;
    const timing = chance.percent(50) ? {} : { afterMs: chance.ms(100) };
    return chance.weighted<PluginAnswer>([
      [10, { kind: 'passes', ...timing }],
      [10, { kind: 'modifies', ...timing }],
      [4, { kind: 'blocks', ...timing }],
      [1, { kind: 'retries', ...timing }],
      [trouble / 6, { kind: 'throws', ...timing }],
      [trouble / 6, { kind: 'throwsViolation', ...timing }],
      [trouble / 6, { kind: 'hangs' }],
      [trouble / 6, { kind: 'garbage', form: chance.below(16), ...timing }],
    ]);
  }

  #start(): ServerStart {
    const chance = this.#chance;
    const afterMs = chance.ms(300);
    return chance.weighted<ServerStart>([
      [4, { kind: 'starts', afterMs }],
      [2, { kind: 'starts', afterMs, livesMs: chance.ms(600) }],
      [4, { kind: 'refuses', afterMs }],
      [1, { kind: 'isSilent' }],
      [1, { kind: 'diesInHandshake' }],
      [1, { kind: 'garblesHandshake' }],
    ]);
  }

  #listing(): ServerListing {
    const chance = this.#chance;
    const kind = chance.pick(['lists', 'fails', 'garbles', 'hangs'] as const);
    return kind === 'hangs' ? { kind } : { kind, afterMs: chance.ms(300) };
  }
}
