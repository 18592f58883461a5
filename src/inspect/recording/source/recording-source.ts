import { basename } from 'node:path';
import { possibleSteps } from '../../../actors/state-explanation.js';
import { isPlainObject } from '../../../json/records.js';
import type { LiveSource, RecordingSource, SinceAnswer, Until } from '../../live/feed/live-source.js';
import { type InvocationDetail } from '../../live/feed/feed-invocations.js';
import { type NextMessage } from '../../live/feed/feed-next.js';
import {
  type RecordingFacts,
  type StepMessage,
  type StepsMessage,
  type UntilMessage,
} from '../../live/feed/feed-recording.js';
import { type ActorState } from '../../live/feed/feed-states.js';
import { feedVersion } from '../../live/feed/feed-version.js';
import { type Hello, type SampleMessage, type SnapshotMessage } from '../../live/feed/messages.js';
import { readRecording } from '../read/read-recording.js';
import type { Recording } from '../read/recording.js';
import { type Replay, replayRecording } from '../replay/replay-recording.js';
import type { Timeline } from '../replay/timeline.js';
import { testSource } from './test-source.js';
import { actorState, valueText } from './actor-view.js';
import { decisionAt, feedEvent, isFailure } from './event-view.js';
import { invocationDetail } from './invocation-view.js';
import { isShort, tapeOf } from './tape.js';

/** Actors that one step tells at most; those that changed last. */
const mostActors = 1000;

/**
 * A recording that is looked at in the inspector: it opens before its first event, and stands still.
 *
 * @throws GatechartError RECORDING_INVALID
 */
export async function openRecording(file: string): Promise<LiveSource & { readonly recording: RecordingSource }> {
  return sourceOf(replayRecording(await readRecording(file)));
}

/** The same of one that was run already. @internal */
export function sourceOf(replay: Replay): LiveSource & { readonly recording: RecordingSource } {
  return new RecordedSource(replay);
}

class RecordedSource implements LiveSource, RecordingSource {
  readonly seq = 0;
  readonly control = undefined;
  readonly recording: RecordingSource = this;
  /** It never ends by itself. */
  readonly ended = new Promise<string>(() => {});
  readonly #replay: Replay;
  readonly #recording: Recording;
  readonly #timeline: Timeline;
  readonly #facts: RecordingFacts;
  readonly #indices: ReadonlyMap<string, number>;

