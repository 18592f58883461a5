import { median } from './measurement.js';

/** Medians of single calls, in microseconds, ours and the reference taking turns. */
export async function singles(
  ours: () => Promise<unknown>,
  reference: () => Promise<unknown>,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let i = -1_000; i < 4_000; i++) {
    for (const [side, call] of [reference, ours].entries()) {
      const startedAt = performance.now();
      await call();
      if (i >= 0) times[side]?.push((performance.now() - startedAt) * 1000);
    }
  }
  return [median(times[1]), median(times[0])];
}

/** Keeps 64 calls in flight until `count` are done. */
export const inFlight =
  (call: () => Promise<unknown>) =>
  async (count: number): Promise<void> => {
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started++ < count) await call();
    };
    await Promise.all(Array.from({ length: 64 }, worker));
  };
