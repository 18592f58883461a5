/** Buckets for each doubling: values are told to 9 per cent. */
const perDoubling = 8;
const buckets = 208;
/** Milliseconds of the first bucket. */
const smallest = 1 / 1024;

/** Durations, counted in buckets that grow: taking one in costs nothing to speak of, and nothing is sorted. */
export class Latencies {
  readonly #counts = new Uint32Array(buckets);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(ms: number): void {
    const bucket = ms <= smallest ? 0 : Math.min(buckets - 1, Math.floor(Math.log2(ms / smallest) * perDoubling));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#size++;
  }

  addAll(other: Latencies): void {
    other.#counts.forEach((count, bucket) => {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    });
    this.#size += other.#size;
  }

  /** Milliseconds that this share of them takes at most; undefined where there is none. @param share from 0 to 1 */
  quantile(share: number): number | undefined {
    if (this.#size === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * this.#size));
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return rounded(smallest * 2 ** ((bucket + 0.5) / perDoubling));
    }
    return undefined;
  }

  clear(): void {
    if (this.#size === 0) return;
    this.#counts.fill(0);
    this.#size = 0;
  }
}

/** To a hundredth: more digits of a duration are noise. */
export function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Latencies of the last minute, give or take half of it. */
export class RecentLatencies {
  #current = new Latencies();
  #earlier = new Latencies();
  #until = 0;

  add(ms: number, now: number): void {
    this.#turn(now);
    this.#current.add(ms);
  }

  quantiles(now: number): { readonly p50: number | undefined; readonly p99: number | undefined } {
    this.#turn(now);
    const all = new Latencies();
    all.addAll(this.#current);
    all.addAll(this.#earlier);
    return { p50: all.quantile(0.5), p99: all.quantile(0.99) };
  }

  #turn(now: number): void {
    if (now < this.#until) return;
    const [earlier, current] = [this.#current, this.#earlier];
    this.#earlier = earlier;
    this.#current = current;
    current.clear();
    if (now >= this.#until + halfMinute) earlier.clear();
    this.#until = now + halfMinute;
  }
}

const halfMinute = 30_000;
