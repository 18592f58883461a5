import {
  type ActorLogic,
  type ActorOptions,
  type ActorRefFrom,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  type EventObject,
  type InspectionEvent,
} from 'xstate';
import type { Logger } from '../observability/logger.js';
import type { ActorObserver } from './actor-observer.js';
import { Observers } from './actor-observers.js';
import { inspectable } from './inspectable.js';
import { InspectionTree, type InspectionObserver, joinedInspector, tellInspector } from './inspection-tree.js';
import { FreeList } from './free-list.js';
import { indexTimers } from './indexed-timers.js';
import { ProgrammedActor } from './programmed-actor.js';
import type { Effects } from './machine-program.js';
import type { ActorSystem, ProgramLogic } from './program-logic.js';

/**
 * Watches actor systems: a function, which is told what happens from now on, or an observer, which is first told of all
 * actors that live, as parts of one tree. What it throws is logged and never reaches the actors.
 */
export type Inspector = ((event: InspectionEvent) => void) | InspectionObserver;

/** What the root of a system remembers. */
interface RootSnapshot {
  readonly status: 'active' | 'stopped';
  readonly output: undefined;
  readonly error: undefined;
  readonly value: 'open';
  readonly context: { readonly members: number };
}

/** What XState tells a parent of its children. */
type RootEvent = { readonly type: string; readonly actorId?: string; readonly error?: unknown };

/** Asks the root to stop a member, which nobody else may. */
const stopMember = 'stop member';

/** A programmed actor, whatever its machine. */
type AnyProgrammedActor = ProgrammedActor<string, unknown, EventObject>;

/**
 * The root of an actor system whose members come and go. A machine that spawns copies its table of children every time
 * and keeps the finished ones; this drops them when they are done.
 */
export class Supervisor implements ActorSystem {
  readonly root: AnyActorRef;
  readonly #machines = new Map<string, { readonly actor: AnyActorRef; readonly logic: AnyActorLogic }>();
  readonly #programmed = new FreeList<AnyProgrammedActor>();
  readonly #watchers = new Set<(event: InspectionEvent) => void>();
  /** Number of inspectors that were added here, and have not left; asked for in each step of each chain. */
  watched = 0;
  readonly observers: Observers;
  readonly #logger: Logger;
  #spawned = 0;
  #numbered = 0;

