import type { ActorState } from '../../feed/feed-states.js';
import type { ActorChange } from '../../feed/messages.js';

type Field = Exclude<keyof ActorState, 'id'>;

/** A row, and when each of its fields has changed. */
export class FieldChanges {
  #state: ActorState;
  readonly #made: number;
  readonly #changed = new Map<Field, number>();

  constructor(state: ActorState, made: number) {
    this.#state = state;
    this.#made = made;
  }

  get state(): ActorState {
    return this.#state;
  }

  /** @param stamp gives the number of the change, where there is one */
  update(state: ActorState, stamp: () => number): void {
    for (const field of fieldsOf(this.#state, state)) {
      if (!isSame(this.#state[field], state[field])) this.#changed.set(field, stamp());
    }
    this.#state = state;
  }

  /** What a reader lacks who knows all up to a number: the whole row where it does not know it. */
  after(seq: number): ActorChange | undefined {
    if (this.#made > seq) return this.#state;
    const changed = [...this.#changed].filter(([, stamp]) => stamp > seq);
    if (changed.length === 0) return undefined;
    const fields = changed.map(([field]) => [field, this.#state[field] ?? null] as const);
    return { id: this.#state.id, ...Object.fromEntries(fields) };
  }
}

function fieldsOf(one: ActorState, other: ActorState): ReadonlySet<Field> {
  const fields = new Set<Field>();
  for (const state of [one, other]) {
    for (const field of Object.keys(state) as (keyof ActorState)[]) if (field !== 'id') fields.add(field);
  }
  return fields;
}

/** Fields are scalars, or small. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  return JSON.stringify(one) === JSON.stringify(other);
}
