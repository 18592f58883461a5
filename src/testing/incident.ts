import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { readRecording, recordingIn } from '../inspect/recording/read/read-recording.js';
import type { Recording } from '../inspect/recording/read/recording.js';
import { replayRecording } from '../inspect/recording/replay/replay-recording.js';

/** How an incident is replayed. */
export interface IncidentOptions {
  /** The file of the recording; or `text`. */
  readonly file?: string | URL;
  /** The recording itself. */
  readonly text?: string;
  /** Number of the last event to look at. Default: all. */
  readonly to?: number;
  /** Machines to run in the place of those of this version, by their ids. */
  readonly machines?: readonly AnyStateMachine[];
}

/** A recording that was run again on the machines of this version. */
export interface Incident {
  /** Where this version goes another way, each in a sentence, in order. */
  readonly departures: readonly string[];
  /** States that an actor went through in this version, without repeats, nested ones with dots. @throws Error for an actor there is not */
  states(actor: string): readonly string[];
}

/**
 * Runs a recording again, as the tests do that `gatechart replay --to-test` writes.
 *
 * ```ts
 * const incident = await replayIncident({ file: new URL('./incident.jsonl', import.meta.url) });
 * expect(incident.departures).toEqual([]);
 * ```
 *
 * @throws GatechartError RECORDING_INVALID
 */
export async function replayIncident({ file, text, to, machines }: IncidentOptions): Promise<Incident> {
  const recording = await recordingOf(file, text);
  const { departures, timeline } = replayRecording(recording, machines === undefined ? {} : { machines });
  const last = to ?? recording.events.length;
  return {
    departures: departures.filter(({ seq }) => seq <= last).map((departure) => departure.text),
    states: (actor) => {
      const index = recording.actors.findIndex(({ id }) => id === actor);
      if (index === -1) throw new Error(`the recording has no actor ${JSON.stringify(actor)}`);
      const states: string[] = [];
      for (const place of timeline.placesOf(index)) {
        const went = timeline.stepAt(place)?.went;
        if (place < last && went !== undefined && states.at(-1) !== went) states.push(went);
      }
      return states;
    },
  };
}

async function recordingOf(file: string | URL | undefined, text: string | undefined): Promise<Recording> {
  if (text !== undefined) return recordingIn('recording', Buffer.from(`${text}\n`));
  if (file === undefined) throw new TypeError('replayIncident: expected a file or a text, found neither');
  return readRecording(file instanceof URL ? fileURLToPath(file) : file);
}
