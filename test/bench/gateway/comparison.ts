import { inFlight, singles } from '../calls.js';
import { compared, type Measurement } from '../measurement.js';
import type { Caller } from './callers.js';
import type { Middle } from './middles.js';
import { nextQuestion, type Question } from './questions.js';

/** The median of one call, one after the other. */
export async function compareSingles(
  name: string,
  ours: Caller,
  reference: Caller,
  { next = nextQuestion, count = 4_000 }: { readonly next?: () => Question; readonly count?: number } = {},
): Promise<Measurement> {
  const figures = await singles(
    () => ours.ask(next()),
    () => reference.ask(next()),
    count,
  );
  return compared(name, 'µs', figures);
}

/**
 * Time per call with 64 of them in flight, and what the process in the middle has of the processor per call, which stays
 * what it is where several processes share cores.
 */
export async function compareMany(
  name: string,
  ours: Middle,
  reference: Middle,
  { count = 2_000, rounds = 7 }: { readonly count?: number; readonly rounds?: number } = {},
): Promise<Measurement[]> {
  const sides = [ours, reference].map((middle) => ({
    middle,
    run: inFlight(() => middle.ask(nextQuestion())),
    times: [] as number[],
    cpu: [] as number[],
  }));
  for (let round = -3; round < rounds; round++) {
    for (const { middle, run, times, cpu } of sides) {
      const cpuBefore = middle.cpuMicroseconds();
      const startedAt = performance.now();
      await run(count);
      // The first rounds are for the compiler.
      if (round < 0) continue;
      times.push(((performance.now() - startedAt) * 1000) / count);
      cpu.push((middle.cpuMicroseconds() - cpuBefore) / count);
    }
  }
  const [our, their] = sides;
  if (our === undefined || their === undefined) return [];
  return [
    compared(name, 'µs', { ours: our.times, reference: their.times }),
    compared(`${name}-cpu (information)`, 'µs', { ours: our.cpu, reference: their.cpu }),
  ];
}
