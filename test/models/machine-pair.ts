import { type AnyStateMachine, createActor, type EventObject, type InspectionEvent } from 'xstate';
import { expect } from 'vitest';
import { Supervisor } from '../../src/actors/supervisor.js';
import { type Effects, tableLogic } from '../../src/actors/table-logic.js';
import { silentLogger } from '../../src/observability/logger.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { Deadlines } from '../../src/time/deadlines.js';

/** One thing that is done to both: an event, or milliseconds that pass. */
export type PairStep = EventObject | { readonly ms: number };

interface Running {
  send(event: EventObject): void;
  getSnapshot(): { readonly status: string; readonly value: unknown; readonly context: unknown };
}

/** The same machine twice, interpreted by XState and run from its table, on one clock; neither's effects do anything. */
export class MachinePair {
  readonly #clock = new ManualClock();
  readonly #deadlines = new Deadlines(this.#clock);
  readonly #interpreted: Running;
  readonly #table: Running;
  readonly #effects = { interpreted: new Array<unknown>(), table: new Array<unknown>() };
  readonly #names: readonly string[];

  /** @param names of the actions that are effects; the others are assigns */
  constructor(
    machine: AnyStateMachine,
    names: readonly string[],
    input: unknown,
    inspect: (event: InspectionEvent) => void,
    watched = false,
  ) {
    this.#names = names;
    const interpreted = createActor(machine.provide({ actions: this.#recorded(this.#effects.interpreted) }), {
      input,
      clock: this.#clock,
      inspect,
    });
    const byName = this.#recorded(this.#effects.table);
    const effects = {
      ...Object.fromEntries(
        names.map((name) => [name, (context: unknown, event: EventObject) => byName[name]?.({ context, event })]),
      ),
      crashed: (thrown: unknown) => {
        throw thrown;
      },
    } as Effects<string, unknown, EventObject>;
    const supervisor = new Supervisor('pair', silentLogger);
    if (watched) supervisor.inspect(() => {});
    const table = supervisor.spawn(tableLogic(machine, this.#deadlines), 'table', input, effects);
    this.#interpreted = interpreted;
    this.#table = table;
    interpreted.start();
    table.start();
    this.#compare();
  }

  take(step: PairStep): void {
    if ('ms' in step) {
      this.#clock.advance(step.ms);
    } else if (this.#table.getSnapshot().status === 'active') {
      this.#interpreted.send(step);
      this.#table.send(step);
    }
    this.#compare();
  }

  get status(): string {
    return this.#table.getSnapshot().status;
  }

  /** Names of the effects so far, in order. */
  get effects(): string[] {
    return this.#effects.table.map((entry) => String(Reflect.get(entry as object, 'name')));
  }

  close(): void {
    this.#deadlines.close();
  }

  #recorded(into: unknown[]): Record<string, (args: { context: unknown; event: EventObject }) => void> {
    return Object.fromEntries(
      this.#names.map((name) => [
        name,
        // Effects know their input; the table does not repeat it in the first event.
        ({ context, event }) => void into.push({ name, context, event: { ...event, input: undefined } }),
      ]),
    );
  }

  #compare(): void {
    const [interpreted, table] = [this.#interpreted, this.#table].map((actor) => {
      const { status, value, context } = actor.getSnapshot();
      return { status, value, context };
    });
    expect(table).toEqual(interpreted);
    expect(this.#effects.table).toEqual(this.#effects.interpreted);
  }
}
