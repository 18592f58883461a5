/** One line of the benchmark table. */
export interface Measurement {
  readonly name: string;
  readonly ours: number;
  readonly reference: number;
  readonly unit: string;
  readonly ratio: number;
}

/** A measurement of ours against a reference. */
export function measurement(name: string, unit: string, ours: number, reference: number): Measurement {
  return { name, ours: rounded(ours), reference: rounded(reference), unit, ratio: rounded(ours / reference) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

export interface Contest {
  /** Runs `count` times, one after the other or however the benchmark wants. */
  readonly ours: (count: number) => Promise<unknown>;
  readonly reference: (count: number) => Promise<unknown>;
  /** Runs per round. */
  readonly count: number;
  readonly rounds?: number;
}

/** Medians of microseconds per run, ours and the reference taking turns so that both see the same machine. */
export async function contest({
  ours,
  reference,
  count,
  rounds = 15,
}: Contest): Promise<{ ours: number; reference: number }> {
  const times = { ours: [] as number[], reference: [] as number[] };
  // Once only: a full collection throws optimised code away, and rounds would measure the compiler.
  globalThis.gc?.();
  for (let round = -3; round < rounds; round++) {
    for (const [side, run] of [
      ['reference', reference],
      ['ours', ours],
    ] as const) {
      const startedAt = performance.now();
      await run(count);
      // The first rounds are for the compiler.
      if (round >= 0) times[side].push(((performance.now() - startedAt) * 1000) / count);
    }
  }
  return { ours: median(times.ours), reference: median(times.reference) };
}

/** Prints a group's measurements for `main.ts` to collect. */
export function report(measurements: readonly Measurement[]): void {
  for (const line of measurements) process.send?.(line);
}
