import type { AnyActorRef, AnyStateMachine, EventObject, InspectionEvent, Snapshot } from 'xstate';
import { Deadline, type Deadlines } from '../time/deadlines.js';
import { machineTable, type TableAction, type TableState } from './machine-table.js';

/** What the effects of a machine do, by name, and what to do when one of them, or a guard, throws: the actor ends. */
export type Effects<Name extends string, Context, Event extends EventObject> = {
  readonly [N in Name]: (context: Context, event: Event) => void;
} & { crashed(error: unknown): void };

/** The actor system a table-driven actor lives in. */
export interface TableHost {
  /** Shown by inspectors as the parent. */
  readonly root: AnyActorRef;
  /** Number of inspectors; with none, nothing is prepared for them. */
  readonly watched: number;
  tell(event: InspectionEvent): void;
  /** The actor has ended, by itself or with an error. */
  ended(actor: { readonly id: string; readonly slot: number }, error: unknown): void;
}

/** The snapshot of a table-driven actor: what an inspector reads of a machine's. */
export type TableSnapshot<Context> = Snapshot<undefined> & { readonly value: string; readonly context: Context };

/** Makes actors of one machine; see {@link TableActor}. */
export interface TableLogic {
  readonly machine: AnyStateMachine;
  readonly initial: TableState;
  readonly deadlines: Deadlines;
}

/** @throws Error if the machine is not flat, or has anything else that a table does not understand */
export function tableLogic(machine: AnyStateMachine, deadlines: Deadlines): TableLogic {
  return { machine, initial: machineTable(machine), deadlines };
}

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
  /** Where its host keeps it. */
  slot = -1;
  readonly #name: string;
  readonly #number: number;
  readonly #host: TableHost;
  // Typed where the actor is made; looked up by name here.
  readonly #effects: Readonly<Record<string, (context: never, event: never) => void>>;
  readonly #owner: { crashed(error: unknown): void };
  #status: TableSnapshot<Context>['status'] = 'active';
  #error: unknown = undefined;
  #state: TableState;
  #context: unknown;
  #deadline: Deadline | undefined;
  /** Events that arrived while one was being handled; undefined while none is. */
  #mailbox: Event[] | undefined;

  constructor(
    logic: TableLogic,
    host: TableHost,
    name: string,
    number: number,
    input: unknown,
    effects: Effects<Name, Context, Event>,
  ) {
    this.#name = name;
    this.#number = number;
    this.logic = logic;
    this._parent = host.root;
    this.#host = host;
    this.#effects = effects;
    this.#owner = effects;
    this.#state = logic.initial;
    const declared: unknown = logic.machine.config.context;
    this.#context = typeof declared === 'function' ? Reflect.apply(declared, undefined, [{ input }]) : declared;
    if (host.watched > 0) host.tell({ type: '@xstate.actor', actorRef: this, rootId: host.root.sessionId });
  }

  // Put together when somebody asks: few do.
  get id(): string {
    return `${this.#name}#${this.#number}`;
  }

  get sessionId(): string {
    return `t:${this.#number}`;
  }

  get src(): AnyStateMachine {
    return this.logic.machine;
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
    try {
      this.#step(first);
      // Effects send while they run, and what they send may send more.
      for (let next = 0; next < this.#mailbox.length && this.#status === 'active'; next++) {
        this.#step(this.#mailbox[next] as Event);
      }
    } catch (error) {
      this.#status = 'error';
      this.#error = error;
      this.#disarm();
      this.#host.ended(this, error);
      this.#owner.crashed(error);
    } finally {
      this.#mailbox = undefined;
    }
  }

  #step(event: Event): void {
    const isWatched = this.#host.watched > 0;
    if (isWatched && event !== stopEvent) this.#tellEvent(event);
    if (event === initEvent) this.#begin(event);
    else if (event === stopEvent) this.#halt();
    else this.#transition(event);
    if (isWatched) this.#tellSnapshot(event);
  }

  #begin(event: Event): void {
    this.#context = this.#enter(this.#state, this.#context, event);
  }

  #halt(): void {
    this.#status = 'stopped';
    this.#disarm();
    this.#host.ended(this, undefined);
  }

  #transition(event: Event): void {
    const transitions = this.#state.on.get(event.type);
    if (transitions === undefined) return;
    const args = { context: this.#context, event };
    for (const { guard, target, actions } of transitions) {
      if (guard !== undefined && !guard(args)) continue;
      if (target === undefined) {
        this.#context = this.#run(actions, this.#context, event);
        return;
      }
      this.#disarm();
      let context = this.#run(this.#state.exit, this.#context, event);
      context = this.#run(actions, context, event);
      context = this.#enter(target, context, event);
      this.#state = target;
      this.#context = context;
      if (target.final) {
        this.#status = 'done';
        this.#host.ended(this, undefined);
      }
      return;
    }
  }

  #enter(state: TableState, before: unknown, event: EventObject): unknown {
    const context = this.#run(state.entry, before, event);
    if (state.after !== undefined) {
      const { event: expired, delay } = state.after;
      this.#deadline ??= new Deadline(() => this.send(expired as Event));
      this.logic.deadlines.arm(this.#deadline, delay({ context, event }));
    }
    return context;
  }

  #run(actions: readonly TableAction[], before: unknown, event: EventObject): unknown {
    let context = before;
    for (const action of actions) {
      if (action.assign === undefined) {
        if (this.#host.watched > 0) this.#tellAction(action.name);
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

  #tellEvent(event: EventObject): void {
    const rootId = this.#host.root.sessionId;
    this.#host.tell({ type: '@xstate.event', actorRef: this, rootId, sourceRef: undefined, event });
  }

  #tellAction(type: string): void {
    const rootId = this.#host.root.sessionId;
    this.#host.tell({ type: '@xstate.action', actorRef: this, rootId, action: { type, params: undefined } });
  }

  #tellSnapshot(event: EventObject): void {
    const rootId = this.#host.root.sessionId;
    this.#host.tell({ type: '@xstate.snapshot', actorRef: this, rootId, event, snapshot: this.getSnapshot() });
  }
}

const initEvent: EventObject = { type: 'xstate.init' };
const stopEvent: EventObject = { type: 'xstate.stop' };

/** The mailbox of an actor at work that nobody has sent anything since: most never get a real one. */
const noMail: never[] = [];
