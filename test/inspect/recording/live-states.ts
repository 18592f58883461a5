import type { ActorObserver, ObservedActor } from '../../../src/actors/actor-observer.js';
import { dotted } from '../../../src/connection/connection-states.js';
import type { Clock } from '../../../src/time/clock.js';
import { createRecorder, type Recorder } from '../../../src/inspect/index.js';
import { encodeValue } from '../../../src/inspect/recording/recorded-value.js';
import type { Replay } from '../../../src/inspect/recording/replay/replay-recording.js';

/** An actor after one event: which, where it is, what it remembers, as text. */
export interface StateThen {
  readonly actor: string;
  readonly event: string;
  readonly state: string;
  readonly context: string;
}

/**
 * Contexts as texts, of one run: which texts in them are the same, whatever they are, because recordings tell no more of
 * most; errors by their names and codes; moments to the hundredth of a millisecond, because recordings have microseconds.
 */
function contextTexts(): (context: unknown) => string {
  const seen = new Map<string, string>();
  const text = (value: string): string => {
    const known = seen.get(value) ?? `text ${seen.size}`;
    seen.set(value, known);
    return value === '' ? value : known;
  };
  const error = (one: Error) => ('code' in one && typeof one.code === 'string' ? { code: text(one.code) } : {});
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * 100) / 100 : value;
  return (context) => JSON.stringify(encodeValue(context, { text, error }), rounded);
}

export interface RecordedBeside {
  readonly recorder: Recorder;
  readonly observer: ActorObserver;
  readonly states: () => StateThen[];
}

/** Records, and notes beside it what really became of each actor. */
export function recorderBeside(file: string, clock: Clock, payloads = false): RecordedBeside {
  const recorder = createRecorder({ file, clock, payloads });
  const { observer } = recorder;
  const states: { actor: string; event: string; state: string; context: unknown }[] = [];
  const places: number[] = [];
  const note = (actor: ObservedActor, event: { type: string }): (typeof states)[number] => {
    const snapshot = actor.getSnapshot();
    return {
      actor: actor.id,
      event: event.type,
      state: 'value' in snapshot ? dotted(snapshot.value) : '',
      context: 'context' in snapshot ? snapshot.context : undefined,
    };
  };
  return {
    recorder,
    states: () => {
      const contextText = contextTexts();
      return states.map((then) => ({ ...then, context: contextText(then.context) }));
    },
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
  const contextText = contextTexts();
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
