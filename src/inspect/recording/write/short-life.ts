import type { AnyStateMachine, EventObject } from 'xstate';
import type { ProgrammedActor } from '../../../actors/programmed-actor.js';
import { encodeValue } from '../recorded-value.js';
import type { EventLine } from '../recording-format.js';
import type { Life, LineTaker } from './lives.js';
import type { PathNode } from './path-node.js';

type AnyProgrammedActor = ProgrammedActor<string, unknown, EventObject>;

/** Microseconds that are told: a chain of twenty plugins that do nothing takes ten. */
const resolution = 50;

/**
 * An actor that lives shortly: its events are a way that others have gone before it. There are many and each is soon over,
 * so that one object serves for one after the other.
 */
export class ShortLife implements Life {
  n = 0;
  actor!: AnyProgrammedActor;
  machine!: AnyStateMachine;
  index = -1;
  readonly #taker: LineTaker;
  #node: PathNode;
  /** Of the event that is being taken. */
  #s = 0;
  #t = 0;
  #enteredAt = Number.NaN;
  /** Events that are kept back, and the number and the time of the first one. */
  #count = 0;
  #firstS = 0;
  #firstT = 0;
  #lastS = 0;
  /** Which event it was when time had passed that is worth telling, and how much since what was told before. */
  readonly #times: number[] = [];
  #toldT = 0;
  /** Which event does not follow the one before by 1, and by how much; undefined while each does. */
  #steps: number[] | undefined;
  #start: number | undefined;

  constructor(taker: LineTaker) {
    this.#taker = taker;
    this.#node = taker.paths().root;
  }

  /** Serves for another actor. @param start how it begins; undefined for one that lived already */
  take(n: number, actor: AnyProgrammedActor, machine: AnyStateMachine, start: number | undefined): void {
    this.n = n;
    this.actor = actor;
    this.machine = machine;
    this.#start = start;
    this.#enteredAt = actor.enteredAt;
    this.#clear();
  }

  isOf(taker: LineTaker): boolean {
    return this.#taker === taker;
  }

  get hasEnded(): boolean {
    return this.actor.hasEnded;
  }

  takes(s: number): void {
    this.#s = s;
  }

  took(event: EventObject): void {
    const { state: to, enteredAt } = this.actor;
    // Mostly the time is known already: that of a state with a deadline. Asking a clock costs more than all else here.
    if (enteredAt === this.#enteredAt || Number.isNaN(enteredAt)) this.#t = this.#taker.now();
    else this.#t = this.#taker.timeOf((this.#enteredAt = enteredAt));
    const next = this.#node.next(event, to) ?? this.#taker.paths().find(this.#node, event, to);
    if (next === undefined) return this.#alone(event, to);
    this.#node = next;
    if (this.#count === 0) {
      this.#firstS = this.#s;
      this.#firstT = this.#toldT = this.#t;
    } else {
      const step = this.#s - this.#lastS;
      if (step !== 1) (this.#steps ??= []).push(this.#count, step);
      if (this.#t - this.#toldT >= resolution) this.#tellTime();
    }
    this.#count += 1;
    this.#lastS = this.#s;
  }

  flush(): void {
    if (this.#count === 0) return;
    this.#count -= 1;
    if (this.#t !== this.#toldT) this.#tellTime();
    const begins = this.#begins();
    const times = this.#times.length === 0 ? '' : `,"d":[${this.#times.join()}]`;
    const steps = this.#steps === undefined ? '' : `,"q":[${this.#steps.join()}]`;
    // By hand: this is what is written most, and numbers need no care.
    this.#taker.writeText(
      `{"n":${this.n}${begins},"s":${this.#firstS},"t":${this.#firstT},"p":${this.#node.id}${times}${steps}}\n`,
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
    if (begins !== '') this.#taker.writeText(`{"n":${this.n}${begins},"s":${this.#s},"t":${this.#t},"p":0}\n`);
    const e = encodeValue(event, this.#taker.masking);
    this.#taker.write({ n: this.n, s: this.#s, t: this.#t, e, to } satisfies EventLine);
  }

  /** What its first line says of its beginning. */
  #begins(): string {
    if (this.#start === undefined) return '';
    const begins = `,"i":${this.#start},"k":${this.actor.number}`;
    this.#start = undefined;
    return begins;
  }

  #tellTime(): void {
    this.#times.push(this.#count, this.#t - this.#toldT);
    this.#toldT = this.#t;
  }

  #clear(): void {
    this.#node = this.#taker.paths().root;
    this.#count = 0;
    this.#times.length = 0;
    this.#steps = undefined;
  }
}
