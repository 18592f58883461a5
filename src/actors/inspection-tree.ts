import type { ActorRefLike, InspectionEvent } from 'xstate';
import { GatechartError } from '../errors.js';
import { ShownActor } from './shown-actor.js';

/** An observer as XState's `inspect` takes one, and as `@statelyai/inspect` has one in `inspector.inspect`. */
export interface InspectionObserver {
  /** XState leaves it open; one without it is refused. */
  readonly next?: Listener;
}

/** Told of each event as it is. */
type Listener = (event: InspectionEvent) => void;

/** What an actor is found by: XState's own, and those that run by a program. */
type Found = Pick<ActorRefLike, 'sessionId' | 'getSnapshot'>;

let trees = 0;

/**
 * What an observer is told of several actor systems: one tree under one root. Each actor is told before anything that
 * happens to it, those included that lived when the observer came, with its definition as data and the session id that is
 * its own in the process.
 */
export class InspectionTree implements InspectionObserver {
  readonly #tell: Listener;
  readonly #root: ShownActor;
  readonly #shown = new WeakMap<object, ShownActor>();

  /** @param name of the root: what the systems make up together */
  constructor(tell: Listener, name: string) {
    this.#tell = tell;
    const sessionId = `${name}:${++trees}`;
    const getSnapshot = (): { status: 'active'; output: undefined; error: undefined } => ({
      status: 'active',
      output: undefined,
      error: undefined,
    });
    this.#root = new ShownActor(Object.assign({ sessionId, getSnapshot }, { id: name }), undefined);
    this.#tellActor(this.#root);
  }

  /** Tells of an actor that lives already, and of its children. */
  found(actor: Found): void {
    this.#of(actor);
    const snapshot: object = actor.getSnapshot() ?? {};
    const children: unknown = 'children' in snapshot ? snapshot.children : undefined;
    if (typeof children !== 'object' || children === null) return;
    for (const child of Object.values(children)) if (isFound(child)) this.found(child);
  }

  next(told: InspectionEvent): void {
    const actorRef = this.#of(told.actorRef);
    const rootId = this.#root.sessionId;
    // That it was made has been told with it.
    if (told.type === '@xstate.actor') return;
    if (told.type !== '@xstate.event') return this.#tell({ ...told, ...eventOf(told), rootId, actorRef });
    const sourceRef = told.sourceRef === undefined ? undefined : this.#of(told.sourceRef);
    this.#tell({ type: told.type, rootId, actorRef, sourceRef, event: told.event });
  }

  #of(actor: Found): ShownActor {
    const known = this.#shown.get(actor);
    if (known !== undefined) return known;
    const parent: unknown = '_parent' in actor ? actor._parent : undefined;
    const shown = new ShownActor(actor, isFound(parent) ? this.#of(parent) : this.#root);
    this.#shown.set(actor, shown);
    this.#tellActor(shown);
    return shown;
  }

  #tellActor(actorRef: ShownActor): void {
    this.#tell({ type: '@xstate.actor', rootId: this.#root.sessionId, actorRef });
  }
}

/** Somebody who watches several systems is told of them under one root; a function is told each event as it is. */
export function joinedInspector(inspector: Listener | InspectionObserver, name: string): Listener | InspectionTree {
  if (typeof inspector === 'function' || inspector instanceof InspectionTree) return inspector;
  const next: unknown = inspector?.next;
  if (typeof next === 'function') return new InspectionTree((event) => Reflect.apply(next, inspector, [event]), name);
  throw new GatechartError(
    'CONFIG_INVALID',
    'an inspector is a function or an observer with `next`; of @statelyai/inspect it is `inspector.inspect`',
  );
}

export function tellInspector(inspector: Listener | InspectionObserver, event: InspectionEvent): void {
  if (typeof inspector === 'function') inspector(event);
  else inspector.next?.(event);
}

/** The properties of a snapshot are read when they are asked for; observers are given them. */
function eventOf(told: Exclude<InspectionEvent, { type: '@xstate.event' | '@xstate.actor' }>): object {
  return told.type === '@xstate.action' ? {} : { event: told.event, snapshot: told.snapshot };
}

function isFound(value: unknown): value is Found {
  return typeof value === 'object' && value !== null && 'sessionId' in value && 'getSnapshot' in value;
}
