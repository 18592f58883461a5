import type { AnyStateMachine } from 'xstate';
import type { Departure } from '../../live/feed/feed-recording.js';
import { machineCatalogue } from '../../charts/catalogue.js';
import { fingerprintOf } from '../../live/watch/machine-fingerprints.js';
import type { RecordedStep, Recording } from '../read/recording.js';
import { missingMachine } from './departure-texts.js';
import { LifeReplay, type ReplayedStep } from './life-replay.js';
import { ReplayedMachine } from './replayed-machine.js';
import { Timeline } from './timeline.js';

/** How a recording is replayed. */
export interface ReplayOptions {
  /** Machines to run in the place of those of this version, by their ids. */
  readonly machines?: readonly AnyStateMachine[];
}

/** A recording that was run again. */
export interface Replay {
  readonly recording: Recording;
  /** Where this version goes another way than the recording, in order; at most 1,000. */
  readonly departures: readonly Departure[];
  /** How many departures there are. */
  readonly departed: number;
  /** Ids of machines that are declared otherwise than when the recording was made, or are not there. */
  readonly changedMachines: readonly string[];
  /** @internal */
  readonly timeline: Timeline;
}

/** Departures that are told one by one. */
const mostTold = 1000;

/**
 * Runs the machines again on a recording, offline: what happened and what they asked for comes from it, and where they come
 * to is compared. A machine that departs goes on from the state that was recorded.
 */
export function replayRecording(recording: Recording, options: ReplayOptions = {}): Replay {
  const declared = new Map([...machineCatalogue].map(([id, { machine }]) => [id, machine]));
  for (const machine of options.machines ?? []) declared.set(machine.id, machine);
  const machines = new Map<string, ReplayedMachine>();
  const machineOf = (id: string): ReplayedMachine | undefined => {
    const known = machines.get(id);
    const machine = declared.get(id);
    if (known !== undefined || machine === undefined) return known;
    const made = new ReplayedMachine(machine);
    machines.set(id, made);
    return made;
  };
  const starts = new Map<unknown, Map<RecordedStep, ReplayedStep>>();
  const lifeOf = (actor: number): LifeReplay | undefined => {
    const recorded = recording.actors[actor];
    const machine = recorded === undefined ? undefined : machineOf(recorded.machine);
    return recorded === undefined || machine === undefined ? undefined : new LifeReplay(machine, recorded, starts);
  };
  const timeline = new Timeline(recording, lifeOf, (machine, type) => machineOf(machine)?.labelOf(type) ?? type);
  const { departures, departed } = runThrough(recording, timeline, lifeOf);
  const changedMachines = Object.entries(recording.header.machines)
    .filter(([id, fingerprint]) => {
      const machine = declared.get(id);
      return machine === undefined || fingerprintOf(machine) !== fingerprint;
    })
    .map(([id]) => id);
  return { recording, departures, departed, changedMachines, timeline };
}

function runThrough(
  recording: Recording,
  timeline: Timeline,
  lifeOf: (actor: number) => LifeReplay | undefined,
): { departures: Departure[]; departed: number } {
  const { actors, events, header } = recording;
  const lives: (LifeReplay | undefined)[] = actors.map((_, index) => lifeOf(index));
  const departures: Departure[] = [];
  const known = new Set<number>();
  let departed = 0;
  for (let place = 0; place < events.length; place++) {
    const actor = events.actor[place] ?? 0;
    const [seq = 0, t = 0] = [events.seq[place], events.t[place]];
    const life = lives[actor];
    const taken = life?.take(events.stepAt(place), seq, t, header.clock + t);
    timeline.keep(place, taken?.step);
    let departure = taken?.departure;
    if (life === undefined && !known.has(actor)) {
      known.add(actor);
      departure = missingMachine(actors[actor]?.machine ?? '');
    }
    if (departure === undefined) continue;
    departed += 1;
    const { id = '' } = actors[actor] ?? {};
    if (departures.length < mostTold) departures.push({ seq: place + 1, t, actor: id, text: `${id} ${departure}` });
  }
  return { departures, departed };
}
