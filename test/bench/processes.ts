import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const canPin = process.platform === 'linux' && availableParallelism() > 1 && has('taskset');

/** Keeps this process, and what it starts, on one core; what is measured gets another to itself with {@link apart}. */
export function stayOnOneCore(): void {
  if (canPin) execFileSync('taskset', ['-cp', '0', String(process.pid)], { stdio: 'ignore' });
}

/** A command with its arguments, on the core that only what is measured is on. */
export function apart(command: string, args: readonly string[]): [command: string, args: string[]] {
  return canPin ? ['taskset', ['-c', '1', command, ...args]] : [command, [...args]];
}

/** A process in the middle. */
export function startApart(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(...apart(command, args), { env, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What a process has had of the processor so far; not a number where that cannot be told. */
export function cpuMicroseconds({ pid }: ChildProcess): number {
  if (process.platform !== 'linux') return Number.NaN;
  const threads = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(threads).map((thread) =>
    Number.parseInt(readFileSync(`${threads}/${thread}/schedstat`, 'utf8'), 10),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1000;
}

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
