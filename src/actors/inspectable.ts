import type { AnyEventObject, InspectionEvent } from 'xstate';
import { isPlainObject } from '../json/records.js';

/** How deep machines nest what they remember. */
const deepest = 6;

/**
 * What an inspector is told: names and numbers. Errors are told by name and code, because their messages quote servers and
 * plugins; what is neither plain data nor an error is told by its kind.
 */
export function inspectable(told: InspectionEvent): InspectionEvent {
  switch (told.type) {
    case '@xstate.event':
      return new ShownEvent(told);
    case '@xstate.snapshot':
      return new ShownSnapshot(told);
    case '@xstate.microstep':
    case '@xstate.transition':
      return { ...told, event: eventOf(told.event), snapshot: snapshotOf(told.snapshot) };
    case '@xstate.action':
      return { ...told, action: { type: told.action.type, params: shownValue(told.action.params, 1) } };
    case '@xstate.actor':
      return told;
  }
}

/** What is told most often is read when it is asked for: an inspector that does not look costs next to nothing. */
class ShownEvent implements Told<'@xstate.event'> {
  readonly type = '@xstate.event';
  readonly rootId: string;
  readonly actorRef: Told<'@xstate.event'>['actorRef'];
  readonly sourceRef: Told<'@xstate.event'>['sourceRef'];
  readonly #told: Told<'@xstate.event'>;

  constructor(told: Told<'@xstate.event'>) {
    this.rootId = told.rootId;
    this.actorRef = told.actorRef;
    this.sourceRef = told.sourceRef;
    this.#told = told;
  }

  get event(): AnyEventObject {
    return eventOf(this.#told.event);
  }

  toJSON(): object {
    const { type, rootId, event } = this;
    return { type, rootId, event };
  }
}

class ShownSnapshot implements Told<'@xstate.snapshot'> {
  readonly type = '@xstate.snapshot';
  readonly rootId: string;
  readonly actorRef: Told<'@xstate.snapshot'>['actorRef'];
  readonly #told: Told<'@xstate.snapshot'>;

  constructor(told: Told<'@xstate.snapshot'>) {
    this.rootId = told.rootId;
    this.actorRef = told.actorRef;
    this.#told = told;
  }

  get event(): AnyEventObject {
    return eventOf(this.#told.event);
  }

  get snapshot(): Snapshot {
    return snapshotOf(this.#told.snapshot);
  }

  toJSON(): object {
    const { type, rootId, event, snapshot } = this;
    return { type, rootId, event, snapshot };
  }
}

type Told<Type extends InspectionEvent['type']> = Extract<InspectionEvent, { type: Type }>;
type Snapshot = Told<'@xstate.snapshot'>['snapshot'];

function eventOf(event: AnyEventObject): AnyEventObject {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event)) shown[key] = shownValue(value, 1);
  return { ...shown, type: event.type };
}

/** What an actor is in, as data: for whoever prints it. One that is being made has none yet. */
export function plainSnapshot(snapshot: Snapshot | undefined): Snapshot {
  if (snapshot === undefined) return { status: 'active', output: undefined, error: undefined };
  const { status, output, error } = snapshotOf(snapshot);
  const value = 'value' in snapshot ? { value: snapshot.value } : {};
  const context = 'context' in snapshot ? { context: shownValue(snapshot.context, 1) } : {};
  return Object.assign({ status, output, error }, value, context) as Snapshot;
}

function snapshotOf(snapshot: Snapshot): Snapshot {
  const { error } = snapshot;
  const context = 'context' in snapshot ? { context: shownValue(snapshot.context, 1) } : {};
  const output = 'output' in snapshot ? { output: shownValue(snapshot.output, 1) } : {};
  return Object.assign({}, snapshot, context, output, { error: shownValue(error, 1) });
}

function shownValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      break;
    default:
      return `(${typeof value})`;
  }
  if (value === null) return value;
  if (value instanceof Error) {
    const code = 'code' in value && typeof value.code === 'string' ? value.code : undefined;
    return { name: value.name, ...(code === undefined ? {} : { code }) };
  }
  if (depth > deepest) return '(deeper)';
  if (Array.isArray(value)) return value.map((item) => shownValue(item, depth + 1));
  if (!isPlainObject(value)) return '(object)';
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item, depth + 1)]));
}
