import type { AnyStateMachine, EventObject } from 'xstate';
import type { ObservedActor } from '../../../actors/actor-observer.js';
import { FreeList } from '../../../actors/free-list.js';
import { ProgrammedActor } from '../../../actors/programmed-actor.js';
import type { AskedValues } from './asked-values.js';
import { type Life, type LineTaker, LongLife } from './lives.js';
import { ShortLife } from './short-life.js';

/** Short lives that are kept for the next ones. */
const mostSpare = 1000;

/** The actors that are recorded and have not ended. */
export class LifeRegister implements Iterable<Life> {
  readonly #taker: LineTaker;
  readonly #lives = new FreeList<Life>();
  /** Those that are not attached to their actors: long ones, and where somebody else has attached something. */
  readonly #detached = new Map<ObservedActor, Life>();
  /** Short lives that are over, for the next ones. */
  readonly #spare: ShortLife[] = [];
  #latest: Life | undefined;
  #actors = 0;

  constructor(taker: LineTaker) {
    this.#taker = taker;
  }

  [Symbol.iterator](): Iterator<Life> {
    return this.#lives[Symbol.iterator]();
  }

  /** @param start how it begins; undefined for one that lived already */
  addShort(
    actor: ProgrammedActor<string, unknown, EventObject>,
    machine: AnyStateMachine,
    start: number | undefined,
  ): ShortLife {
    const life = this.#spare.pop() ?? new ShortLife(this.#taker);
    life.take(++this.#actors, actor, machine, start);
    life.index = this.#lives.add(life);
    if (actor.attached === undefined) actor.attached = life;
    else this.#detached.set(actor, life);
    return life;
  }

  addLong(actor: ObservedActor, machine: AnyStateMachine, values: AskedValues | undefined, input: unknown): LongLife {
    const life = new LongLife(++this.#actors, actor, machine, this.#taker, values, input);
    life.index = this.#lives.add(life);
    this.#detached.set(actor, life);
    return life;
  }

  /** Mostly the same as before: a chain takes one step after the other. */
  of(actor: ObservedActor): Life | undefined {
    if (this.#latest?.actor === actor) return this.#latest;
    const attached = actor instanceof ProgrammedActor ? actor.attached : undefined;
    const life = attached instanceof ShortLife && attached.isOf(this.#taker) ? attached : this.#detached.get(actor);
    if (life !== undefined) this.#latest = life;
    return life;
  }

  forget(life: Life): void {
    this.#lives.remove(life.index);
    this.#latest = undefined;
    if (this.#detached.size > 0) this.#detached.delete(life.actor);
    if (!(life instanceof ShortLife)) return;
    if (life.actor.attached === life) life.actor.attached = undefined;
    if (this.#spare.length < mostSpare) this.#spare.push(life);
  }

  forgetAll(): void {
    for (const life of this.#lives) this.forget(life);
  }
}
