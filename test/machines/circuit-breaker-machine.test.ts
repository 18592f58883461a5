import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { circuitBreakerMachine } from '../../machines/index.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { Circuit } from '../../src/catalogue/circuit-breaker/circuit.js';
import { ActorsOfPlugin } from '../../src/plugins/plugin-actors.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

const settings = {
  errorRate: 0.5,
  windowMs: 10_000,
  minCalls: 4,
  consecutiveFailures: 3,
  cooldownMs: 2_000,
  rememberedCalls: 1_000,
};

type Step =
  | { readonly type: 'begin' }
  /** The answer of the oldest or the youngest call that has none. */
  | { readonly type: 'answer'; readonly which: 'oldest' | 'youngest'; readonly failed: boolean }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'forget' };

interface Call {
  readonly at: number;
  readonly id: string;
}

/** What a circuit breaker is to do, written down once more: everything follows from times. */
class Model {
  answers: { readonly at: number; readonly failed: boolean }[] = [];
  inARow = 0;
  openUntil: number | undefined;
  probing: { readonly id: string; readonly until: number } | undefined;

  /** Time has passed. */
  look(now: number): void {
    if (this.probing === undefined || now < this.probing.until) return;
    this.openUntil = this.probing.until + settings.cooldownMs;
    this.probing = undefined;
  }

  begin(now: number, id: string): 'passes' | 'open' | 'probing' {
    this.look(now);
    if (this.probing !== undefined) return 'probing';
    if (this.openUntil === undefined) return 'passes';
    if (now < this.openUntil) return 'open';
    this.openUntil = undefined;
    this.probing = { id, until: now + settings.cooldownMs };
    return 'passes';
  }

  answer({ at, id }: Call, failed: boolean, now: number): void {
    this.look(now);
    this.answers = this.answers.filter((answer) => answer.at >= now - settings.windowMs);
    this.answers.push({ at, failed });
    this.inARow = failed ? this.inARow + 1 : 0;
    const isProbe = this.probing !== undefined && id === this.probing.id;
    if (this.openUntil !== undefined || (this.probing !== undefined && !isProbe)) return;
    if (isProbe) this.probing = undefined;
    if ((isProbe && failed) || this.trips) this.openUntil = now + settings.cooldownMs;
  }

  get trips(): boolean {
    const failures = this.answers.filter(({ failed }) => failed).length;
    return this.inARow >= 3 || (this.answers.length >= 4 && failures / this.answers.length >= 0.5);
  }
}

class World {
  readonly clock = new ManualClock();
  readonly #system = new Supervisor('plugin actors', new RecordingLogger(), this.clock);
  readonly #actors = new ActorsOfPlugin('Breaker', this.#system);
  readonly #model = new Model();
  readonly #open: Call[] = [];
  readonly circuit: Circuit;
  #calls = 0;

  constructor(coverage: EdgeCoverage) {
    this.#system.inspect(coverage.inspect);
    this.circuit = new Circuit('t', settings, { actors: this.#actors, clock: this.clock });
  }

  take(step: Step): void {
    const now = this.clock.now();
    if (step.type === 'wait') this.clock.advance(step.ms);
    else if (step.type === 'forget') this.circuit.forget();
    else if (step.type === 'begin') {
      const id = String(++this.#calls);
      const passage = this.circuit.pass(id);
      const expected = this.#model.begin(now, id);
      const waitMs = expected === 'open' ? (this.#model.openUntil ?? 0) - now : undefined;
      expect(passage).toEqual(expected === 'passes' ? { passes: true } : { passes: false, waitMs });
      if (passage.passes) this.#open.push({ at: now, id });
    } else {
      const call = step.which === 'oldest' ? this.#open.shift() : this.#open.pop();
      if (call === undefined) return;
      this.circuit.answered(call.id, call.at, step.failed);
      this.#model.answer(call, step.failed, now);
      const { answers } = this.circuit;
      const { failures, calls, consecutiveFailures } = answers;
      expect({ failures, calls, consecutiveFailures }).toEqual({
        failures: this.#model.answers.filter(({ failed }) => failed).length,
        calls: this.#model.answers.length,
        consecutiveFailures: this.#model.inARow,
      });
    }
  }

  end(): void {
    this.#actors.end();
    expect(this.#system.size).toBe(0);
    expect(this.clock.size).toBe(0);
    this.#system.stop();
  }
}

const fails: Step[] = [{ type: 'begin' }, { type: 'answer', which: 'oldest', failed: true }];
const works: Step[] = [{ type: 'begin' }, { type: 'answer', which: 'oldest', failed: false }];
const cools: Step = { type: 'wait', ms: settings.cooldownMs };
/** As long as failures are remembered. */
const rests: Step = { type: 'wait', ms: settings.windowMs + 1 };
const opens = [...fails, ...fails, ...fails];

/** What reaches each edge, as the world would. */
const scenarios: Readonly<Record<string, readonly Step[]>> = {
  'a tool fails, rests and works again': [...opens, { type: 'begin' }, rests, ...works, ...works, ...works],
  'a probe fails': [...opens, cools, ...fails, { type: 'begin' }],
  'a probe is not answered': [...opens, cools, { type: 'begin' }, { type: 'begin' }, cools, { type: 'begin' }, cools],
  'a probe works, of a tool that has failed too often': [...works, ...opens, cools, ...works, { type: 'begin' }],
  'it is forgotten': [...works, { type: 'forget' }],
};

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>({ type: 'begin' }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('answer' as const),
        which: fc.constantFrom('oldest' as const, 'youngest' as const),
        failed: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 700, 1_999, 2_000, 9_000) }),
    },
  ),
  { maxLength: 60 },
);

test('a circuit breaker lets pass what times and answers say, whatever comes when', () => {
  const coverage = new EdgeCoverage(circuitBreakerMachine);
  const run = (list: readonly Step[]): void => {
    const world = new World(coverage);
    for (const step of list) world.take(step);
    world.end();
  };
  Object.values(scenarios).forEach(run);
  expect(coverage.missing).toEqual([]);
  fc.assert(fc.property(steps, run), { numRuns: 500 });
});
