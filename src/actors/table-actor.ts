import type { AnyActorRef, AnyStateMachine, EventObject } from 'xstate';
import { Deadline } from '../time/deadlines.js';
import { noTransitions, type TakenTransition } from './actor-observer.js';
import type { TableAction, TableState, TableTransition } from './machine-table.js';
import { tellAction, tellActor, tellEvent, tellSnapshot } from './table-inspection.js';
import type { ActorSystem, Effects, TableLogic, TableSnapshot } from './table-logic.js';

/**
 * An actor that runs a flat machine from a table made of its declaration. Short-lived actors are made of it: XState's own
 * actor class costs 4 µs of CPU more for each, several times what an invocation takes (`npm run bench`, chain/1).
 * It has an actor's identity, mailbox, snapshot and place in a system, and tells inspectors the same events.
 * `test/actors/table-logic.test.ts` holds it to the interpreter: same states, contexts and effects for every sequence of events.
 *
 * Delays are kept by `deadlines`: an actor system scans all its timers whenever an actor stops.
 */
export class TableActor<Name extends string, Context, Event extends EventObject> {
  readonly logic: TableLogic;
  /** Where inspectors look for the parent. */
  readonly _parent: AnyActorRef;
  /** Where its system keeps it. */
  index = -1;
  /** What somebody who observes it keeps of it. Not in a map of theirs, for the reason that {@link FreeList} gives. */
  attached: unknown = undefined;
  /** What it is called, together with others of its kind. */
  readonly name: string;
  /** Its own among those of its system. */
  readonly number: number;
  readonly #system: ActorSystem;
  // Typed where the actor is made; looked up by name here.
  readonly #effects: Readonly<Record<string, (context: never, event: never) => void>>;
  readonly #owner: { crashed(error: unknown): void };
  #status: TableSnapshot<Context>['status'] = 'active';
  #error: unknown = undefined;
  #state: TableState;
  #context: unknown;
  #deadline: Deadline | undefined;
  #enteredAt = Number.NaN;
  /** What was taken of the last event; kept for those who observe. */
  #taken: readonly TakenTransition[] = noTransitions;
  /** Events that arrived while one was being handled; undefined while none is. */
  #mailbox: Event[] | undefined;

  constructor(
    logic: TableLogic,
    system: ActorSystem,
    name: string,
    number: number,
    input: unknown,
    effects: Effects<Name, Context, Event>,
  ) {
    this.name = name;
    this.number = number;
    this.logic = logic;
    this._parent = system.root;
    this.#system = system;
    this.#effects = effects;
    this.#owner = effects;
    this.#state = logic.initial;
    const declared: unknown = logic.machine.config.context;
    this.#context = typeof declared === 'function' ? Reflect.apply(declared, undefined, [{ input }]) : declared;
    if (system.watched > 0) tellActor(system, this);
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

  /** When it entered the last state that has a deadline, in milliseconds on the clock of the deadlines. */
  get enteredAt(): number {
    return this.#enteredAt;
  }

  /** Where it is. */
  get state(): string {
    return this.#state.value;
  }

  get hasEnded(): boolean {
    return this.#status !== 'active';
  }

  getSnapshot(): TableSnapshot<Context> {
    const { value } = this.#state;
    const context = this.#context as Context;
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

  #handle(first: Event): void {
    this.#mailbox = noMail;
    let event = first;
    try {
      this.#step(event);
      // Effects send while they run, and what they send may send more.
      for (let next = 0; next < this.#mailbox.length && this.#status === 'active'; next++) {
        event = this.#mailbox[next] as Event;
        this.#step(event);
      }
    } catch (error) {
      this.#status = 'error';
      this.#error = error;
      this.#disarm();
      const { observers } = this.#system;
      if (observers.size > 0) observers.took(this, event, this.#taken);
      this.#system.ended(this, error);
      this.#owner.crashed(error);
    } finally {
      this.#mailbox = undefined;
    }
  }

  #step(event: Event): void {
    const isWatched = this.#system.watched > 0;
    const { observers } = this.#system;
    if (isWatched && event !== stopEvent) tellEvent(this.#system, this, event);
    if (observers.size > 0) {
      this.#taken = noTransitions;
      observers.takes(this, event);
    }
    if (event === initEvent) this.#begin(event);
    else if (event === stopEvent) this.#halt();
    else this.#transition(event);
    if (isWatched) tellSnapshot(this.#system, this, event);
    if (observers.size > 0) observers.took(this, event, this.#taken);
  }

  #begin(event: Event): void {
    if (this.#state.always.length > 0) return this.#take(this.#state.always, event);
    this.#context = this.#enter(this.#state, this.#context, event);
  }

  #halt(): void {
    this.#status = 'stopped';
    this.#disarm();
    this.#system.ended(this, undefined);
  }

  #transition(event: Event): void {
    const transitions = this.#state.on.get(event.type);
    if (transitions !== undefined) this.#take(transitions, event);
  }

  #take(transitions: readonly TableTransition[], event: Event): void {
    const args = { context: this.#context, event };
    for (const { guard, target, actions, taken } of transitions) {
      if (guard !== undefined && !guard(args)) continue;
      this.#taken = taken;
      if (target === undefined) {
        this.#context = this.#run(actions, this.#context, event);
        return;
      }
      let context = this.#run(this.#state.exit, this.#context, event);
      context = this.#run(actions, context, event);
      context = this.#enter(target, context, event);
      // Armed until here, because the next state mostly has one too. No timer fires in between.
      if (target.after === undefined) this.#disarm();
      this.#state = target;
      this.#context = context;
      if (target.final) {
        this.#status = 'done';
        this.#system.ended(this, undefined);
      }
      return;
    }
  }

  #enter(state: TableState, before: unknown, event: EventObject): unknown {
    if (state.after === undefined) return this.#run(state.entry, before, event);
    const { deadlines } = this.logic;
    const { event: expired, delay } = state.after;
    this.#enteredAt = deadlines.now();
    const context = this.#run(state.entry, before, event);
    this.#deadline ??= new Deadline(() => this.send(expired as Event));
    deadlines.arm(this.#deadline, delay({ context, event }), this.#enteredAt);
    return context;
  }

  #run(actions: readonly TableAction[], before: unknown, event: EventObject): unknown {
    let context = before;
    for (const action of actions) {
      if (action.assign === undefined) {
        if (this.#system.watched > 0) tellAction(this.#system, this, action.name);
        this.#effects[action.name]?.(context as never, event as never);
        continue;
      }
      const changes = action.assign({ context, event });
      // One copy a run is enough: nobody else has seen it yet.
      context = context === before ? Object.assign({}, before, changes) : Object.assign(context as object, changes);
    }
    return context;
  }

  #disarm(): void {
    if (this.#deadline !== undefined) this.logic.deadlines.disarm(this.#deadline);
  }
}

const initEvent: EventObject = Object.freeze({ type: 'xstate.init' });
const stopEvent: EventObject = { type: 'xstate.stop' };

/** The mailbox of an actor at work that nobody has sent anything since: most never get a real one. */
const noMail: never[] = [];
