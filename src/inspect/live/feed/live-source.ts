import type { ControlAnswer, ControlRequest } from './feed-control.js';
import type { InvocationDetail } from './feed-invocations.js';
import type { NextMessage } from './feed-next.js';
import type { StepMessage, StepsMessage, UntilMessage } from './feed-recording.js';
import type { DeltaMessage, Hello, SampleMessage, SnapshotMessage } from './messages.js';

/**
 * Where a feed comes from: a process that is inspected, or a recording. It answers from memory, at once; whoever serves it
 * decides when to ask, and encodes.
 */
export interface LiveSource {
  hello(): Hello;
  /** Number of the last event. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Everything as it is now, in pieces that are to be sent one after the other. */
  snapshot(): Iterable<SnapshotMessage>;
  /**
   * What happened after `seq`.
   *
   * @param most events; what does not fit is dropped in favour of the state of the actors, and told by `gapped`
   * @returns undefined where the ring does not reach back so far
   */
  since(seq: number, most: number): SinceAnswer | undefined;
  /** What was sampled since the last call; empty where all was sent. */
  samples(): readonly SampleMessage[];
  /** Undefined where there is no such actor. */
  next(actor: string): NextMessage | undefined;
  /** Undefined where it is no longer held. */
  invocation(id: string): InvocationDetail | undefined;
  /** Undefined where control is not allowed. */
  readonly control: ((request: ControlRequest, from: string) => Promise<ControlAnswer>) | undefined;
  /** Undefined for a live one. */
  readonly recording: RecordingSource | undefined;
  /** Tells that there is something new, at most once until {@link since} is asked. Returns what ends it. */
  onNews(listener: () => void): () => void;
  /** Settles when the source has ended, with the reason. */
  readonly ended: Promise<string>;
}

export interface SinceAnswer {
  readonly delta: DeltaMessage;
  /** Actors that are gone since. */
  readonly gone: readonly string[];
  /** The events that were left out. */
  readonly gapped: readonly [number, number] | undefined;
}

export interface RecordingSource {
  /** Undefined where there is no such event. */
  step(seq: number): StepMessage | undefined;
  steps(from: number, count: number): StepsMessage;
  until(what: Until, from: number): UntilMessage;
  /** A vitest file that replays the recording up to an event. */
  test(seq: number): string;
}

/** What a recording can be run to. */
export type Until =
  | { readonly actor: string; readonly state: string }
  | { readonly next: 'block' | 'failure' | 'departure' }
  | { readonly guard: string };
