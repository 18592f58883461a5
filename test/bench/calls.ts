import { median, type Rounds } from './measurement.js';

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

/** Rounds that single calls are put together in. */
const rounds = 16;

/** Microseconds of single calls, ours and the reference taking turns call by call: the medians of each round. */
export async function singles(
  ours: () => Promise<unknown>,
  reference: () => Promise<unknown>,
  count = 4_000,
): Promise<Rounds> {
  await warmUp(reference);
  await warmUp(ours);
  const medians = { ours: [] as number[], reference: [] as number[] };
  // The first quarter is for the compiler.
  for (let round = -rounds / 4; round < rounds; round++) {
    const times = { ours: [] as number[], reference: [] as number[] };
    for (let i = 0; i < count / rounds; i++) {
      for (const [side, call] of [
        ['reference', reference],
        ['ours', ours],
      ] as const) {
        const startedAt = performance.now();
        await call();
        times[side].push((performance.now() - startedAt) * 1000);
      }
    }
    if (round < 0) continue;
    medians.ours.push(median(times.ours));
    medians.reference.push(median(times.reference));
  }
  return medians;
}

/** Keeps so many calls in flight until `count` are done. */
export const inFlight =
  (call: () => Promise<unknown>, atOnce = 64) =>
  async (count: number): Promise<void> => {
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started++ < count) await call();
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };

/** Makes `count` calls, one after the other. */
export const oneByOne =
  (call: () => Promise<unknown>) =>
  async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await call();
  };
