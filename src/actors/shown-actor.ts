import type { ActorRefLike, AnyStateMachine, Snapshot } from 'xstate';
import { machineDefinition } from './machine-definition.js';
import { isMachine } from './machine-logic.js';
import { plainSnapshot } from './inspectable.js';

/** An actor as observers of inspection look at it, who follow these properties and print them. */
export class ShownActor {
  readonly id: string;
  readonly sessionId: string;
  /** Where inspectors look for the parent; undefined for the root. */
  readonly _parent: ShownActor | undefined;
  /** Where they look for the definition; of what is no machine there is none. */
  readonly logic: { readonly config: unknown } | undefined;
  readonly #actor: Pick<ActorRefLike, 'getSnapshot'>;

  constructor(actor: Pick<ActorRefLike, 'sessionId' | 'getSnapshot'>, parent: ShownActor | undefined) {
    this.id = 'id' in actor ? String(actor.id) : actor.sessionId;
    this.sessionId = actor.sessionId;
    this._parent = parent;
    const machine = 'logic' in actor ? machineOf(actor.logic) : undefined;
    this.logic = machine && { config: definitionOf(machine) };
    this.#actor = actor;
  }

  /** As it is when this is called, without what is nobody's business. */
  getSnapshot(): Snapshot<unknown> {
    return plainSnapshot(this.#actor.getSnapshot());
  }

  /** Whoever looks does not take part. */
  send(): void {}
}

function machineOf(logic: unknown): AnyStateMachine | undefined {
  if (isMachine(logic)) return logic;
  return typeof logic === 'object' && logic !== null && 'machine' in logic ? machineOf(logic.machine) : undefined;
}

/** By the configuration, which all machines share that are made of it with other effects. */
const definitions = new WeakMap<object, unknown>();

function definitionOf(machine: AnyStateMachine): unknown {
  const known = definitions.get(machine.config);
  if (known !== undefined) return known;
  const definition = shallow(machineDefinition(machine));
  definitions.set(machine.config, definition);
  return definition;
}

/** Where an object with nothing but a name means the same as the name. */
const named: ReadonlySet<string> = new Set(['actions', 'entry', 'exit', 'guard']);

/** Inspectors cut off what is deeper than ten levels: a list of one is written as the one, and what has a name as that. */
function shallow(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    return value.length === 1 ? shallow(value[0], key) : value.map((entry) => shallow(entry, key));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (named.has(key) && entries.length === 1 && first?.[0] === 'type') return first[1];
  return Object.fromEntries(entries.map(([name, entry]) => [name, shallow(entry, name)]));
}
