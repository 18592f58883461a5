/** An event as far as it matters when it was. */
export interface Moment {
  readonly s: number;
  readonly t: number;
}

/** The event with a number, or the next one behind it; undefined where there is none. */
export type NextMoment = (seq: number) => Promise<Moment | undefined>;

/**
 * Number of the last event at or before a time; 0 where there is none. Asks for as few events as it can: it goes where the
 * time would be if events came evenly, and halves what is left where they do not.
 */
export async function seqAtTime(t: number, last: number, next: NextMoment): Promise<number> {
  const first = await next(0);
  if (first === undefined || t < first.t) return 0;
  let low = first;
  // No event that is early enough has this number, or a larger one.
  let high = { s: last + 1, t: Number.POSITIVE_INFINITY };
  for (let halves = true; high.s - low.s > 1; halves = !halves) {
    const share = halves || !Number.isFinite(high.t) || high.t <= low.t ? 0.5 : (t - low.t) / (high.t - low.t);
    const middle = Math.min(high.s - 1, Math.max(low.s + 1, Math.round(low.s + share * (high.s - low.s))));
    const found = await next(middle);
    if (found === undefined || found.s >= high.s) high = { ...high, s: middle };
    else if (found.t <= t) low = found;
    else high = { s: middle, t: found.t };
  }
  return low.s;
}
