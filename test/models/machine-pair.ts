import { type AnyStateMachine, createActor, type EventObject, type InspectionEvent } from 'xstate';
import { expect } from 'vitest';
import { Supervisor } from '../../src/actors/supervisor.js';
import type { Effects, MachineProgram } from '../../src/actors/machine-program.js';
import { programLogic } from '../../src/actors/program-logic.js';
import type { Watching } from '../../src/actors/watchable.js';
import { silentLogger } from '../../src/observability/logger.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { Deadlines } from '../../src/time/deadlines.js';

/** One thing that is done to both: an event, milliseconds that pass, or that somebody comes to watch, or leaves. */
export type PairStep = EventObject | { readonly ms: number } | { readonly watch: 'inspect' | 'observe' | 'leave' };

/** A program, whatever its machine. */
export type AnyProgram = MachineProgram<string, unknown, EventObject>;

interface Running {
  send(event: EventObject): void;
  getSnapshot(): { readonly status: string; readonly value: unknown; readonly context: unknown };
}

/** The same machine twice, interpreted by XState and run by a program, on clocks that go alike; neither's effects do anything. */
export class MachinePair {
  readonly #clock = new ManualClock();
  /** Of the deadlines alone, so that it shows whether one is armed. */
  readonly #deadlineClock = new ManualClock();
  readonly #deadlines = new Deadlines(this.#deadlineClock);
  readonly #interpreted: Running;
  readonly #programmed: Running;
  readonly #effects = { interpreted: new Array<unknown>(), programmed: new Array<unknown>() };
  readonly #supervisor = new Supervisor('pair', silentLogger);
  #watching: Watching[] = [];
  readonly #names: readonly string[];
  readonly #program: AnyProgram;

  /** @param names of the actions that are effects; the others are assigns */
  constructor(
    program: AnyProgram,
    names: readonly string[],
    input: unknown,
    inspect: (event: InspectionEvent) => void,
  ) {
    const machine: AnyStateMachine = program.machine;
    this.#names = names;
    this.#program = program;
    const interpreted = createActor(machine.provide({ actions: this.#recorded(this.#effects.interpreted) }), {
      input,
      clock: this.#clock,
      inspect,
    });
    const byName = this.#recorded(this.#effects.programmed);
    const effects = {
      ...Object.fromEntries(
        names.map((name) => [name, (context: unknown, event: EventObject) => byName[name]?.({ context, event })]),
      ),
      crashed: (thrown: unknown) => {
        throw thrown;
      },
    } as Effects<string, unknown, EventObject>;
    const programmed = this.#supervisor.spawn(programLogic(program, this.#deadlines), 'programmed', input, effects);
    this.#interpreted = interpreted;
    this.#programmed = programmed;
    interpreted.start();
    programmed.start();
    this.#compare();
  }

  take(step: PairStep): void {
    if ('ms' in step) {
      this.#clock.advance(step.ms);
      this.#deadlineClock.advance(step.ms);
    } else if ('watch' in step) {
      this.#watch(step.watch);
    } else if (this.#programmed.getSnapshot().status === 'active') {
      this.#interpreted.send(step);
      this.#programmed.send(step);
    }
    this.#compare();
  }

  get status(): string {
    return this.#programmed.getSnapshot().status;
  }

  /** Names of the effects so far, in order. */
  get effects(): string[] {
    return this.#effects.programmed.map((entry) => String(Reflect.get(entry as object, 'name')));
  }

  #watch(how: 'inspect' | 'observe' | 'leave'): void {
    if (how === 'leave') for (const watching of this.#watching.splice(0)) watching.unsubscribe();
    else if (how === 'inspect') this.#watching.push(this.#supervisor.inspect(() => {}));
    else this.#watching.push(this.#supervisor.observe({ made: () => {}, takes: () => {}, took: () => {} }));
  }

  close(): void {
    this.#deadlines.close();
  }

  #recorded(into: unknown[]): Record<string, (args: { context: unknown; event: EventObject }) => void> {
    return Object.fromEntries(
      this.#names.map((name) => [
        name,
        // Effects know their input; the program does not repeat it in the first event.
        ({ context, event }) => void into.push({ name, context, event: { ...event, input: undefined } }),
      ]),
    );
  }

  #compare(): void {
    const [interpreted, programmed] = [this.#interpreted, this.#programmed].map((actor) => {
      const { status, value, context } = actor.getSnapshot();
      return { status, value, context };
    });
    expect(programmed).toEqual(interpreted);
    const { states, expiries } = this.#program;
    const mayExpire =
      programmed?.status === 'active' && expiries[states.indexOf(String(programmed.value))] !== undefined;
    expect(this.#deadlineClock.holding > 0).toBe(mayExpire);
    expect(this.#effects.programmed).toEqual(this.#effects.interpreted);
  }
}
