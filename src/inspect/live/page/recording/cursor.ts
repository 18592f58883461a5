/** Where a recording stands: after its event `seq`; 0 is before the first one. */
export interface Cursor {
  readonly seq: number;
  readonly playing: Playing | undefined;
}

/** From when the recording runs: `startT` of the recording was at `startedAt` of the page. */
export interface Playing {
  readonly startedAt: number;
  readonly startT: number;
  /** How many times as fast as it happened. */
  readonly speed: number;
}

export const speeds = [1, 4, 16, 64] as const;

/** A recording opens paused, before its first event. */
export const start: Cursor = { seq: 0, playing: undefined };

/** To an event, which pauses; never outside of the recording. */
export function seek(seq: number, last: number): Cursor {
  return { seq: Math.min(last, Math.max(0, Math.round(seq))), playing: undefined };
}

export function play(cursor: Cursor, t: number, speed: number, at: number): Cursor {
  return { ...cursor, playing: { startedAt: at, startT: t, speed } };
}

/** The same moment, at another speed. */
export function faster(cursor: Cursor, speed: number, at: number): Cursor {
  const { playing } = cursor;
  return playing === undefined ? cursor : play(cursor, playedTime(playing, at), speed, at);
}

/** What time it is in the recording that runs, in milliseconds since the epoch. */
export function playedTime({ startedAt, startT, speed }: Playing, at: number): number {
  return startT + (at - startedAt) * speed;
}

/**
 * How far it has come: number of the last of the events whose time has come. Where no more are read, it waits.
 *
 * @param events those behind the cursor, as far as they are read
 */
export function playedTo(
  { seq, playing }: Cursor,
  at: number,
  events: readonly { readonly s: number; readonly t: number }[],
): number {
  if (playing === undefined) return seq;
  const now = playedTime(playing, at);
  let reached = seq;
  for (const { s, t } of events) {
    if (t > now) break;
    reached = Math.max(reached, s);
  }
  return reached;
}
