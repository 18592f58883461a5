import { execFileSync } from 'node:child_process';
import { compared, type Measurement, report, type Rounds } from './measurement.js';

// What a program pays before it does anything: each figure is of a process of its own, in which nothing is loaded yet. They
// are not kept on one core: V8 collects garbage on threads beside the program's, which a program that starts has as well.

const programs = ['in-process', 'gatechart', 'fastify'] as const;
type Program = (typeof programs)[number];

const rounds = 21;

/** From a program's first line until its last: milliseconds that pass, and those of the processor, of all its threads. */
interface Start {
  readonly wall: number;
  readonly cpu: number;
}

function startOf(program: Program): Start {
  const url = new URL(`start/${program}.js`, import.meta.url).href;
  const timed = `
    const cpuBefore = process.cpuUsage();
    const began = performance.now();
    await import('${url}');
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(cpuBefore);
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`;
  const args = ['--input-type=module', '--eval', timed];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Start;
}

const starts: Record<Program, Start[]> = { 'in-process': [], gatechart: [], fastify: [] };
// The first one reads the files from the disk.
for (const program of programs) startOf(program);
for (let round = 0; round < rounds; round++) for (const program of programs) starts[program].push(startOf(program));

function row(name: string, program: Program, clock: keyof Start): Measurement {
  const of = (one: Program): readonly number[] => starts[one].map((start) => start[clock]);
  const taken: Rounds = { ours: of(program), reference: of('fastify') };
  return compared(name, 'ms', taken);
}

report([
  row('import/in-process', 'in-process', 'wall'),
  row('import/in-process-cpu (information)', 'in-process', 'cpu'),
  row('import/alone (information)', 'gatechart', 'wall'),
  row('import/alone-cpu (information)', 'gatechart', 'cpu'),
]);
