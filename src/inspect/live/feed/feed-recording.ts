import type { InvocationOutcome } from './feed-invocations.js';
import type { ActorState, FeedEvent, Ribbon } from './feed-states.js';
import type { feedVersion } from './feed-version.js';

/** What is known of a recording before its first event. */
export interface RecordingFacts {
  readonly file: string;
  /** Milliseconds from its first event to its last. */
  readonly ms: number;
  readonly events: number;
  readonly actors: number;
  readonly madeBy: string;
  /** Where its last whole line ends, if it was cut off there. */
  readonly cutOff?: number;
  readonly departures: readonly Departure[];
  /** For the tape: a ribbon per actor, and decisions. */
  readonly tape: {
    readonly ribbons: Readonly<Record<string, Ribbon>>;
    readonly decisions: readonly (readonly [t: number, seq: number, outcome: InvocationOutcome])[];
  };
}

/** Where a replay goes another way than the recording. */
export interface Departure {
  readonly seq: number;
  readonly t: number;
  readonly actor: string;
  /** In one sentence. */
  readonly text: string;
}

/** `GET /step?seq=`: everything as it was at one event of a recording. */
export interface StepMessage {
  readonly v: typeof feedVersion;
  readonly type: 'step';
  readonly seq: number;
  readonly t: number;
  readonly event: FeedEvent;
  readonly actors: readonly ActorState[];
  /** What the event changed in its actor's context, as text. */
  readonly changed: readonly { readonly name: string; readonly was: string; readonly now: string }[];
}

/** `GET /steps?from=&count=`: events of a recording. */
export interface StepsMessage {
  readonly v: typeof feedVersion;
  readonly type: 'steps';
  readonly events: readonly FeedEvent[];
}

/** `GET /until?actor=&state=` and the like: the next event of a recording at which that holds. */
export interface UntilMessage {
  readonly v: typeof feedVersion;
  readonly type: 'until';
  /** Undefined: it never does. */
  readonly seq?: number;
}
