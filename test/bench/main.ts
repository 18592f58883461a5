import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Measurement } from './measurement.js';

/** Each group runs in a process of its own, so that none inherits another's heap or compiled code. */
const groups = ['chain', 'memory', 'mcp', 'struct', 'unix', 'grpc'];

/** What each ratio may be at most. */
const limits: Readonly<Record<string, number>> = {
  'chain/0': 6,
  'chain/1': 6,
  'chain/5': 4,
  'chain/20': 1.3,
  'chain/20-inspected': 4,
  'mcp-stdio/1': 1.2,
  'mcp-http/1': 0.8,
  'mcp-http/64': 0.45,
  struct: 0.5,
  'unix/1': 2,
  'unix/64': 3,
  'grpc/64': 1.5,
  'interop/chain-5': 0.2,
  'interop/unix-1': 0.6,
  'interop/unix-64': 0.6,
  'interop/serve-unix-64': 0.7,
  'memory/live': 1,
  'memory/growth': 1,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const measurements: Measurement[] = [];
for (const group of positionals.length > 0 ? positionals : groups) {
  const child = fork(fileURLToPath(new URL(`${group}.ts`, import.meta.url)), {
    // The SDK's transport piles listeners up on one signal, and Node would warn of each.
    execArgv: ['--expose-gc', '--no-warnings', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (line) => {
    measurements.push(line as Measurement);
    if (!values.json) print(line as Measurement);
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the group ${group} ended with exit code ${code}`);
}
if (values.json) console.log(JSON.stringify(measurements, null, 2));

function print({ name, ours, reference, unit, ratio }: Measurement): void {
  const limit = limits[name];
  const verdict = limit === undefined ? '' : ratio <= limit ? `at most ${limit}: met` : `at most ${limit}: MISSED`;
  const figures = `${String(ours).padStart(9)} ${String(reference).padStart(9)} ${unit.padEnd(6)}`;
  console.log(`${name.padEnd(32)} ${figures} ratio ${String(ratio).padEnd(8)} ${verdict}`);
}
