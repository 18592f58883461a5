import type { ObservedActor } from '../../../../actors/actor-observer.js';
import type { ActorState, Ribbon } from '../../feed/feed-states.js';
import type { ActorChange } from '../../feed/messages.js';
import { kindOf } from './actor-kinds.js';
import type { SequenceNumbers } from '../model/sequence-numbers.js';
import type { ActorRecord } from './actor-record.js';
import { FieldChanges } from './field-changes.js';

/** Milliseconds after which an actor that lives briefly is shown as one. */
const briefMs = 200;
const mostBrief = 200;
/** Actors that have ended are shown for a while. */
const endedMs = 60_000;
const mostEnded = 200;
/** Numbers of those that are gone, for readers who come back. */
const mostGone = 2_000;

/** The actors that are shown, and the others that live. */
export class LivingActors {
  readonly #all = new Map<ObservedActor, ActorRecord>();
  readonly #lasting = new Map<string, ActorRecord>();
  readonly #brief = new Set<ActorRecord>();
  readonly #ended: ActorRecord[] = [];
  readonly #rows = new Map<string, { readonly record: ActorRecord; readonly fields: FieldChanges }>();
  readonly #gone: { readonly id: string; readonly stamp: number }[] = [];
  readonly #dirty = new Set<ActorRecord>();
  readonly #numbers: SequenceNumbers;
  readonly #stateOf: (record: ActorRecord) => ActorState;
  readonly #left: (record: ActorRecord) => void;
  #goneBefore = 0;

  /** @param left hears of those that are shown no more */
  constructor(
    numbers: SequenceNumbers,
    stateOf: (record: ActorRecord) => ActorState,
    left: (record: ActorRecord) => void,
  ) {
    this.#numbers = numbers;
    this.#stateOf = stateOf;
    this.#left = left;
  }

  /** Those that live, brief ones included. */
  get size(): number {
    return this.#all.size;
  }

  /** Number of the last change up to which it is not known any more who was gone. */
  get goneBefore(): number {
    return this.#goneBefore;
  }

  recordOf(actor: ObservedActor): ActorRecord | undefined {
    return this.#all.get(actor);
  }

  /** One that is shown, or lives. */
  find(id: string): ActorRecord | undefined {
    const shown = this.#rows.get(id)?.record ?? this.#lasting.get(id);
    if (shown !== undefined) return shown;
    for (const record of this.#brief) if (record.id === id) return record;
    return undefined;
  }

  /** An id for an actor, that no other has which lives or is shown. */
  freeId(own: string, machine: string): string {
    const id = own.includes(':') ? own : `${kindOf(machine)}:${own}`;
    let free = id;
    for (let number = 2; this.#isTaken(free); number++) free = `${id}~${number}`;
    return free;
  }

  add(record: ActorRecord): void {
    this.#all.set(record.actor, record);
    if (record.isBrief) this.#brief.add(record);
    else {
      this.#lasting.set(record.id, record);
      this.#dirty.add(record);
    }
  }

  /** A row has to be looked at again. */
  touch(id: string): void {
    const record = this.#lasting.get(id);
    if (record === undefined) return;
    record.isDirty = true;
    this.#dirty.add(record);
  }

  ended(record: ActorRecord, t: number): void {
    record.ended = t;
    this.#all.delete(record.actor);
    this.#brief.delete(record);
    // Of most that live briefly nobody was ever told.
    if (record.isBrief && !this.#rows.has(record.id)) return;
    this.#dirty.add(record);
    if (record.isBrief) return;
    this.#ended.push(record);
    if (this.#ended.length > mostEnded) this.#drop(this.#ended.shift(), () => this.#numbers.next());
  }

  /** Makes rows of what has changed. @param stamp gives the number of the change, where there is one */
  refresh(t: number, stamp: () => number): void {
    let shown = 0;
    for (const record of this.#brief) {
      if (t - record.began < briefMs || ++shown > mostBrief) break;
      record.catchUp(t);
      if (record.isDirty || !this.#rows.has(record.id)) this.#dirty.add(record);
    }
    for (const record of this.#dirty) this.#renew(record, stamp);
    this.#dirty.clear();
    for (const record of this.#lasting.values()) if (record.isDirty) this.#renew(record, stamp);
    while ((this.#ended[0]?.ended ?? t) < t - endedMs) this.#drop(this.#ended.shift(), stamp);
  }

  get states(): readonly ActorState[] {
    return [...this.#rows.values()].map(({ fields }) => fields.state);
  }

  get ribbons(): (now: number) => Readonly<Record<string, Ribbon>> {
    return (now) =>
      Object.fromEntries(
        [...this.#rows.values()]
          .filter(({ record }) => !record.isBrief)
          .map(({ record }) => [record.id, record.ribbon(now)]),
      );
  }

  /** What has changed after a number. */
  after(seq: number): { readonly actors: readonly ActorChange[]; readonly gone: readonly string[] } {
    const actors: ActorChange[] = [];
    for (const { fields } of this.#rows.values()) {
      const change = fields.after(seq);
      if (change !== undefined) actors.push(change);
    }
    return { actors, gone: this.#gone.filter(({ stamp }) => stamp > seq).map(({ id }) => id) };
  }

  #isTaken(id: string): boolean {
    return this.#lasting.has(id) || this.#rows.has(id);
  }

  #renew(record: ActorRecord, stamp: () => number): void {
    record.isDirty = false;
    if (record.isBrief && record.ended !== undefined) return this.#drop(record, stamp);
    const row = this.#rows.get(record.id);
    const state = this.#stateOf(record);
    if (row !== undefined) row.fields.update(state, stamp);
    else this.#rows.set(record.id, { record, fields: new FieldChanges(state, stamp()) });
  }

  #drop(record: ActorRecord | undefined, stamp: () => number): void {
    if (record === undefined) return;
    this.#lasting.delete(record.id);
    this.#dirty.delete(record);
    if (!record.isBrief) this.#left(record);
    if (!this.#rows.delete(record.id)) return;
    this.#gone.push({ id: record.id, stamp: stamp() });
    if (this.#gone.length > mostGone) this.#goneBefore = this.#gone.shift()?.stamp ?? 0;
  }
}
