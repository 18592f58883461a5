/**
 * The last event at or before a time, of events in the order of their times; 0 where there is none. Asks for as few times as
 * it can: it goes where the time would be if events came evenly, and halves what is left where they do not.
 *
 * @param timeOf undefined: there is no such event
 */
export async function seqAtTime(
  t: number,
  last: number,
  timeOf: (seq: number) => Promise<number | undefined>,
): Promise<number> {
  if (last < 1) return 0;
  let [low, high] = [1, last];
  let [lowT, highT] = await Promise.all([timeOf(low), timeOf(high)]);
  if (lowT === undefined || t < lowT) return 0;
  if (highT === undefined || t >= highT) return high;
  let halves = false;
  while (high - low > 1) {
    const share = halves || highT <= lowT ? 0.5 : (t - lowT) / (highT - lowT);
    const middle: number = Math.min(high - 1, Math.max(low + 1, Math.round(low + share * (high - low))));
    const middleT = await timeOf(middle);
    if (middleT === undefined) return low;
    if (middleT <= t) [low, lowT] = [middle, middleT];
    else [high, highT] = [middle, middleT];
    halves = !halves;
  }
  return low;
}
