import type { AnyStateMachine, EventObject } from 'xstate';
import type { TableActor } from '../../../actors/table-actor.js';
import { encodeValue } from '../recorded-value.js';
import type { EventLine } from '../recording-format.js';
import type { Life, LineTaker } from './lives.js';
import type { PathNode } from './path-node.js';

type AnyTableActor = TableActor<string, unknown, EventObject>;

/**
 * An actor that lives shortly: its events are a way that others have gone before it. There are many and each is soon over,
 * so that one object serves for one after the other.
 */
export class ShortLife implements Life {
  n = 0;
  actor!: AnyTableActor;
  machine!: AnyStateMachine;
  index = -1;
  readonly #taker: LineTaker;
  #node: PathNode;
  /** Of the event that is being taken. */
  #s = 0;
  #t = 0;
  /** Of the first and the last event that are kept back. */
  #isEmpty = true;
  #firstS = 0;
  #firstT = 0;
  #lastS = 0;
  #lastT = 0;
  readonly #times: number[] = [];
  /** Undefined while numbers follow one another. */
  #steps: number[] | undefined;
  #start: number | undefined;

  constructor(taker: LineTaker) {
    this.#taker = taker;
    this.#node = taker.paths.root;
  }

  /** Serves for another actor. @param start how it begins; undefined for one that lived already */
  take(n: number, actor: AnyTableActor, machine: AnyStateMachine, start: number | undefined): void {
    this.n = n;
    this.actor = actor;
    this.machine = machine;
    this.#start = start;
    this.#clear();
  }

  isOf(taker: LineTaker): boolean {
    return this.#taker === taker;
  }

  get hasEnded(): boolean {
    return this.actor.hasEnded;
  }

  takes(s: number, t: number): void {
    this.#s = s;
    this.#t = t;
  }

  took(event: EventObject): void {
    const to = this.actor.state;
    const next = this.#node.next(event, to) ?? this.#taker.paths.find(this.#node, event, to);
    if (next === undefined) return this.#alone(event, to);
    this.#node = next;
    if (this.#isEmpty) {
      this.#isEmpty = false;
      this.#firstS = this.#s;
      this.#firstT = this.#t;
    } else {
      const step = this.#s - this.#lastS;
      if (step !== 1 || this.#steps !== undefined) (this.#steps ??= this.#times.map(() => 1)).push(step);
      this.#times.push(this.#t - this.#lastT);
    }
    this.#lastS = this.#s;
    this.#lastT = this.#t;
  }

  flush(): void {
    if (this.#isEmpty) return;
    const begins = this.#begins();
    const steps = this.#steps === undefined ? '' : `,"q":[${this.#steps.join()}]`;
    // By hand: this is what is written most, and numbers need no care.
    this.#taker.writeText(
      `{"n":${this.n}${begins},"s":${this.#firstS},"t":${this.#firstT},"p":${this.#node.id},"d":[${this.#times.join()}]${steps}}\n`,
    );
    this.#clear();
  }

  begin(): void {
    this.#start = undefined;
    this.#clear();
  }

  #alone(event: EventObject, to: string): void {
    this.flush();
    const begins = this.#begins();
    if (begins !== '') this.#taker.writeText(`{"n":${this.n}${begins},"s":${this.#s},"t":${this.#t},"p":0,"d":[]}\n`);
    const e = encodeValue(event, this.#taker.masking);
    this.#taker.write({ n: this.n, s: this.#s, t: this.#t, e, to } satisfies EventLine);
  }

  /** What its first line says of its beginning. */
  #begins(): string {
    if (this.#start === undefined) return '';
    const begins = `,"id":${JSON.stringify(this.actor.id)},"i":${this.#start}`;
    this.#start = undefined;
    return begins;
  }

  #clear(): void {
    this.#node = this.#taker.paths.root;
    this.#isEmpty = true;
    this.#times.length = 0;
    this.#steps = undefined;
  }
}
