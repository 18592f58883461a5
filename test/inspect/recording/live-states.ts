import type { ActorObserver, ObservedActor } from '../../../src/actors/actor-observer.js';
import { dotted } from '../../../src/connection/connection-states.js';
import type { Clock } from '../../../src/time/clock.js';
import { createRecorder, type Recorder } from '../../../src/inspect/index.js';
import { encodeValue } from '../../../src/inspect/recording/recorded-value.js';
import { unmasked } from '../../../src/inspect/recording/write/masking.js';
import type { Replay } from '../../../src/inspect/recording/replay/replay-recording.js';

/** An actor after one event: which, where it is, what it remembers, as text. */
export interface StateThen {
  readonly actor: string;
  readonly event: string;
  readonly state: string;
  readonly context: string;
}

/** Errors by name and code: that is what recordings keep of them. */
const comparing = { ...unmasked(), error: (error: Error) => ('code' in error && typeof error.code === 'string' ? { code: error.code } : {}) };

export function contextText(context: unknown): string {
  return JSON.stringify(encodeValue(context, comparing));
}

/** Records, and notes beside it what really became of each actor. */
export function recorderBeside(file: string, clock: Clock): { recorder: Recorder; states: StateThen[]; observer: ActorObserver } {
  const recorder = createRecorder({ file, clock });
  const { observer } = recorder;
  const states: StateThen[] = [];
  const places: number[] = [];
  const note = (actor: ObservedActor, event: { type: string }): StateThen => {
    const snapshot = actor.getSnapshot();
    return {
      actor: actor.id,
      event: event.type,
      state: 'value' in snapshot ? dotted(snapshot.value) : '',
      context: contextText('context' in snapshot ? snapshot.context : undefined),
    };
  };
  return {
    recorder,
    states,
    observer: {
      isSingle: true,
      prepare: (machine, input) => observer.prepare?.(machine, input) ?? { machine, input },
      made: (actor, machine, input) => observer.made(actor, machine, input),
      takes: (actor, event) => {
        places.push(states.push({ actor: actor.id, event: event.type, state: '', context: '' }) - 1);
        observer.takes(actor, event);
      },
      took: (actor, event, taken) => {
        observer.took(actor, event, taken);
        states[places.pop() ?? -1] = note(actor, event);
      },
    },
  };
}

/** The same of a replay. */
export function replayedStates({ recording: { actors, events }, timeline }: Replay): StateThen[] {
  return Array.from({ length: events.length }, (_, place) => {
    const step = timeline.stepAt(place);
    return {
      actor: actors[events.actor[place] ?? 0]?.id.replace(/~\d+$/, '') ?? '',
      event: events.stepAt(place).event.type,
      state: step?.state ?? '',
      context: contextText(step?.snapshot.context),
    };
  });
}
