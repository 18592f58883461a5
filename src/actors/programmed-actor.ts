import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import type { Expires, ExpiryQueue } from '../time/deadlines.js';
import { noTransitions, type TakenTransition } from './actor-observer.js';
import type { Effects, ProgramActor } from './machine-program.js';
import { tellActor, tellEffect, tellEvent, tellSnapshot } from './program-inspection.js';
import type { ActorSystem, ProgramLogic, ProgramSnapshot } from './program-logic.js';

/**
 * An actor that runs a flat machine by the program that is generated of its declaration. Short-lived actors are made of it:
 * XState's own actor class costs 4 µs of CPU more for each, several times what an invocation takes (`npm run bench`, chain/1).
 * It has an actor's identity, mailbox, snapshot and place in a system, and tells inspectors the same events.
 * `test/actors/program-logic.test.ts` holds it to the interpreter: same states, contexts and effects for every sequence of events.
 *
 * It is its own deadline: a flat machine has one at a time. An actor system would scan all its timers whenever an actor stops.
 */
export class ProgrammedActor<Name extends string, Context, Event extends EventObject>
  implements ProgramActor<Name, Context>, Expires
{
  /** @internal */ dueAt = 0;
  /** @internal */ order = 0;
  /** @internal */ placedAt = 0;
  /** @internal */ isMoved = false;
  /** @internal */ queue: ExpiryQueue | undefined = undefined;
  /** @internal */ previous: Expires | undefined = undefined;
  /** @internal */ next: Expires | undefined = undefined;
  readonly logic: ProgramLogic<Name, Context, Event>;
  /** Where its system keeps it. */
  index = -1;
  /** What somebody who observes it keeps of it. Not in a map of theirs, for the reason that {@link FreeList} gives. */
  attached: unknown = undefined;
  /** What it is called, together with others of its kind. */
  readonly name: string;
  /** Its own among those of its system. */
  readonly number: number;
  /** @internal */ at: number;
  /** @internal */ context: Context;
  /** @internal */ taken: readonly TakenTransition[] = noTransitions;
  /** When it entered the last state that has a deadline, in milliseconds on the clock of the deadlines. */
  enteredAt = Number.NaN;
  readonly #system: ActorSystem;
  readonly #effects: Effects<Name, Context, Event>;
  #status: ProgramSnapshot<Context>['status'] = 'active';
  #error: unknown = undefined;
  /** Events that arrived while one was being handled; undefined while none is. */
  #mailbox: Event[] | undefined = undefined;

  constructor(
    logic: ProgramLogic<Name, Context, Event>,
    system: ActorSystem,
    name: string,
    number: number,
    input: unknown,
    effects: Effects<Name, Context, Event>,
  ) {
    this.name = name;
    this.number = number;
    this.logic = logic;
    this.#system = system;
    this.#effects = effects;
    this.at = logic.program.initial;
    this.context = logic.program.contextOf(input);
    if (system.watched > 0) tellActor(system, this);
  }

  /** Whom it works for. */
  get owner(): Effects<Name, Context, Event> {
    return this.#effects;
  }

  // Put together when somebody asks: few do.
  get id(): string {
    return `${this.name}#${this.number}`;
  }

  /** Its own in the process: the number that XState gave its system, and the one that it has there. */
  get sessionId(): string {
    return `${this.#system.root.sessionId}.${this.number}`;
  }

  get src(): AnyStateMachine {
    return this.logic.machine;
  }

  /** Where inspectors look for the parent. */
  get _parent(): AnyActorRef {
    return this.#system.root;
  }

  /** Where it is. */
  get state(): string {
    return this.logic.program.states[this.at] ?? '';
  }

  get hasEnded(): boolean {
    return this.#status !== 'active';
  }

  getSnapshot(): ProgramSnapshot<Context> {
    const { state: value, context } = this;
    if (this.#status === 'error') return { status: 'error', value, context, output: undefined, error: this.#error };
    return { status: this.#status, value, context, output: undefined, error: undefined };
  }

  /** Enters the first state; what its effects send is handled before this returns. */
  start(): void {
    this.#handle(initEvent as Event);
  }

  /** Handles an event, or queues it while another is handled. An actor that has ended hears nothing. */
  send(event: Event): void {
    if (this.#status !== 'active') return;
    if (this.#mailbox === undefined) this.#handle(event);
    else if (this.#mailbox === noMail) this.#mailbox = [event];
    else this.#mailbox.push(event);
  }

  /** Ends the actor without a word to its owner; one that is at work takes the mail first that it has got. */
  stop(): void {
    this.send(stopEvent as Event);
  }

  /** @internal */
  expire(): void {
    const expired = this.logic.program.expiries[this.at];
    if (expired !== undefined) this.send(expired as Event);
  }

  /** @internal */
  get isInspected(): boolean {
    return this.#system.watched > 0;
  }

  /** @internal */
  tellEffect(name: Name): void {
    tellEffect(this.#system, this, name);
  }

  /** @internal */
  entered(): void {
    this.enteredAt = this.logic.deadlines.now();
  }

  /** @internal */
  arm(ms: number): void {
    this.logic.deadlines.arm(this, ms, this.enteredAt);
  }

  /** @internal */
  disarm(): void {
    this.logic.deadlines.disarm(this);
  }

  /** @internal */
  end(): void {
    this.#status = 'done';
    this.#system.ended(this, undefined);
  }

  #handle(first: Event): void {
    this.#mailbox = noMail;
    let event = first;
    try {
      this.#step(event);
      if (this.#mailbox === noMail) return;
      // Effects send while they run, and what they send may send more.
      for (let next = 0; next < this.#mailbox.length && this.#status === 'active'; next++) {
        event = this.#mailbox[next] as Event;
        this.#step(event);
      }
    } catch (error) {
      this.#crash(error, event);
    } finally {
      this.#mailbox = undefined;
    }
  }

  #crash(error: unknown, event: Event): void {
    this.#status = 'error';
    this.#error = error;
    this.disarm();
    const { observers } = this.#system;
    if (observers.size > 0) observers.took(this, event, this.taken);
    this.#system.ended(this, error);
    this.#effects.crashed(error);
  }

  #step(event: Event): void {
    if (this.#system.isWatched) this.#toldStep(event);
    else this.#take(event);
  }

  #toldStep(event: Event): void {
    const system = this.#system;
    const isInspected = system.watched > 0;
    const { observers } = system;
    if (isInspected && event !== stopEvent) tellEvent(system, this, event);
    if (observers.size > 0) {
      this.taken = noTransitions;
      observers.takes(this, event);
    }
    this.#take(event);
    if (isInspected) tellSnapshot(system, this, event);
    if (observers.size > 0) observers.took(this, event, this.taken);
  }

  #take(event: Event): void {
    if (event === initEvent) this.logic.program.begin(this, event, this.#effects);
    else if (event === stopEvent) this.#halt();
    else this.logic.program.take(this, event, this.#effects);
  }

  #halt(): void {
    this.#status = 'stopped';
    this.disarm();
    this.#system.ended(this, undefined);
  }
}

const initEvent: EventObject = Object.freeze({ type: 'xstate.init' });
const stopEvent: EventObject = { type: 'xstate.stop' };

/** The mailbox of an actor at work that nobody has sent anything since: most never get a real one. */
const noMail: never[] = [];
