/**
 * The lines of a recording, as JSON: see docs/reference/recording-format.md. Times are whole microseconds since the header's
 * `clock`, on the clock of the host.
 */
export const recordingVersion = 1;

/** The first line of each part. */
export interface RecordingHeader {
  readonly recording: typeof recordingVersion;
  readonly madeBy: string;
  /** The same for all parts of one recording. */
  readonly run: string;
  /** 1 and up: a file that grew too large was put aside, and this is the one after it. */
  readonly part: number;
  /** When the recording began, in milliseconds since 1970. */
  readonly epoch: number;
  /** What the clock of the host said then, in milliseconds. */
  readonly clock: number;
  /** Fingerprints of the machines, by their ids. */
  readonly machines: Readonly<Record<string, string>>;
  readonly payloads: 'redacted' | 'recorded';
}

/** How short lives of one kind begin. */
export interface StartLine {
  readonly start: number;
  readonly machine: string;
  /** What they are called, each with a number. */
  readonly name: string;
  readonly input: unknown;
}

/** One step of a way through a machine: the one before it (0: none), the event, and the state that it led to. */
export interface PathLine {
  readonly path: number;
  readonly after: number;
  readonly e: unknown;
  readonly to: string;
}

/** An actor that was made, or lived already: with its input in the former case, its snapshot in the latter. */
export interface ActorLine {
  readonly actor: number;
  readonly id: string;
  readonly machine: string;
  /** Number of the last event before. */
  readonly s: number;
  readonly t: number;
  readonly input?: unknown;
  readonly snapshot?: { readonly value: unknown; readonly context: unknown };
}

/** One event of an actor that lives long. */
export interface EventLine {
  readonly n: number;
  readonly s: number;
  readonly t: number;
  readonly e: unknown;
  readonly to: string;
  /** What it remembers otherwise than before, by name. */
  readonly c?: Readonly<Record<string, unknown>>;
  /** What it asked of its surroundings while it decided, by name, in order. */
  readonly asked?: Readonly<Record<string, readonly unknown[]>>;
  /** Milliseconds of the timers that it armed, by name. */
  readonly timers?: Readonly<Record<string, number>>;
}

/** Events of an actor that lives shortly: a way through its machine. */
export interface LifeLine {
  readonly n: number;
  /** Set where it begins: how, and its number; its id is the name of the start and this. */
  readonly i?: number;
  readonly k?: number;
  /** Number and time of the first of them. */
  readonly s: number;
  readonly t: number;
  /** The step that the way ends with. */
  readonly p: number;
  /** In pairs: which of the further events, from 1, and how much later it was than what was told before. */
  readonly d?: readonly number[];
  /** In pairs: which of the further events, from 1, and by how much its number is above the one before, where not by 1. */
  readonly q?: readonly number[];
}

/** Events that were not recorded, from and to these numbers. */
export interface GapLine {
  readonly gap: readonly [number, number];
  readonly why: string;
}

/** The last line of a recording that was ended by its owner. */
export interface EndLine {
  readonly end: number;
  readonly t: number;
}
