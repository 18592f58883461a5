import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compared, measurement, report } from './measurement.js';
import { listening, serveNothings } from './plugin-servers.js';
import { apart, stayOnOneCore } from './processes.js';

const count = 1_000;
const rounds = 9;
/** Milliseconds for which a host may stand still that others wait for. */
const longestStop = 50;

const program = fileURLToPath(new URL('start/open-connections.js', import.meta.url));

stayOnOneCore();
const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
const path = join(folder, 's');
const child = serveNothings(folder, count, '--transport', 'unix', '--path', path);
await listening({ path });

// In a process of its own each time: a host opens its connections once, when nothing is compiled yet.
const stops: number[] = [];
const times: number[] = [];
for (let round = -1; round < rounds; round++) {
  const [command, args] = apart(process.execPath, [program, path, String(count)]);
  const { stop, took, ready } = JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as Record<string, number>;
  if (ready !== count) throw new Error(`${ready} of ${count} connections are ready`);
  // The first one is for the server.
  if (round < 0 || stop === undefined || took === undefined) continue;
  stops.push(stop);
  times.push(took);
}
report([compared('connections/1000-open', 'ms', { ours: stops, reference: stops.map(() => longestStop) })]);
const middle = times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
report([measurement('connections/1000-until-open (information)', 'ms', middle, count)]);
child.kill();
rmSync(folder, { recursive: true });
