import type { AnyStateMachine, EventObject, Snapshot } from 'xstate';
import type { ObservedActor } from '../../../actors/actor-observer.js';
import { dotted } from '../../../connection/connection-states.js';
import { encodeValue, type Masking } from '../recorded-value.js';
import type { EventLine, LifeLine } from '../recording-format.js';
import type { AskedValues } from './asked-values.js';
import type { PathNode } from './path-node.js';
import type { PathTable } from './path-table.js';

/** Where the lines of lives go. */
export interface LineTaker {
  readonly masking: Masking;
  readonly paths: PathTable;
  write(line: object): void;
}

/** An actor that is recorded. */
export interface Life {
  readonly n: number;
  readonly actor: ObservedActor;
  readonly machine: AnyStateMachine;
  takes(s: number, t: number): void;
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

  takes(s: number, t: number): void {
    this.#s = s;
    this.#t = t;
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

/** One that lives shortly: its events are a way that others have gone before it. */
export class ShortLife implements Life {
  #node: PathNode;
  /** Of the event that is being taken. */
  #s = 0;
  #t = 0;
  /** Of the first and the last event that are kept back. */
  #first: readonly [s: number, t: number] | undefined;
  #lastS = 0;
  #lastT = 0;
  #times: number[] = [];
  #steps: number[] | undefined;
  #start: number | undefined;

  /** @param start how it begins; undefined for one that lived already */
  constructor(
    readonly n: number,
    readonly actor: ObservedActor,
    readonly machine: AnyStateMachine,
    private readonly taker: LineTaker,
    start: number | undefined,
  ) {
    this.#start = start;
    this.#node = taker.paths.root;
  }

  takes(s: number, t: number): void {
    this.#s = s;
    this.#t = t;
  }

  took(event: EventObject): void {
    const to = stateOf(this.actor.getSnapshot());
    const next = this.#node.next(event, to) ?? this.taker.paths.find(this.#node, event, to);
    if (next === undefined) return this.#alone(event, to);
    this.#node = next;
    if (this.#first === undefined) {
      this.#first = [this.#s, this.#t];
    } else {
      const step = this.#s - this.#lastS;
      if (step !== 1 || this.#steps !== undefined) (this.#steps ??= this.#times.map(() => 1)).push(step);
      this.#times.push(this.#t - this.#lastT);
    }
    this.#lastS = this.#s;
    this.#lastT = this.#t;
  }

  flush(): void {
    if (this.#first === undefined) return;
    const [s, t] = this.#first;
    const { n, taker } = this;
    const begins = this.#start !== undefined && { id: this.actor.id, i: this.#start };
    const q = this.#steps !== undefined && { q: this.#steps };
    taker.write({ n, ...begins, s, t, p: this.#node.id, d: this.#times, ...q } satisfies LifeLine);
    this.#start = undefined;
    this.#clear();
  }

  begin(): void {
    this.#start = undefined;
    this.#clear();
  }

  #alone(event: EventObject, to: string): void {
    this.flush();
    const { n, taker } = this;
    if (this.#start !== undefined) taker.write({ n, id: this.actor.id, i: this.#start, s: this.#s, t: this.#t, p: 0, d: [] });
    this.#start = undefined;
    taker.write({ n, s: this.#s, t: this.#t, e: encodeValue(event, taker.masking), to } satisfies EventLine);
  }

  #clear(): void {
    this.#node = this.taker.paths.root;
    this.#first = undefined;
    this.#times = [];
    this.#steps = undefined;
  }
}

/** Where an actor is, nested states with dots. */
export function stateOf(snapshot: Snapshot<unknown>): string {
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
