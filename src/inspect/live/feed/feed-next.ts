import type { feedVersion } from './feed-version.js';

/** What an actor would do now with each event that it takes: the answer to `GET /next?actor=`. */
export interface NextMessage {
  readonly v: typeof feedVersion;
  readonly type: 'next';
  readonly actor: string;
  readonly seq: number;
  readonly events: readonly PossibleEvent[];
}

export interface PossibleEvent {
  readonly e: string;
  /** State that takes it; empty: in any state. */
  readonly src: string;
  readonly guard?: string;
  /** Whether it would be taken now; undefined: depends on the event. */
  readonly holds?: boolean;
  /** The fact behind the guard: `4 of 100 wait`. */
  readonly because?: string;
  /** Another one above is taken first. */
  readonly shadowed?: boolean;
  readonly does?: readonly string[];
  /** Undefined: it stays. */
  readonly to?: string;
  readonly due?: number;
}
