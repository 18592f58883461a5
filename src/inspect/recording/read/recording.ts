import type { EventObject } from 'xstate';
import type { RecordingHeader } from '../recording-format.js';

/** A recording in memory. Times are milliseconds since it began, on the clock of the host. */
export interface Recording {
  /** Path of the file that was read. */
  readonly file: string;
  readonly header: RecordingHeader;
  readonly actors: readonly RecordedActor[];
  readonly events: RecordedEvents;
  /** Events that were not recorded, from and to these numbers, and why. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly why: string }[];
  /** Byte at which its last whole line ends, where its owner did not end it. */
  readonly cutOff: number | undefined;
  /** Whether the part before (`<file>.1`) was read too. */
  readonly hasPartBefore: boolean;
}

/** An actor of a recording. */
export interface RecordedActor {
  /** Its own in the recording: the one of its actor system, with a number where another has it too. */
  readonly id: string;
  /** Id of its machine. */
  readonly machine: string;
  /** When it was made, or first heard of. */
  readonly t: number;
  /** Undefined for one that lived already. */
  readonly start: RecordedStart | undefined;
  /** Where it was found: at first, or after events that were not recorded. Each holds for the events behind its number. */
  readonly found: readonly FoundActor[];
}

/** What actors of a kind begin with; the same object for those that begin in the same way. */
export interface RecordedStart {
  readonly input: unknown;
}

/** An actor that lived already when the recorder heard of it. */
export interface FoundActor {
  readonly seq: number;
  readonly value: unknown;
  readonly context: unknown;
}

/** An event and where it led; the same object for short lives that went the same way up to there. */
export interface RecordedStep {
  readonly event: EventObject;
  readonly to: string;
  /** Whether there are others that share it. */
  readonly isShared: boolean;
  /** What the actor remembered otherwise than before, as it was recorded. */
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly asked?: Readonly<Record<string, readonly unknown[]>>;
  readonly timers?: Readonly<Record<string, number>>;
}

/** The events in the order in which they happened, by their place in it. */
export interface RecordedEvents {
  readonly length: number;
  /** Number of each: what is missing between two was not recorded. */
  readonly seq: Float64Array;
  readonly t: Float64Array;
  /** Place of its actor in `actors`. */
  readonly actor: Uint32Array;
  stepAt(place: number): RecordedStep;
  /** Place of the last event with this number or a smaller one; -1 where there is none. */
  placeOf(seq: number): number;
}
