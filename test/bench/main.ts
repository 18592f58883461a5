import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figuresTable } from './figures.js';
import { limits } from './limits.js';
import type { Measurement } from './measurement.js';
import { verdict } from './verdict.js';

/** Each group runs in a process of its own, so that none inherits another's heap or compiled code. */
const groups = [
  'import',
  'chain/silent',
  'chain/real',
  'chain/block',
  'chain/live',
  'chain/phases',
  'chain/watched',
  'memory',
  'memory-connection',
  'connections',
  'manager',
  'http',
  'stdio',
  'struct',
  'unix',
  'grpc',
  'reload',
  'gateway/memory',
  'gateway/list',
  'gateway/http',
  'gateway/stdio',
  'gateway/peer-http',
  'gateway/reload',
];

/** What is run beside Python packages. */
const withPython = ['interop', 'gateway/peer-stdio'];

/** The groups that a name stands for: its own, or all in the folder of that name. */
function groupsNamed(name: string): string[] {
  if (name === 'interop') return withPython;
  const inside = groups.filter((group) => group.startsWith(`${name}/`));
  return inside.length > 0 ? inside : [name];
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (values.markdown) {
  const runs = positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Measurement[]);
  console.log(figuresTable(runs, limits));
  process.exit(0);
}
const measurements: Measurement[] = [];
for (const group of positionals.length > 0 ? positionals.flatMap(groupsNamed) : groups) {
  const child = fork(fileURLToPath(new URL(`${group}.ts`, import.meta.url)), {
    // The SDK's transport piles listeners up on one signal, and Node would warn of each.
    execArgv: ['--expose-gc', '--no-warnings', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (line) => {
    measurements.push(line as Measurement);
    if (!values.json) print(line as Measurement);
  });
  // What it reports may arrive after it has ended.
  const [[code]] = (await Promise.all([once(child, 'exit'), once(child, 'disconnect')])) as [[number | null], unknown];
  if (code !== 0) throw new Error(`the group ${group} ended with exit code ${code}`);
}
if (values.json) console.log(JSON.stringify(measurements, null, 2));

function print(line: Measurement): void {
  const { name, ours, reference, unit, ratio, spread } = line;
  const figures = `${String(ours).padStart(9)} ${String(reference).padStart(9)} ${unit.padEnd(6)}`;
  const apart = spread === undefined ? '' : `${spread[0]}-${spread[1]}`;
  console.log(
    `${name.padEnd(36)} ${figures} ratio ${String(ratio).padEnd(8)} ${apart.padEnd(14)} ${verdict(line, limits[name])}`,
  );
}