  /** @param name shown by inspectors as the name of the root */
  constructor(name: string, logger: Logger, clock?: ActorOptions<AnyActorLogic>['clock']) {
    this.#logger = logger;
    this.observers = new Observers(logger);
    const root = createActor(this.#rootLogic(), { id: name, ...(clock === undefined ? {} : { clock }) });
    root.subscribe({ error: (error) => logger.error({ err: error, actor: name }, 'actor system failed') });
    this.root = root.start();
    indexTimers(this.root.system);
  }

  /** Number of members that are not done. */
  get size(): number {
    return this.#machines.size + this.#programmed.size;
  }

  /** Whether there is an XState actor of this id that is not done. */
  has(id: string): boolean {
    return this.#machines.has(id);
  }

  /** Whether anybody inspects or observes. */
  get isWatched(): boolean {
    return this.watched > 0 || this.observers.size > 0;
  }

  /** Creates an XState actor in this system; the caller starts it. `id` must not be that of a living member. */
  create<Logic extends AnyActorLogic>(logic: Logic, id: string, input: unknown): ActorRefFrom<Logic> {
    const prepared = this.observers.size > 0 ? this.observers.prepare(logic, input) : undefined;
    const made: AnyActorLogic = prepared?.machine ?? logic;
    const options = { parent: this.root, id, input: prepared === undefined ? input : prepared.input };
    const actor = createActor(made, options as unknown as ActorOptions<AnyActorLogic>);
    this.#machines.set(id, { actor, logic: made });
    if (this.observers.size > 0) this.observers.made(actor, made, input);
    return actor as ActorRefFrom<Logic>;
  }

  /** The same under a name that others may have too: its id is `name`, with a number where that is taken. */
  createNamed<Logic extends AnyActorLogic>(logic: Logic, name: string, input: unknown): ActorRefFrom<Logic> {
    return this.create(logic, this.has(name) ? `${name}#${++this.#numbered}` : name, input);
  }

  /** Creates a programmed actor in this system, called `name#number`; the caller starts it. */
  spawn<Name extends string, Context, Event extends EventObject>(
    logic: ProgramLogic<Name, Context, Event>,
    name: string,
    input: unknown,
    effects: Effects<Name, Context, Event>,
  ): ProgrammedActor<Name, Context, Event> {
    const actor = new ProgrammedActor(logic, this, name, ++this.#spawned, input, effects);
    actor.index = this.#programmed.add(actor);
    if (this.observers.size > 0) this.observers.made(actor, logic.machine, input);
    return actor;
  }

  /** A programmed actor has ended. */
  ended(actor: { readonly id: string; readonly index: number }, error: unknown): void {
    this.#programmed.remove(actor.index);
    if (error !== undefined) this.#logger.error({ err: error, actor: actor.id }, 'actor failed');
  }

  /** Watches every actor of this system from now on; an observer is told first of those that live. */
  inspect(inspector: Inspector): { unsubscribe(): void } {
    const joined = joinedInspector(inspector, this.root.id);
    // A watcher of its own for each call, so that one that was added twice has to leave twice.
    const watcher = (event: InspectionEvent): void => {
      try {
        tellInspector(joined, inspectable(event));
      } catch (error) {
        this.#threw(error);
      }
    };
    if (joined instanceof InspectionTree) this.#tellMembers(joined);
    this.#watchers.add(watcher);
    this.watched = this.#watchers.size;
    const subscription = this.root.system.inspect(watcher);
    return {
      unsubscribe: () => {
        this.#watchers.delete(watcher);
        this.watched = this.#watchers.size;
        subscription.unsubscribe();
      },
    };
  }

  /** Hears of every member from now on, with nothing left out; those that live already are told first. */
  observe(observer: ActorObserver): { unsubscribe(): void } {
    if (this.observers.has(observer)) return { unsubscribe: () => {} };
    const leave = this.observers.add(observer, this.root.system);
    for (const { actor, logic } of this.#machines.values()) this.observers.found(observer, actor, logic);
    for (const actor of this.#programmed) this.observers.found(observer, actor, actor.logic.machine);
    return { unsubscribe: leave };
  }

  /** Tells those who watch of a programmed actor. */
  tell(event: InspectionEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  /** Sends an event to every member. */
  sendToAll(event: AnyEventObject): void {
    for (const { actor } of this.#machines.values()) actor.send(event);
    for (const actor of this.#programmed) actor.send(event);
  }

  /** Those for whom programmed actors work that are not done. */
  *owners(): Generator<object> {
    for (const { owner } of this.#programmed) yield owner;
  }

  /** Stops one XState actor, whatever its state; nothing happens where there is none of this id that is not done. */
  stopMember(id: string): void {
    if (this.has(id)) this.root.send({ type: stopMember, actorId: id });
  }

  /** Whether it was stopped: what is created now would never end. */
  get hasStopped(): boolean {
    return this.root.getSnapshot().status !== 'active';
  }

  /** Stops every member and the root. */
  stop(): void {
    for (const actor of this.#programmed) actor.stop();
    this.root.stop();
  }

  #tellMembers(tree: InspectionTree): void {
    try {
      tree.found(this.root);
      for (const { actor } of this.#machines.values()) tree.found(actor);
      for (const actor of this.#programmed) tree.found(actor);
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error: unknown): void {
    this.#logger.warn({ err: error }, 'an inspector threw');
  }

  #rootLogic(): ActorLogic<RootSnapshot, RootEvent> {
    const open = (): RootSnapshot => ({
      status: 'active',
      output: undefined,
      error: undefined,
      value: 'open',
      context: { members: this.size },
    });
    return {
      getInitialSnapshot: open,
      transition: (snapshot, event, scope) => {
        if (event.type === 'xstate.stop') {
          for (const { actor } of this.#machines.values()) scope.stopChild(actor);
          this.#machines.clear();
          return { ...snapshot, status: 'stopped' };
        }
        if (event.actorId === undefined) return snapshot;
        const member = this.#machines.get(event.actorId);
        if (event.type === stopMember && member !== undefined) scope.stopChild(member.actor);
        this.#machines.delete(event.actorId);
        if ('error' in event) this.#logger.error({ err: event.error, actor: event.actorId }, 'actor failed');
        return open();
      },
      getPersistedSnapshot: (snapshot) => snapshot,
    };
  }
}
