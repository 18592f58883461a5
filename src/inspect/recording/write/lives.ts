import type { AnyStateMachine, EventObject, Snapshot } from 'xstate';
import type { ObservedActor } from '../../../actors/actor-observer.js';
import { dotted } from '../../../connection/connection-states.js';
import { encodeValue, type Masking } from '../recorded-value.js';
import type { EventLine } from '../recording-format.js';
import type { AskedValues } from './asked-values.js';
import type { PathTable } from './path-table.js';

/** Where the lines of lives go. */
export interface LineTaker {
  readonly masking: Masking;
  /** The table of the present part. */
  paths(): PathTable;
  write(line: object): void;
  /** Whole microseconds since the recording began; those of a moment on the clock of the host. */
  now(): number;
  timeOf(moment: number): number;
  /** A line that is JSON already. */
  writeText(line: string): void;
}

/** An actor that is recorded. */
export interface Life {
  readonly n: number;
  readonly actor: ObservedActor;
  readonly machine: AnyStateMachine;
  readonly hasEnded: boolean;
  /** Where it stands among those that live. */
  index: number;
  takes(s: number): void;
  took(event: EventObject): void;
  /** Writes what it has kept back. */
  flush(): void;
  /** What it has kept back is lost, or belongs to the part before; it begins anew with its snapshot. */
  begin(): void;
}

/** One that lives long: each event is a line of its own. */
export class LongLife implements Life {
  #s = 0;
  #t = 0;
  #remembered: object;
  index = -1;

  /** @param input what it remembers beforehand */
  constructor(
    readonly n: number,
    readonly actor: ObservedActor,
    readonly machine: AnyStateMachine,
    private readonly taker: LineTaker,
    private readonly values: AskedValues | undefined,
    input: unknown,
  ) {
    this.#remembered = Object(input ?? {}) as object;
  }

  get hasEnded(): boolean {
    return this.actor.getSnapshot().status !== 'active';
  }

  takes(s: number): void {
    this.#s = s;
    this.#t = this.taker.now();
  }

  took(event: EventObject): void {
    const { n, taker } = this;
    const { asked, timers } = this.values?.take() ?? {};
    const snapshot = this.actor.getSnapshot();
    const changes = this.#changes(snapshot);
    const line: EventLine = {
      n,
      s: this.#s,
      t: this.#t,
      // What it begins with is told when it is made.
      e: event.type === 'xstate.init' ? { type: event.type } : encodeValue(event, taker.masking),
      to: stateOf(snapshot),
      ...(changes !== undefined && { c: changes }),
      ...(asked !== undefined && { asked: recordedLists(asked, taker.masking) }),
      ...(timers !== undefined && { timers: finite(timers) }),
    };
    taker.write(line);
  }

  flush(): void {}

  begin(): void {
    this.values?.take();
    this.#changes(this.actor.getSnapshot());
  }

  #changes(snapshot: Snapshot<unknown>): Record<string, unknown> | undefined {
    const now = contextOf(snapshot);
    if (now === this.#remembered) return undefined;
    const before: Readonly<Record<string, unknown>> = { ...this.#remembered };
    this.#remembered = now;
    const changed = Object.entries(now).filter(([name, value]) => !(name in before) || value !== before[name]);
    if (changed.length === 0) return undefined;
    return Object.fromEntries(changed.map(([name, value]) => [name, encodeValue(value, this.taker.masking, name)]));
  }
}

/** Where an actor is, nested states with dots. */
function stateOf(snapshot: Snapshot<unknown>): string {
  return 'value' in snapshot ? dotted(snapshot.value) : '';
}

function contextOf(snapshot: Snapshot<unknown>): object {
  return 'context' in snapshot ? (Object(snapshot.context ?? {}) as object) : {};
}

function recordedLists(asked: Record<string, unknown[]>, masking: Masking): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(asked).map(([name, values]) => [name, values.map((value) => encodeValue(value, masking))]),
  );
}

/** Timers that never run are none. */
function finite(timers: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(timers).filter(([, ms]) => Number.isFinite(ms)));
}
