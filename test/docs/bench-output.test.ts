import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
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
    },
  ]);
});

it('every figure that has been promised has its limit', () => {
  expect(limits).toEqual({
    'chain/0': 6,
    'chain/1': 6,
    'chain/5': 4,
    'chain/20': 1.3,
    'chain/20-inspected': 4,
    'chain/20-watched': 2,
    'chain/20-watched-read': 2,
    'chain/20-recorded': 1.5,
    'chain/5-phases': 1.6,
    'chain/concurrent-4': 1.15,
    'mcp-stdio/1': 1.2,
    'mcp-http/1': 0.8,
    'mcp-http/64': 0.45,
    'reload/unchanged-100': 0.05,
    'gateway/memory': 2.5,
    'gateway/http-1': 0.6,
    'gateway/http-64': 0.35,
    'gateway/stdio-warm': 2.2,
    'gateway/peer-stdio': 0.2,
    'gateway/peer-http': 0.4,
    'gateway/list-1000': 3,
    'reload/100': 0.03,
    'memory/live': 1,
    'memory/growth': 1,
    struct: 0.5,
    'unix/1': 2,
    'unix/64': 3,
    'grpc/64': 1.5,
    'interop/chain-5': 0.2,
    'interop/concurrent-4': 0.6,
    'interop/unix-1': 0.6,
    'interop/unix-64': 0.6,
    'interop/serve-unix-64': 0.7,
  });
});
