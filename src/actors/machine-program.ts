import type { AnyStateMachine, EventObject } from 'xstate';
import type { TakenTransition } from './actor-observer.js';

/** What the effects of a machine do, by name, and what to do when one of them, or a guard, throws: the actor ends. */
export type Effects<Name extends string, Context, Event extends EventObject> = {
  readonly [N in Name]: (context: Context, event: Event) => void;
} & { crashed(error: unknown): void };

/** What a program has of the actor that it runs. */
export interface ProgramActor<Name extends string, Context> {
  /** Place of the state that it is in among those of the program. */
  at: number;
  context: Context;
  /** What was taken of the last event; kept for those who observe. */
  taken: readonly TakenTransition[];
  /** Whether somebody wants to be told of every effect before it is run. */
  readonly isInspected: boolean;
  tellEffect(name: Name): void;
  /** It enters a state that has a deadline: that is reckoned from now on. */
  entered(): void;
  arm(ms: number): void;
  disarm(): void;
  /** It has entered a final state. */
  end(): void;
}

/**
 * A flat machine as straight code. It is generated of the machine's declaration by `npm run docs`, so that the declaration
 * stays the one place that says what happens: to look each state and effect up by its name costs three times what the
 * handling of an event costs (`npm run bench`, chain/20).
 */
export interface MachineProgram<Name extends string, Context, Event extends EventObject> {
  readonly machine: AnyStateMachine;
  readonly states: readonly string[];
  /** Place of the state it begins in. */
  readonly initial: number;
  /** What ends the delay of a state, by its place. */
  readonly expiries: readonly (EventObject | undefined)[];
  contextOf(input: unknown): Context;
  /** Effects are handed over and not a part of the actor, which inspectors see: they hold what nobody is to see. */
  begin(actor: ProgramActor<Name, Context>, event: Event, effects: Effects<Name, Context, Event>): void;
  take(actor: ProgramActor<Name, Context>, event: Event, effects: Effects<Name, Context, Event>): void;
}

/** What guards, delays and assigns are called with. */
interface Arguments<Context, Event> {
  readonly context: Context;
  readonly event: Event;
}

/** What one machine has declared, under the names that its program goes by. Asked for when the program is loaded. */
export class Declared<Context, Event extends EventObject> {
  readonly #machine: AnyStateMachine;

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
  }

  guard(name: string): (args: Arguments<Context, Event>) => boolean {
    return this.#named('guards', name) as (args: Arguments<Context, Event>) => boolean;
  }

  delay(name: string): (args: Arguments<Context, Event>) => number {
    return this.#named('delays', name) as (args: Arguments<Context, Event>) => number;
  }

  /** One field of an assign. */
  field<Field extends keyof Context & string>(
    name: string,
    field: Field,
  ): (args: Arguments<Context, Event>) => Context[Field] {
    const assigned: unknown = Reflect.get(Reflect.get(this.#named('actions', name), 'assignment') as object, field);
    if (typeof assigned === 'function') return assigned as (args: Arguments<Context, Event>) => Context[Field];
    return () => assigned as Context[Field];
  }

  /** What the machine remembers at first. */
  context(): (input: unknown) => Context {
    const declared: unknown = this.#machine.config.context;
    if (typeof declared !== 'function') return () => declared as Context;
    const make = declared as (args: { readonly input: unknown }) => Context;
    return (input) => make({ input });
  }

  #named(kind: 'guards' | 'delays' | 'actions', name: string): object {
    const found: unknown = this.#machine.implementations[kind][name];
    if (typeof found === 'function') return found;
    throw new Error(`the program of ${this.#machine.id} is not up to date: there is no ${name} among its ${kind}`);
  }
}

/** What observers are told where a transition is taken. */
export function takenOf(source: string, eventType: string, place: number): readonly TakenTransition[] {
  return Object.freeze([Object.freeze({ source, eventType, place })]);
}
