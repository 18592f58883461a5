import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compared, report } from './measurement.js';

const program = fileURLToPath(new URL('start/many-entries.js', import.meta.url));
const rounds = 5;

/** Milliseconds until a manager with so many entries is ready, in a process of its own. */
function timeOf(entries: number): number {
  return Number(execFileSync(process.execPath, [program, String(entries)], { encoding: 'utf8' }));
}

const ours: number[] = [];
const reference: number[] = [];
for (let round = 0; round < rounds; round++) {
  reference.push(8 * timeOf(1_000));
  ours.push(timeOf(8_000));
}
report([compared('manager/8000-entries (information)', 'ms', { ours, reference })]);
