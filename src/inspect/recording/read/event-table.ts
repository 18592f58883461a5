import { GatechartError } from '../../../errors.js';
import type { RecordedEvents, RecordedStep } from './recording.js';

/** Events of a recording, which are held in memory: a way is told once, and taken by as many as the file says. */
const mostEvents = 60_000_000;

/** Collects events in the order of lines, and gives them in that of their numbers. */
export class EventTable {
  readonly #steps: RecordedStep[] = [];
  readonly #seq: number[] = [];
  readonly #t: number[] = [];
  readonly #actor: number[] = [];

  readonly #most: number;

  constructor(most = mostEvents) {
    this.#most = most;
  }

  /** @throws GatechartError RECORDING_INVALID where there are too many */
  add(seq: number, t: number, actor: number, step: RecordedStep): void {
    if (this.#seq.length >= this.#most) throw tooMany(this.#most);
    this.#seq.push(seq);
    this.#t.push(t);
    this.#actor.push(actor);
    this.#steps.push(step);
  }

  /** @throws Error where two events have the same number */
  sorted(): RecordedEvents {
    const [seqs, times, actors, steps] = [this.#seq, this.#t, this.#actor, this.#steps];
    const { length } = seqs;
    const order = Uint32Array.from({ length }, (_, place) => place);
    if (seqs.some((value, place) => place > 0 && value <= (seqs[place - 1] ?? 0)))
      order.sort((a, b) => (seqs[a] ?? 0) - (seqs[b] ?? 0));
    const seq = Float64Array.from(order, (place) => seqs[place] ?? 0);
    const twice = seq.findIndex((value, place) => place > 0 && value === seq[place - 1]);
    if (twice !== -1) throw new Error(`event ${seq[twice]} is told twice`);
    const t = Float64Array.from(order, (place) => times[place] ?? 0);
    // Of an event that led to others at once, the time may have been taken after theirs.
    for (let place = length - 2; place >= 0; place--) t[place] = Math.min(t[place] ?? 0, t[place + 1] ?? 0);
    return {
      length,
      seq,
      t,
      actor: Uint32Array.from(order, (place) => actors[place] ?? 0),
      stepAt: (place) => {
        const step = steps[order[place] ?? -1];
        if (step === undefined) throw new RangeError(`there is no event at ${place}`);
        return step;
      },
      placeOf: (wanted) => lastAtMost(seq, wanted),
    };
  }
}

function tooMany(most: number): GatechartError {
  return new GatechartError(
    'RECORDING_INVALID',
    `the recording has more than ${most} events, which is as many as are held`,
  );
}

/** Place of the last value that is not greater; -1 where all are. */
export function lastAtMost(sorted: ArrayLike<number>, wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
