import type { AnyStateMachine, EventObject } from 'xstate';
import type { ActorObserver, ObservedActor, TakenTransition } from '../../../../actors/actor-observer.js';
import { ProgrammedActor } from '../../../../actors/programmed-actor.js';
import { Sampler } from '../model/sampler.js';
import { isOddEnd } from './actor-kinds.js';
import { ActorRecord } from './actor-record.js';
import type { ConnectionCalls } from './connection-calls.js';
import type { EventLog, KeptEvent } from './event-log.js';
import type { LivingActors } from './living-actors.js';
import type { MachineWords } from './machine-words.js';
import { WorkStack } from './work-stack.js';

/** Actors a second that live briefly and of which all is told; each has some twenty events. */
const briefPerSecond = 250;
/** Events a second of all others that stay in their states. */
const quietPerSecond = 1_000;

export interface ActorWatchDependencies {
  readonly now: () => number;
  readonly wordsOf: (machine: AnyStateMachine) => MachineWords;
  readonly log: EventLog;
  readonly living: LivingActors;
  readonly calls: ConnectionCalls;
  /** There may be something to tell. */
  readonly news: () => void;
}

/** Hears of every actor. This is the hot path: it appends references, and makes no texts. */
export class ActorWatch implements ActorObserver {
  readonly #dependencies: ActorWatchDependencies;
  readonly #briefs = new Sampler('events', briefPerSecond);
  readonly #quiet = new Sampler('events', quietPerSecond);
  readonly #atWork = new WorkStack();
  #lastActor: ObservedActor | undefined;
  #lastRecord: ActorRecord | undefined;
  #numbered = 0;
  /** Of the next actor that is made, whether it is drawn; undefined: whoever made it decides, or chance. */
  #drawsNext: boolean | undefined;
  #nextAt = 0;
  /** Events so far, those that were not kept too. */
  events = 0;

  constructor(dependencies: ActorWatchDependencies) {
    this.#dependencies = dependencies;
  }

  get samplers(): readonly Sampler[] {
    return [this.#briefs, this.#quiet];
  }

  recordOf(actor: ObservedActor): ActorRecord | undefined {
    if (actor === this.#lastActor) return this.#lastRecord;
    this.#lastActor = actor;
    this.#lastRecord = this.#dependencies.living.recordOf(actor);
    return this.#lastRecord;
  }

  /** An actor is made next that is drawn, or is not. */
  expect(isDrawn: boolean, t: number): void {
    this.#drawsNext = isDrawn;
    this.#nextAt = t;
  }

  made(actor: ObservedActor, machine: AnyStateMachine): void {
    const { calls, living, now, wordsOf } = this.#dependencies;
    const t = this.#drawsNext === undefined ? now() : this.#nextAt;
    const number = ++this.#numbered;
    const isProgrammed = actor instanceof ProgrammedActor;
    const id = isProgrammed ? `${machine.id}:${number.toString(36)}` : living.freeId(actor.id, machine.id);
    const name = isProgrammed ? actor.name : actor.id.slice(actor.id.indexOf(':') + 1);
    const record = new ActorRecord(actor, wordsOf(machine), id, name, t);
    if (record.isBrief) record.isDrawn = this.#draws(number, t);
    living.add(record);
    this.#lastActor = actor;
    this.#lastRecord = record;
    if (machine.id === 'call') calls.began(name);
  }

  takes(actor: ObservedActor, event: EventObject): void {
    this.events++;
    const record = this.recordOf(actor);
    if (record === undefined) return;
    const { log, now } = this.#dependencies;
    this.#atWork.settle(actor);
    let kept: KeptEvent | undefined;
    if (!record.isBrief) {
      const t = now();
      if (this.#quiet.draws(this.events, t)) kept = log.begin(record, event, record.at, t, this.#atWork.cause);
    } else if (record.isDrawn) {
      kept = log.begin(record, event, record.at, now(), this.#atWork.cause);
    }
    this.#atWork.push(actor, record, kept);
  }

  took(actor: ObservedActor, event: EventObject, taken: readonly TakenTransition[]): void {
    const place = this.#atWork.leave(actor);
    const record = this.recordOf(actor);
    if (place < 0 || record === undefined) return;
    const kept = this.#atWork.keptAt(place);
    const { hasEnded } = record;
    if (record.isBrief && kept === undefined && !hasEnded) return;
    this.#note(record, kept, event, taken);
    if (hasEnded) this.#ended(record);
    this.#dependencies.news();
  }

  #note(
    record: ActorRecord,
    begun: KeptEvent | undefined,
    event: EventObject,
    taken: readonly TakenTransition[],
  ): void {
    const from = record.at;
    const t = begun?.t ?? this.#dependencies.now();
    const hasMoved = record.moved(event.type, t);
    const isOdd = record.isBrief && record.hasEnded && isOddEnd(record.at);
    // What was left out when it began, and turns out to matter, is told with the number that it has now.
    const matters = record.isBrief ? isOdd : hasMoved;
    const { log } = this.#dependencies;
    const kept = begun ?? (matters ? log.begin(record, event, from, t, this.#atWork.cause) : undefined);
    if (kept === undefined) return;
    kept.to = record.at;
    kept.taken = taken;
    kept.isOdd = isOdd;
  }

  #ended(record: ActorRecord): void {
    const { calls, living, now } = this.#dependencies;
    const { actor } = record;
    const isCall = record.words.id === 'call' && actor instanceof ProgrammedActor;
    // Of what lives briefly nobody asks when it ended.
    const t = record.isBrief && !isCall ? record.since : now();
    living.ended(record, t);
    if (isCall) calls.ended(actor.name, t - record.began, t);
    if (this.#lastRecord === record) this.#lastActor = this.#lastRecord = undefined;
  }

  #draws(number: number, t: number): boolean {
    const drawn = this.#drawsNext;
    this.#drawsNext = undefined;
    if (drawn !== undefined) return drawn;
    const { record } = this.#atWork;
    return record?.isBrief === true ? record.isDrawn : this.#briefs.draws(number, t);
  }
}
