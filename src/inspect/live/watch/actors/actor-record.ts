import type { Snapshot } from 'xstate';
import type { ObservedActor } from '../../../../actors/actor-observer.js';
import { ProgrammedActor } from '../../../../actors/programmed-actor.js';
import { dotted } from '../../../../connection/connection-states.js';
import type { ActorKind, Ribbon } from '../../feed/feed-states.js';
import { rounded } from '../model/latencies.js';
import { shownName } from '../redaction/shown-text.js';
import { isBrief, kindOf } from './actor-kinds.js';
import type { MachineWords } from './machine-words.js';

/** Milliseconds of the past that ribbons show. */
const ribbonMs = 300_000;
const mostRibbonStates = 300;

/** What a machine remembers, as far as rows are made of it. */
export type ActorContext = Readonly<Record<string, unknown>>;

/** One actor as it is watched. Times in milliseconds since the epoch. */
export class ActorRecord {
  readonly actor: ObservedActor;
  readonly words: MachineWords;
  readonly kind: ActorKind;
  readonly id: string;
  readonly name: string;
  readonly began: number;
  /** Lives as long as a request. */
  readonly isBrief: boolean;
  /** Whether its events are told, where not all are. */
  isDrawn = true;
  at: string;
  since: number;
  ended: number | undefined;
  last: { readonly type: string; readonly from: string; readonly t: number } | undefined;
  error: unknown;
  errorAt = 0;
  /** Something has changed since it was told last. */
  isDirty = true;
  readonly #ribbon: (readonly [number, string])[] = [];

  constructor(actor: ObservedActor, words: MachineWords, id: string, name: string, t: number) {
    this.actor = actor;
    this.words = words;
    this.kind = kindOf(words.id);
    this.id = id;
    this.name = shownName(name);
    this.began = t;
    this.since = t;
    this.isBrief = isBrief(words.id);
    this.at = this.#stateNow();
    if (!this.isBrief) {
      this.#readError(t);
      this.#noteRibbon(t);
    }
  }

  get context(): ActorContext {
    const snapshot: Snapshot<unknown> & { readonly context?: unknown } = this.actor.getSnapshot();
    const { context } = snapshot;
    return typeof context === 'object' && context !== null ? (context as ActorContext) : {};
  }

  get hasEnded(): boolean {
    const { actor } = this;
    return actor instanceof ProgrammedActor ? actor.hasEnded : actor.getSnapshot().status !== 'active';
  }

  /** How it went through its states in the last minutes. */
  ribbon(now: number): Ribbon {
    while (this.#ribbon.length > 1 && (this.#ribbon[1]?.[0] ?? now) < now - ribbonMs) this.#ribbon.shift();
    return this.#ribbon.map(([t, state]) => [rounded(t), state]);
  }

  /** It has done what follows of an event. @returns whether it has come to another state */
  moved(type: string, t: number): boolean {
    const from = this.at;
    const at = this.#stateNow();
    this.isDirty = true;
    if (!this.isBrief) this.#readError(t);
    if (at === from) return false;
    this.at = at;
    this.since = t;
    this.last = { type, from, t };
    if (!this.isBrief) this.#noteRibbon(t);
    return true;
  }

  /** Looks where it is, of one of whose events not all were heard. */
  catchUp(t: number): void {
    const at = this.#stateNow();
    if (at === this.at) return;
    this.at = at;
    this.since = t;
    this.isDirty = true;
  }

  #stateNow(): string {
    const { actor } = this;
    if (actor instanceof ProgrammedActor) return actor.state;
    const snapshot: Snapshot<unknown> & { readonly value?: unknown } = actor.getSnapshot();
    return dotted(snapshot.value);
  }

  #readError(t: number): void {
    const { lastError, error } = this.context;
    const now = lastError ?? error;
    if (now === this.error) return;
    this.error = now;
    this.errorAt = t;
  }

  #noteRibbon(t: number): void {
    this.#ribbon.push([t, this.at]);
    if (this.#ribbon.length > mostRibbonStates) this.#ribbon.shift();
  }
}
