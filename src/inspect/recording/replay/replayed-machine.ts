import { type AnyMachineSnapshot, type AnyStateMachine, createActor, type EventObject } from 'xstate';
import { dotted } from '../../../connection/connection-states.js';
import { messageOf } from '../../../errors.js';
import { isPlainObject } from '../../../json/records.js';
import { chartOf } from '../../charts/chart.js';
import { decodeValue } from '../recorded-value.js';
import type { RecordedStep } from '../read/recording.js';

/** What came of one event. */
export interface Replayed {
  readonly snapshot: AnyMachineSnapshot;
  /** Nested states with dots. */
  readonly state: string;
  /** Guards that were asked, and what they said. */
  readonly guards: Readonly<Record<string, boolean>>;
  /** Actions that were to be carried out, by name. */
  readonly did: readonly string[];
  /** Timers that were armed, in milliseconds. */
  readonly timers: Readonly<Record<string, number>>;
  /** It threw, as an actor would that ends with an error. */
  readonly error: Error | undefined;
}

/**
 * A machine that decides once more, without doing anything: nothing that it names is carried out, and what it asks of its
 * surroundings is answered as it was then.
 */
export class ReplayedMachine {
  readonly machine: AnyStateMachine;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #scope: Parameters<AnyStateMachine['transition']>[2];
  #asked: Map<string, unknown[]> = new Map();
  #nowMs = 0;
  #guards: Record<string, boolean> = {};
  #timers: Record<string, number> = {};
  #did: string[] = [];

  constructor(declared: AnyStateMachine) {
    const { guards, delays } = declared.implementations;
    this.machine = declared.provide({
      guards: Object.fromEntries(Object.entries(guards).map(([name, guard]) => [name, this.#guard(name, guard)])),
      delays: Object.fromEntries(Object.entries(delays).map(([name, delay]) => [name, this.#delay(name, delay)])),
    });
    this.#labels = new Map(chartOf(declared).transitions.map(({ event, label }) => [event, label]));
    const self = createActor(this.machine);
    this.#scope = {
      self,
      system: self.system,
      id: '',
      sessionId: '',
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: ({ type }) => {
        if (!type.startsWith('xstate.')) this.#did.push(type);
      },
    };
  }

  /** The event in words, as the charts have it. */
  labelOf(type: string): string {
    if (type === 'xstate.init') return 'starts';
    if (type === 'xstate.stop') return 'is stopped';
    return this.#labels.get(type) ?? type;
  }

  /** @param nowMs what the clock of the host said, for whoever asks and was not heard asking then */
  start(input: unknown, step: RecordedStep, nowMs: number): Replayed {
    return this.#decide(step, nowMs, undefined, () =>
      this.machine.getInitialSnapshot(this.#scope, this.#decoded(input)),
    );
  }

  next({ snapshot }: Pick<Replayed, 'snapshot'>, step: RecordedStep, nowMs: number): Replayed {
    return this.#decide(step, nowMs, snapshot, () => this.machine.transition(snapshot, step.event, this.#scope));
  }

  /** As it was found. @throws Error where this machine has no such state */
  at(value: unknown, context: unknown): Replayed {
    return this.#still(this.machine.resolveState({ value: stateValueOf(value), context: this.#decoded(context) }));
  }

  /**
   * In another state than it came to, and remembering what it remembered there.
   *
   * @throws Error where this machine has no such state
   */
  moved(context: unknown, { to, changes }: RecordedStep): Replayed {
    const remembered = { ...Object(context ?? {}), ...Object(this.#decoded(changes ?? {})) };
    return this.#still(this.machine.resolveState({ value: valueOfPath(to), context: remembered }));
  }

  #decide(
    step: RecordedStep,
    nowMs: number,
    before: AnyMachineSnapshot | undefined,
    decide: () => AnyMachineSnapshot,
  ): Replayed {
    this.#asked = new Map(Object.entries(step.asked ?? {}).map(([name, values]) => [name, [...values]]));
    this.#nowMs = nowMs;
    this.#guards = {};
    this.#timers = {};
    this.#did = [];
    try {
      return this.#replayed(decide(), undefined);
    } catch (error) {
      if (before === undefined) throw error;
      return this.#replayed(before, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #replayed(snapshot: AnyMachineSnapshot, error: Error | undefined): Replayed {
    const { error: thrown = error } = snapshot;
    return {
      snapshot,
      state: dotted(snapshot.value),
      guards: this.#guards,
      did: this.#did,
      timers: this.#timers,
      error: thrown === undefined ? undefined : thrown instanceof Error ? thrown : new Error(messageOf(thrown)),
    };
  }

  #still(snapshot: AnyMachineSnapshot): Replayed {
    return { snapshot, state: dotted(snapshot.value), guards: {}, did: [], timers: {}, error: undefined };
  }

  #decoded(value: unknown): unknown {
    return decodeValue(value, (name) => () => this.#answer(name, () => (name === 'now' ? this.#nowMs : undefined)));
  }

  #answer(name: string, otherwise: () => unknown): unknown {
    const answers = this.#asked.get(name);
    return answers === undefined || answers.length === 0 ? otherwise() : answers.shift();
  }

  #guard(name: string, guard: unknown): (...args: unknown[]) => boolean {
    return (...args) => {
      const holds = this.#answer(name, () => called(guard, args)) === true;
      this.#guards[name] = holds;
      return holds;
    };
  }

  #delay(name: string, delay: unknown): (...args: unknown[]) => number {
    return (...args) => {
      const ms = Number(typeof delay === 'function' ? called(delay, args) : delay);
      if (Number.isFinite(ms)) this.#timers[name] = ms;
      return ms;
    };
  }
}

/** The name of the delay that an event tells the end of; undefined for other events. */
export function timerOf({ type }: EventObject): string | undefined {
  return /^xstate\.after\.([^.]+)\./.exec(type)?.[1];
}

function called(called: unknown, args: readonly unknown[]): unknown {
  return typeof called === 'function' ? Reflect.apply(called, undefined, [...args]) : undefined;
}

type StateValue = string | { [state: string]: StateValue };

function stateValueOf(value: unknown): StateValue {
  if (typeof value === 'string') return value;
  if (!isPlainObject(value)) throw new Error('expected the value of a state, found something else');
  return Object.fromEntries(Object.entries(value).map(([state, inner]) => [state, stateValueOf(inner)]));
}

function valueOfPath(path: string): StateValue {
  const [first = '', ...rest] = path.split('.');
  return rest.length === 0 ? first : { [first]: valueOfPath(rest.join('.')) };
}
