import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { type AnyStateMachine, createMachine } from 'xstate';
import { expect, test } from 'vitest';
import { connectionMachine } from '../../machines/index.js';
import { type ChartsOptions, printCharts } from '../../src/cli/charts.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { toMermaid } from '../../src/inspect/charts/mermaid.js';
import { cli } from '../fixtures/processes/processes.js';

const known = [
  'connection',
  'call',
  'eventStream',
  'answerResumption',
  'invocation',
  'branch',
  'plugin',
  'reload',
  'configWatch',
  'poolEntry',
  'pooledManager',
  'gatewayCall',
  'login',
  'listWatch',
  'downstreamSession',
  'server',
  'circuitBreaker',
  'webhookDelivery',
];

test('all machines are printed as fenced Mermaid, each with its heading, unless something else is asked for', async () => {
  const { code, stdout, stderr } = await run({});
  expect(code).toBe(0);
  expect(stderr).toBe('');
  const sections = [...machineCatalogue].map(
    ([id, { machine }]) => `## ${id}\n\n\`\`\`mermaid\n${toMermaid(machine).trimEnd()}\n\`\`\`\n`,
  );
  expect(stdout).toBe(sections.join('\n'));
});

test('one machine is printed when it is named', async () => {
  const { code, stdout } = await run({ machine: 'call' });
  expect(code).toBe(0);
  expect(stdout.match(/^stateDiagram-v2$/gm)).toHaveLength(1);
  expect(stdout).toContain('call_waiting');
});

test('one machine as JSON is its configuration', async () => {
  const { code, stdout } = await run({ machine: 'connection', format: 'json' });
  expect(code).toBe(0);
  expect(Object.keys(createMachine(JSON.parse(stdout)).states)).toEqual(Object.keys(connectionMachine.states));
});

test('all machines as JSON are one object, by id', async () => {
  const { code, stdout } = await run({ format: 'json' });
  expect(code).toBe(0);
  expect(Object.keys(JSON.parse(stdout))).toEqual(known);
});

test('one machine for the Stately editor is the code that its import form takes, and nothing else', async () => {
  const { code, stdout } = await run({ machine: 'connection', format: 'stately' });
  expect(code).toBe(0);
  expect(machinesIn(stdout).map(({ id }) => id)).toEqual(['connection']);
  expect(stdout).toMatch(/^\/\/ connection\ncreateMachine\(\{\n[^]*\n\}\);\n$/);
});

test('all machines for the Stately editor are calls one after the other, each with its name above it', async () => {
  const { code, stdout } = await run({ format: 'stately' });
  expect(code).toBe(0);
  expect(machinesIn(stdout).map(({ id }) => id)).toEqual(known);
  expect([...stdout.matchAll(/^\/\/ (.*)\ncreateMachine\(/gm)].map(([, id]) => id)).toEqual(known);
});

test.each(known)('the drawing of %s is the one in the reference', async (machine) => {
  const { code, stdout } = await run({ machine, format: 'svg' });
  expect(code).toBe(0);
  expect(stdout).toBe(await readFile(new URL(`../../docs/reference/charts/${machine}.svg`, import.meta.url), 'utf8'));
});

test('the compiled command finds the drawings too', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    cli,
    'charts',
    '--machine',
    'call',
    '--format',
    'svg',
  ]);
  expect(stdout).toBe(await readFile(new URL('../../docs/reference/charts/call.svg', import.meta.url), 'utf8'));
});

test.each<[string, ChartsOptions, string]>([
  [
    'an unknown machine',
    { machine: 'toaster' },
    `--machine toaster: there is no such machine; use one of ${known.join(', ')}\n`,
  ],
  [
    'an unknown format',
    { format: 'gif' },
    '--format gif: there is no such format; use one of mermaid, json, stately, svg\n',
  ],
  [
    'several drawings in one file',
    { format: 'svg' },
    `--format svg: one drawing holds one machine; add --machine with one of ${known.join(', ')}\n`,
  ],
])('%s is refused with what there is, and exit code 2', async (_, options, message) => {
  expect(await run(options)).toEqual({ code: 2, stdout: '', stderr: message });
});

/** What the code makes, with the real `createMachine`. */
function machinesIn(code: string): AnyStateMachine[] {
  const made: AnyStateMachine[] = [];
  runInNewContext(code, {
    createMachine: (config: Parameters<typeof createMachine>[0]) => made.push(createMachine(config)),
  });
  return made;
}

async function run(options: ChartsOptions): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const code = await printCharts(options, {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
  });
  return { code, ...printed };
}
