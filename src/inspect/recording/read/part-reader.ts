import type { EventObject } from 'xstate';
import { messageOf } from '../../../errors.js';
import { isPlainObject } from '../../../json/records.js';
import { decodeValue } from '../recorded-value.js';
import type { ActorLine, EventLine, GapLine, LifeLine, PathLine } from '../recording-format.js';
import type { EventTable } from './event-table.js';
import { invalidLine, type RecordedLine } from './recorded-line.js';
import type { FoundActor, RecordedActor, RecordedStart, RecordedStep } from './recording.js';

/** An actor while its lines are read. */
interface ReadActor extends RecordedActor {
  readonly found: FoundActor[];
}

/** What the parts of a recording have in common. */
export interface ReadSoFar {
  readonly actors: ReadActor[];
  /** By their numbers in lines, the places in `actors`. */
  readonly places: Map<number, number>;
  /** Each with the number that the next one has behind it which is called the same. */
  readonly ids: Map<string, number>;
  readonly events: EventTable;
  readonly gaps: { from: number; to: number; why: string }[];
  /** Time of the end, where its owner ended it. */
  end: number | undefined;
}

interface Path {
  readonly before: Path | undefined;
  readonly length: number;
  readonly step: RecordedStep;
}

/** Reads the lines of one part, behind its header. */
export class PartReader {
  readonly #soFar: ReadSoFar;
  readonly #starts = new Map<
    number,
    { readonly machine: string; readonly name: string; readonly start: RecordedStart }
  >();
  readonly #paths = new Map<number, Path>();
  /** What was told of an actor is told again at the beginning of a part; it counts where something is missing before. */
  #isBehindGap: boolean;

  /** @param isFirst whether nothing was read before */
  constructor(soFar: ReadSoFar, isFirst: boolean) {
    this.#soFar = soFar;
    this.#isBehindGap = isFirst;
  }

  /** @throws GatechartError RECORDING_INVALID */
  read(read: RecordedLine, place: string): void {
    switch (read.kind) {
      case 'header':
        throw invalidLine(place, 'found a second header');
      case 'start': {
        const { start, machine, name, input } = read.line;
        this.#starts.set(start, { machine, name, start: { input } });
        return;
      }
      case 'path':
        return this.#path(read.line, place);
      case 'actor':
        return this.#actor(read.line, place);
      case 'event':
        return this.#event(read.line, place);
      case 'life':
        return this.#life(read.line, place);
      case 'gap':
        return this.#gap(read.line);
      case 'end':
        this.#soFar.end = read.line.t / 1000;
    }
  }

  #path({ path, after, e, to }: PathLine, place: string): void {
    const before = this.#paths.get(after);
    if (before === undefined && after !== 0)
      throw invalidLine(place, `after: there is no path ${after} before this line`);
    const step: RecordedStep = { event: eventIn(e, place), to, isShared: true };
    this.#paths.set(path, { before, length: (before?.length ?? 0) + 1, step });
  }

  #actor({ actor, id, machine, s, t, input, snapshot }: ActorLine, place: string): void {
    if ((input === undefined) === (snapshot === undefined))
      throw invalidLine(place, 'expected either an input or a snapshot of the actor');
    const known = this.#soFar.places.get(actor);
    const found = snapshot === undefined ? [] : [{ seq: s, value: snapshot.value, context: snapshot.context }];
    if (known === undefined) {
      this.#add(actor, id, machine, t, input === undefined ? undefined : { input }, found);
    } else if (snapshot === undefined) {
      throw invalidLine(place, `actor: ${actor} was made twice`);
    } else if (this.#isBehindGap) {
      this.#soFar.actors[known]?.found.push(...found);
    }
  }

  #event({ n, s, t, e, to, c, asked, timers }: EventLine, place: string): void {
    const step: RecordedStep = {
      event: eventIn(e, place),
      to,
      isShared: false,
      ...(c !== undefined && { changes: c }),
      ...(asked !== undefined && { asked: decodedLists(asked, place) }),
      ...(timers !== undefined && { timers }),
    };
    this.#soFar.events.add(s, t / 1000, this.#placeOf(n, place), step);
  }

  #life({ n, i, k, s, t, p, d, q }: LifeLine, place: string): void {
    if (i !== undefined) {
      const begun = this.#starts.get(i);
      if (begun === undefined) throw invalidLine(place, `i: there is no start ${i} before this line`);
      if (this.#soFar.places.has(n)) throw invalidLine(place, `n: ${n} was made twice`);
      this.#add(n, `${begun.name}#${k ?? n}`, begun.machine, t, begun.start, []);
    }
    const actor = this.#placeOf(n, place);
    if (p === 0) return;
    const path = this.#paths.get(p);
    if (path === undefined) throw invalidLine(place, `p: there is no path ${p} before this line`);
    const [later, further] = [pairsIn(d, path.length, `${place}: d`), pairsIn(q, path.length, `${place}: q`)];
    let [seq, time] = [s, t];
    for (const [index, step] of stepsOf(path).entries()) {
      if (index > 0) seq += further.get(index) ?? 1;
      time += later.get(index) ?? 0;
      this.#soFar.events.add(seq, time / 1000, actor, step);
    }
  }

  #gap({ gap: [from, to], why }: GapLine): void {
    this.#soFar.gaps.push({ from, to, why });
    this.#isBehindGap = true;
  }

  #placeOf(n: number, place: string): number {
    const known = this.#soFar.places.get(n);
    if (known === undefined) throw invalidLine(place, `n: there is no actor ${n} before this line`);
    return known;
  }

  #add(n: number, id: string, machine: string, t: number, start: RecordedStart | undefined, found: FoundActor[]): void {
    const { actors, places, ids } = this.#soFar;
    let own = id;
    for (let number = ids.get(id) ?? 2; ids.has(own); number++) {
      own = `${id}~${number}`;
      ids.set(id, number + 1);
    }
    ids.set(own, 2);
    places.set(n, actors.length);
    actors.push({ id: own, machine, t: t / 1000, start, found });
  }
}

/** @throws GatechartError where they are about an event that the way has not, or go back */
function pairsIn(pairs: readonly number[] = [], length: number, place: string): ReadonlyMap<number, number> {
  const read = new Map<number, number>();
  for (let index = 0; index < pairs.length; index += 2) {
    const [event = 0, value = 0] = [pairs[index], pairs[index + 1]];
    if (event < 1 || event >= length || value < 0)
      throw invalidLine(
        place,
        `expected events from 1 to ${length - 1} and what is not below 0, found ${event} and ${value}`,
      );
    read.set(event, value);
  }
  return read;
}

function stepsOf(path: Path): readonly RecordedStep[] {
  const steps: RecordedStep[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.before) steps.push(at.step);
  return steps.reverse();
}

/** Events hold no functions: what machines ask for is in their contexts. */
function eventIn(written: unknown, place: string): EventObject {
  try {
    const event = decodeValue(written, () => () => undefined);
    if (isPlainObject(event) && typeof event['type'] === 'string') return { ...event, type: event['type'] };
  } catch (error) {
    throw invalidLine(place, `e: ${messageOf(error)}`);
  }
  throw invalidLine(place, 'e: expected an event, found something else');
}

function decodedLists(
  asked: Readonly<Record<string, readonly unknown[]>>,
  place: string,
): Record<string, readonly unknown[]> {
  try {
    return Object.fromEntries(
      Object.entries(asked).map(([name, values]) => [
        name,
        values.map((value) => decodeValue(value, () => () => undefined)),
      ]),
    );
  } catch (error) {
    throw invalidLine(place, `asked: ${messageOf(error)}`);
  }
}
