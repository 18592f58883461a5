import type { AnyStateMachine } from 'xstate';
import type { Prepared } from '../../../actors/actor-observer.js';
import { isPlainObject } from '../../../json/records.js';
import { machineCatalogue } from '../../charts/catalogue.js';

/** What one actor asked of its surroundings while it decided, until somebody takes it. */
export class AskedValues {
  #asked: Record<string, unknown[]> | undefined;
  #timers: Record<string, number> | undefined;
  #isDeciding = false;

  /** Whatever asks at other times, such as an explanation, decides nothing. What nobody took of the decision before is dropped. */
  while<Result>(decide: () => Result): Result {
    this.#asked = this.#timers = undefined;
    this.#isDeciding = true;
    try {
      return decide();
    } finally {
      this.#isDeciding = false;
    }
  }

  note<Value>(name: string, value: Value): Value {
    if (this.#isDeciding) ((this.#asked ??= {})[name] ??= []).push(value);
    return value;
  }

  noteTimer(name: string, ms: number): number {
    if (this.#isDeciding) (this.#timers ??= {})[name] = ms;
    return ms;
  }

  take(): {
    readonly asked: Record<string, unknown[]> | undefined;
    readonly timers: Record<string, number> | undefined;
  } {
    const taken = { asked: this.#asked, timers: this.#timers };
    this.#asked = this.#timers = undefined;
    return taken;
  }
}

/**
 * The same machine and input, with everything noted that the machine asks for and that is not its own: the functions of its
 * input (clock, randomness), and guards that were provided from outside. Delays are its own, and noted to compare.
 */
export function listenedTo(machine: AnyStateMachine, input: unknown, values: AskedValues): Prepared {
  const { guards, delays } = machine.implementations;
  const declared = machineCatalogue.get(machine.id)?.machine.implementations.guards ?? {};
  const provided = Object.entries(guards).filter(([name, guard]) => declared[name] !== guard);
  const listened = machine.provide({
    guards: Object.fromEntries(
      provided.map(([name, guard]) => [name, (...args: unknown[]) => values.note(name, callOf(guard, args) === true)]),
    ),
    delays: Object.fromEntries(
      Object.entries(delays).map(([name, delay]) => [
        name,
        (...args: unknown[]) =>
          values.noteTimer(name, Number(typeof delay === 'function' ? callOf(delay, args) : delay)),
      ]),
    ),
  });
  const transition = listened.transition.bind(listened);
  const getInitialSnapshot = listened.getInitialSnapshot.bind(listened);
  listened.transition = (...args) => values.while(() => transition(...args));
  listened.getInitialSnapshot = (...args) => values.while(() => getInitialSnapshot(...args));
  return { machine: listened, input: listenedInput(input, values) };
}

function listenedInput(input: unknown, values: AskedValues): unknown {
  if (!isPlainObject(input)) return input;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      typeof value === 'function' ? (...args: unknown[]) => values.note(name, callOf(value, args)) : value,
    ]),
  );
}

function callOf(called: unknown, args: readonly unknown[]): unknown {
  return typeof called === 'function' ? Reflect.apply(called, undefined, [...args]) : undefined;
}
