import type { ChildProcess } from 'node:child_process';
import { cpuMicroseconds } from './processes.js';

/** One line of the benchmark table. */
export interface Measurement {
  readonly name: string;
  readonly ours: number;
  readonly reference: number;
  readonly unit: string;
  readonly ratio: number;
  /** The middle half of the rounds had a ratio between these two; none where there was one round. */
  readonly spread?: readonly [low: number, high: number];
}

/** What two sides took, round by round; the rounds of one index saw the same machine. */
export interface Rounds {
  readonly ours: readonly number[];
  readonly reference: readonly number[];
}

/** A measurement of ours against a reference that was not measured beside it. */
export function measurement(name: string, unit: string, ours: number, reference: number): Measurement {
  return { name, ours: rounded(ours), reference: rounded(reference), unit, ratio: rounded(ours / reference) };
}

/** A measurement of rounds in which both sides took turns: medians of the times and of the ratios, and how far these lie apart. */
export function compared(name: string, unit: string, { ours, reference }: Rounds): Measurement {
  const ratios = ours.map((value, round) => value / (reference[round] ?? Number.NaN));
  const spread = [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))] as const;
  return { ...measurement(name, unit, median(ours), median(reference)), ratio: rounded(median(ratios)), spread };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share + 0.5)] ?? Number.NaN;
}

export interface Contest {
  /** Runs `count` times, one after the other or however the benchmark wants. */
  readonly ours: (count: number) => Promise<unknown>;
  readonly reference: (count: number) => Promise<unknown>;
  /** Runs per round. */
  readonly count: number;
  readonly rounds?: number;
  /** The processes that each side needs beside this one: their processor time is counted too. */
  readonly processes?: { readonly ours: readonly ChildProcess[]; readonly reference: readonly ChildProcess[] };
}

/** What a contest came to. */
export interface Contested {
  /** Microseconds per run. */
  readonly wall: Rounds;
  /** Microseconds of the processor per run, those of the other processes of a side included. */
  readonly cpu: Rounds;
}

/** Lets ours and the reference take turns, so that both see the same machine. */
export async function contest({ ours, reference, count, rounds = 15, processes }: Contest): Promise<Contested> {
  const wall = { ours: [] as number[], reference: [] as number[] };
  const cpu = { ours: [] as number[], reference: [] as number[] };
  // Once only: a full collection throws optimised code away, and rounds would measure the compiler.
  globalThis.gc?.();
  for (let round = -3; round < rounds; round++) {
    for (const [side, run] of [
      ['reference', reference],
      ['ours', ours],
    ] as const) {
      const cpuBefore = cpuOf(processes?.[side]);
      const startedAt = performance.now();
      await run(count);
      const took = (performance.now() - startedAt) * 1000;
      // The first rounds are for the compiler.
      if (round < 0) continue;
      wall[side].push(took / count);
      cpu[side].push((cpuOf(processes?.[side]) - cpuBefore) / count);
    }
  }
  return { wall, cpu };
}

/** Microseconds that this process and some others have had of the processor so far. */
function cpuOf(others: readonly ChildProcess[] = []): number {
  const { user, system } = process.cpuUsage();
  return others.reduce((sum, child) => sum + cpuMicroseconds(child), user + system);
}

/** Prints a group's measurements for `main.ts` to collect. */
export function report(measurements: readonly Measurement[]): void {
  for (const line of measurements) process.send?.(line);
}
