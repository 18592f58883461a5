import { median } from './measurement.js';

/** Milliseconds that each side is used before it is timed: the compiler needs tens of thousands of calls. */
const warmUpMs = 2_000;

/** Keeps 64 calls in flight for a while. */
async function warmUp(call: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + warmUpMs;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) await call();
  };
  await Promise.all(Array.from({ length: 64 }, worker));
}

/** Medians of single calls, in microseconds, ours and the reference taking turns. */
export async function singles(
  ours: () => Promise<unknown>,
  reference: () => Promise<unknown>,
  count = 4_000,
): Promise<[number, number]> {
  await warmUp(reference);
  await warmUp(ours);
  const times: [number[], number[]] = [[], []];
  for (let i = -count / 4; i < count; i++) {
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
