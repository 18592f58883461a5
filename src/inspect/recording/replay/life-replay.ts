import type { FoundActor, RecordedActor, RecordedStep } from '../read/recording.js';
import {
  comparedContexts,
  comparedTimers,
  departedState,
  firedEarly,
  missingState,
  unusableStart,
} from './departure-texts.js';
import { type Replayed, type ReplayedMachine, timerOf } from './replayed-machine.js';

/** What came of an event, and of those that came next in other lives that went the same way. */
export interface ReplayedStep extends Replayed {
  /** Where this version went, also where it is put into the recorded state afterwards. */
  readonly went: string;
  /** Where it departs from the recording, in a sentence without its subject. */
  readonly departure: string | undefined;
  readonly next: Map<RecordedStep, ReplayedStep>;
}

/** Milliseconds by which a time may be off that is told of a short life. */
const roundingMs = 0.1;
/** Milliseconds that a timer of a busy process may be late. */
const latenessMs = 1000;

/** One actor, event by event. */
export class LifeReplay {
  readonly #machine: ReplayedMachine;
  readonly #actor: RecordedActor;
  readonly #starts: Map<unknown, Map<RecordedStep, ReplayedStep>>;
  #found = 0;
  #at: ReplayedStep | undefined;
  #hasDeparted = false;
  /** Timers that run, with when they were armed. */
  #armed: { readonly t: number; readonly timers: Readonly<Record<string, number>> } | undefined;

  /** @param starts what came of beginnings that lives have in common */
  constructor(machine: ReplayedMachine, actor: RecordedActor, starts: Map<unknown, Map<RecordedStep, ReplayedStep>>) {
    this.#machine = machine;
    this.#actor = actor;
    this.#starts = starts;
  }

  /** Goes on from what came of the event `seq`. */
  resume(step: ReplayedStep, seq: number): void {
    this.#at = step;
    const { found } = this.#actor;
    while ((found[this.#found]?.seq ?? Number.POSITIVE_INFINITY) < seq) this.#found += 1;
  }

  /**
   * @param seq number of the event
   * @param t milliseconds since the recording began
   * @param nowMs what the clock of the host said then
   */
  take(
    step: RecordedStep,
    seq: number,
    t: number,
    nowMs: number,
  ): { step: ReplayedStep | undefined; departure?: string } {
    const lost = this.#find(seq);
    if (lost !== undefined) return { step: undefined, departure: lost };
    const late = this.#timing(step, t);
    let taken: ReplayedStep | undefined;
    try {
      taken = step.isShared ? this.#shared(step, nowMs) : this.#one(step, nowMs);
    } catch (error) {
      return { step: undefined, departure: unusableStart(error) };
    }
    if (taken === undefined) return { step: undefined };
    // What a short life remembers is not told, so that one departure leads to others.
    const departure = step.isShared && this.#hasDeparted ? undefined : (taken.departure ?? late);
    this.#hasDeparted ||= departure !== undefined;
    if (taken.state !== this.#at?.state || Object.keys(taken.timers).length > 0)
      this.#armed = { t, timers: taken.timers };
    this.#at = taken;
    return { step: taken, ...(departure !== undefined && { departure }) };
  }

  /** Puts it where it was found before this event. @returns why that cannot be */
  #find(seq: number): string | undefined {
    for (let found = this.#next(seq); found !== undefined; found = this.#next(seq)) {
      this.#found += 1;
      this.#armed = undefined;
      try {
        this.#at = fresh(this.#machine.at(found.value, found.context), undefined);
      } catch (error) {
        this.#at = undefined;
        return missingState(error);
      }
    }
    return undefined;
  }

  #next(seq: number): FoundActor | undefined {
    const found = this.#actor.found[this.#found];
    return found !== undefined && found.seq < seq ? found : undefined;
  }

  #shared(step: RecordedStep, nowMs: number): ReplayedStep | undefined {
    const known = this.#at?.next ?? this.#startsAs();
    let taken = known.get(step);
    if (taken === undefined) {
      taken = this.#one(step, nowMs);
      if (taken !== undefined) known.set(step, taken);
    }
    return taken;
  }

  #startsAs(): Map<RecordedStep, ReplayedStep> {
    const { start } = this.#actor;
    let known = this.#starts.get(start);
    if (known === undefined) this.#starts.set(start, (known = new Map()));
    return known;
  }

  /** @returns undefined where it has not been heard of from its beginning, or is in a state that there is not */
  #one(step: RecordedStep, nowMs: number): ReplayedStep | undefined {
    const before = this.#at;
    const { start } = this.#actor;
    const machine = this.#machine;
    if (before === undefined && (start === undefined || step.event.type !== 'xstate.init')) return undefined;
    const taken = before === undefined ? machine.start(start?.input, step, nowMs) : machine.next(before, step, nowMs);
    const label = machine.labelOf(step.event.type);
    const departure =
      departedState(label, step, taken, before?.state) ??
      comparedTimers(step, taken) ??
      comparedContexts(label, step, taken);
    if (departure === undefined) return fresh(taken, undefined);
    try {
      // What short lives remember is not told: as they have it.
      const remembered = step.isShared ? taken : (before ?? taken);
      const { guards, did, error } = taken;
      return fresh(
        { ...machine.moved(remembered.snapshot.context, step), guards, did, error, timers: step.timers ?? {} },
        departure,
        taken.state,
      );
    } catch {
      return fresh(taken, `${departure}; it has no such state`);
    }
  }

  /** Short lives tell no timers; of them it is known when they fired, or did not. */
  #timing(step: RecordedStep, t: number): string | undefined {
    const { timers = {}, t: since = t } = this.#armed ?? {};
    if (!step.isShared) return undefined;
    const fired = timerOf(step.event);
    for (const [name, ms] of Object.entries(timers)) {
      if (fired === name ? t - since < ms - roundingMs : t - since > ms + latenessMs)
        return firedEarly(name, t - since, ms, fired === name);
    }
    return undefined;
  }
}

function fresh(replayed: Replayed, departure: string | undefined, went: string = replayed.state): ReplayedStep {
  return { ...replayed, departure, went, next: new Map() };
}
