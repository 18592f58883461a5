import { lastAtMost } from '../read/event-table.js';
import type { RecordedActor, Recording } from '../read/recording.js';
import type { LifeReplay, ReplayedStep } from './life-replay.js';

/** Events between those whose outcome is kept. */
const windowLength = 500;
/** Windows that are kept as a whole, because somebody looked at them. */
const mostOpen = 8;

/** An actor of a recording at one event. */
export interface ActorAt {
  readonly actor: RecordedActor;
  /** Place of the last event that it took. */
  readonly place: number;
  /** When it came to the state that it is in, in milliseconds since the recording began. */
  readonly since: number;
  /** What this version makes of it; undefined where it cannot be run. */
  readonly step: ReplayedStep | undefined;
}

/**
 * What came of each event of a recording, any of them within milliseconds: of each stretch of 500, the last of each actor is
 * kept, and the others are run again from there when somebody asks.
 */
export class Timeline {
  readonly #recording: Recording;
  readonly #lifeOf: (actor: number) => LifeReplay | undefined;
  readonly labelOf: (machine: string, type: string) => string;
  readonly #kept: (ReplayedStep | undefined)[] = [];
  /** Places of the events of each actor. */
  readonly #places: readonly Uint32Array[];
  readonly #open = new Map<number, readonly (ReplayedStep | undefined)[]>();

  constructor(
    recording: Recording,
    lifeOf: (actor: number) => LifeReplay | undefined,
    labelOf: (machine: string, type: string) => string,
  ) {
    this.#recording = recording;
    this.#lifeOf = lifeOf;
    this.labelOf = labelOf;
    this.#places = placesOf(recording);
  }

  /** Told in order while the recording is run through. Those that others share cost nothing to keep. */
  keep(place: number, step: ReplayedStep | undefined): void {
    const { events } = this.#recording;
    const before = this.before(place);
    const isSameWindow = before !== undefined && windowOf(before) === windowOf(place);
    if (isSameWindow && !events.stepAt(before).isShared) this.#kept[before] = undefined;
    this.#kept[place] = step;
  }

  /** What came of the event at this place. */
  stepAt(place: number): ReplayedStep | undefined {
    return this.#kept[place] ?? this.#window(windowOf(place))[place % windowLength];
  }

  /** Place of the event that the same actor took before. */
  before(place: number): number | undefined {
    const places = this.#places[this.#recording.events.actor[place] ?? 0];
    if (places === undefined) return undefined;
    const own = lastAtMost(places, place);
    return places[own - 1];
  }

  /** State that the actor was in before the event at this place. */
  stateBefore(place: number): string {
    const before = this.before(place);
    if (before !== undefined) return this.#recording.events.stepAt(before).to;
    return '';
  }

  /** An actor at this place; undefined where it has taken no event yet. */
  actorAt(index: number, place: number): ActorAt | undefined {
    const { actors, events } = this.#recording;
    const places = this.#places[index];
    const actor = actors[index];
    if (places === undefined || actor === undefined) return undefined;
    let own = lastAtMost(places, place);
    const last = places[own];
    if (last === undefined) return undefined;
    const { to } = events.stepAt(last);
    while (own > 0 && events.stepAt(places[own - 1] ?? 0).to === to) own -= 1;
    return { actor, place: last, since: events.t[places[own] ?? 0] ?? 0, step: this.stepAt(last) };
  }

  /** Whether the actor takes no event any more from this place on. */
  hasEnded(index: number, place: number): boolean {
    const last = this.#places[index]?.at(-1);
    return last !== undefined && last <= place;
  }

  /** Places of the events of an actor, in order. */
  placesOf(index: number): Uint32Array {
    return this.#places[index] ?? new Uint32Array();
  }

  #window(window: number): readonly (ReplayedStep | undefined)[] {
    const open = this.#open.get(window);
    if (open !== undefined) return open;
    const { events, header } = this.#recording;
    const lives = new Map<number, LifeReplay | undefined>();
    const steps: (ReplayedStep | undefined)[] = [];
    const end = Math.min((window + 1) * windowLength, events.length);
    for (let place = window * windowLength; place < end; place++) {
      const actor = events.actor[place] ?? 0;
      if (!lives.has(actor)) lives.set(actor, this.#lifeBefore(actor, place));
      const [seq = 0, t = 0] = [events.seq[place], events.t[place]];
      steps.push(lives.get(actor)?.take(events.stepAt(place), seq, t, header.clock + t).step);
    }
    if (this.#open.size >= mostOpen) this.#open.delete(this.#open.keys().next().value ?? -1);
    this.#open.set(window, steps);
    return steps;
  }

  /** As it was before the event at this place, the first one of its window. */
  #lifeBefore(actor: number, place: number): LifeReplay | undefined {
    const life = this.#lifeOf(actor);
    const before = this.before(place);
    const kept = before === undefined ? undefined : this.#kept[before];
    if (before !== undefined && kept !== undefined) life?.resume(kept, this.#recording.events.seq[before] ?? 0);
    return life;
  }
}

function windowOf(place: number): number {
  return Math.floor(place / windowLength);
}

function placesOf({ actors, events }: Recording): readonly Uint32Array[] {
  const counts = new Uint32Array(actors.length);
  for (const actor of events.actor) counts[actor] = (counts[actor] ?? 0) + 1;
  const places = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (const [place, actor] of events.actor.entries()) {
    const own = places[actor];
    const index = counts[actor] ?? 0;
    if (own !== undefined) own[index] = place;
    counts[actor] = index + 1;
  }
  return places;
}