  constructor(replay: Replay) {
    const { recording, timeline, departures } = replay;
    const { file, events, actors, header, cutOff } = recording;
    this.#replay = replay;
    this.#recording = recording;
    this.#timeline = timeline;
    this.#indices = new Map(actors.map(({ id }, index) => [id, index]));
    this.#facts = {
      file: basename(file),
      ms: (events.t.at(-1) ?? 0) - (events.t[0] ?? 0),
      events: events.length,
      actors: actors.length,
      madeBy: header.madeBy,
      ...(cutOff !== undefined && { cutOff }),
      departures,
      tape: tapeOf(recording, timeline),
    };
  }

  hello(): Hello {
    const { header, file } = this.#recording;
    return {
      v: feedVersion,
      type: 'hello',
      host: { name: basename(file), pid: 0, version: header.madeBy.replace(/^gatechart /, ''), start: header.run },
      epoch: header.epoch,
      now: 0,
      rate: 30,
      control: false,
      payloads: header.payloads === 'recorded' ? 'shown' : 'redacted',
      ring: { events: this.#recording.events.length, invocations: 0 },
      machines: header.machines,
      source: 'recording',
      recording: this.#facts,
    };
  }

  now(): number {
    return 0;
  }

  snapshot(): Iterable<SnapshotMessage> {
    return [{ v: feedVersion, type: 'snapshot', seq: 0, t: 0, actors: [], more: false }];
  }

  since(): SinceAnswer {
    return { delta: { v: feedVersion, type: 'delta', seq: [0, 0], t: 0 }, gone: [], gapped: undefined };
  }

  samples(): readonly SampleMessage[] {
    return [];
  }

  /** As at the end: a step tells what could happen at an event. */
  next(actor: string): NextMessage | undefined {
    const index = this.#indices.get(actor);
    const at = index === undefined ? undefined : this.#timeline.actorAt(index, this.#recording.events.length);
    if (at?.step === undefined) return undefined;
    return {
      v: feedVersion,
      type: 'next',
      actor,
      seq: at.place + 1,
      events: possibleSteps(at.step.snapshot).map(
        ({ event, source, guard, holds, isShadowed, stays, target, actions }) => ({
          e: event,
          src: source,
          ...(guard !== undefined && { guard }),
          ...(holds !== undefined && { holds }),
          ...(isShadowed && { shadowed: true }),
          ...(actions.length > 0 && { does: actions }),
          ...(!stays && { to: target }),
        }),
      ),
    };
  }

  invocation(id: string): InvocationDetail | undefined {
    const index = this.#indices.get(id);
    if (index === undefined) return undefined;
    return invocationDetail(this.#recording, this.#timeline, index, this.#recording.events.length);
  }

  onNews(): () => void {
    return () => {};
  }

  step(seq: number): StepMessage | undefined {
    const place = seq - 1;
    const { events } = this.#recording;
    if (!Number.isInteger(place) || place < 0 || place >= events.length) return undefined;
    return {
      v: feedVersion,
      type: 'step',
      seq,
      t: events.t[place] ?? 0,
      event: feedEvent(this.#recording, this.#timeline, place),
      actors: this.#actorsAt(place),
      changed: this.#changedBy(place),
    };
  }

  steps(from: number, count: number): StepsMessage {
    const first = Math.max(0, from - 1);
    const end = Math.min(this.#recording.events.length, first + count);
    const places = Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
    return {
      v: feedVersion,
      type: 'steps',
      events: places.map((place) => feedEvent(this.#recording, this.#timeline, place)),
    };
  }

  until(what: Until, from: number): UntilMessage {
    for (let place = Math.max(0, from); place < this.#recording.events.length; place++) {
      if (this.#holds(what, place)) return { v: feedVersion, type: 'until', seq: place + 1 };
    }
    return { v: feedVersion, type: 'until' };
  }

  test(seq: number): string {
    return testSource(this.#recording, { to: seq });
  }

  #holds(what: Until, place: number): boolean {
    const { actors, events } = this.#recording;
    if ('guard' in what) return this.#timeline.stepAt(place)?.guards[what.guard] === false;
    const before = this.#timeline.stateBefore(place);
    if ('actor' in what) {
      if (actors[events.actor[place] ?? 0]?.id !== what.actor) return false;
      return isIn(events.stepAt(place).to, what.state) && !isIn(before, what.state);
    }
    switch (what.next) {
      case 'block':
        return decisionAt(this.#recording, place) === 'blocked';
      case 'failure':
        return isFailure(this.#recording, place, before);
      case 'departure':
        return this.#replay.departures.some(({ seq }) => seq === place + 1);
    }
  }

  /** Those that live long, whatever became of them, and of the others those that live now. */
  #actorsAt(place: number): readonly ActorState[] {
    const { actors, events } = this.#recording;
    const own = events.actor[place];
    const states: ActorState[] = [];
    for (const [index, { machine }] of actors.entries()) {
      const at = this.#timeline.actorAt(index, place);
      if (at === undefined) continue;
      const hasEnded = this.#timeline.hasEnded(index, place) && at.step?.snapshot.status !== 'active';
      if (isShort(machine) && index !== own && (hasEnded || this.#timeline.hasEnded(index, place))) continue;
      states.push(actorState(this.#recording, this.#timeline, at, hasEnded));
    }
    return states.length <= mostActors ? states : states.sort((a, b) => b.since - a.since).slice(0, mostActors);
  }

  #changedBy(place: number): StepMessage['changed'] {
    const before = this.#timeline.before(place);
    const was = contextOf(before === undefined ? undefined : this.#timeline.stepAt(before)?.snapshot.context);
    const now = contextOf(this.#timeline.stepAt(place)?.snapshot.context);
    return Object.keys({ ...was, ...now })
      .map((name) => ({ name, was: name in was ? valueText(was[name]) : '', now: valueText(now[name]) }))
      .filter(({ was: before, now: after }) => before !== after);
  }
}

/** Whether a state is the one asked for, or lies in it. */
function isIn(state: string, asked: string): boolean {
  return state === asked || state.startsWith(`${asked}.`);
}

function contextOf(context: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(context) ? context : {};
}
