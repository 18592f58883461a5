import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { figuresTable } from '../bench/figures.js';
import { limits } from '../bench/limits.js';

const main = fileURLToPath(new URL('../bench/main.ts', import.meta.url));

it('the benchmarks print one JSON array and nothing else', { timeout: 60_000 }, async () => {
  const args = ['--expose-gc', '--import', 'tsx', main, '--json', 'struct'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual([
    {
      name: 'struct',
      ours: expect.any(Number),
      reference: expect.any(Number),
      unit: 'µs',
      ratio: expect.any(Number),
      spread: [expect.any(Number), expect.any(Number)],
    },
  ]);
});

it('the figures of several runs become a table: of each row the run in the middle, and how far the runs lie apart', () => {
  const row = (name: string, ratio: number) => ({ name, ours: ratio * 10, reference: 10, unit: 'µs', ratio });
  const runs = [
    [row('one', 2), row('two (information)', 3)],
    [row('one', 1.2), row('two (information)', 5)],
    [row('one', 1.6), row('two (information)', 4)],
  ];
  expect(figuresTable(runs, { one: 1.5 }).split('\n').slice(2)).toEqual([
    '| `one` | 16 | 10 | µs | 1.6 | 1.2–2 | 1.5: missed |',
    '| `two` | 40 | 10 | µs | 4 | 3–5 | |',
  ]);
  const once = [{ ...row('one', 1.2), spread: [1.1, 1.3] as const }, row('three', 1)];
  expect(figuresTable([once], { one: 1.5 }).split('\n').slice(2)).toEqual([
    '| `one` | 12 | 10 | µs | 1.2 | 1.1–1.3 | 1.5 |',
    '| `three` | 10 | 10 | µs | 1 |  | |',
  ]);
});

it('every figure that has been promised has its limit', () => {
  expect(limits).toEqual({
    'import/in-process': 1.1,
    'chain/0': 6,
    'chain/1': 2.5,
    'chain/5': 2.5,
    'chain/20': 2.5,
    'chain/20-tapable': 3.5,
    'chain/20-inspected': 2,
    'chain/20-watched': 2,
    'chain/20-watched-read': 2,
    'chain/20-recorded': 1.5,
    'chain/5-phases': 1.6,
    'chain/concurrent-4': 1.15,
    'chain/real-1k': 1.6,
    'chain/real-100k': 0.4,
    'chain/block': 3,
    'chain/live-5000': 0.8,
    'memory/live': 1,
    'memory/growth': 1,
    'memory/connection-unix': 1,
    'memory/connection-http': 1,
    'connections/1000-open': 1,
    'mcp-stdio/1': 1.2,
    'stdio/64': 0.7,
    'mcp-http/1': 0.8,
    'mcp-http/64': 0.45,
    'http/64': 1.8,
    'http/256': 2,
    'http/512': 2.2,
    struct: 0.5,
    'unix/1': 1.6,
    'unix/64': 2,
    'unix/64-state': 2.5,
    'unix/slow-neighbour': 1.5,
    'unix/10k': 1.4,
    'unix/900k': 2,
    'grpc/64': 1.5,
    'interop/chain-5': 0.2,
    'interop/concurrent-4': 0.6,
    'interop/unix-1': 0.6,
    'interop/unix-64': 0.6,
    'interop/serve-unix-64': 0.7,
    'reload/unchanged-100': 0.05,
    'gateway/memory': 2.5,
    'gateway/http-1': 0.6,
    'gateway/http-64': 0.35,
    'gateway/stdio-warm': 2.2,
    'gateway/peer-stdio': 0.2,
    'gateway/peer-http': 0.4,
    'gateway/list-1000': 3,
    'reload/100': 0.03,
  });
});
