import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManager, silentLogger } from 'gatechart';
import { measurement, report } from './measurement.js';
import { freePort, listening, serveNothings } from './plugin-servers.js';

/** Connections that are open and idle. */
const count = 300;

/** Bytes on the heap, and beside it, that something still needs. */
async function held(): Promise<{ heap: number; external: number }> {
  for (let i = 0; i < 8; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

/** The row of one transport: bytes that a connection, its plugin included, adds to the heap. */
async function row(name: string, limit: number, section: object): Promise<void> {
  const open = (first: number, many: number): ReturnType<typeof createManager> => {
    const plugins = Array.from({ length: many }, (_, index) => ({
      name: `nothing-${first + index}`,
      kind: 'external',
      ...section,
    }));
    return createManager({ config: { plugins }, env: {}, logger: silentLogger });
  };
  // What all of them have in common is there before.
  await using first = await open(0, 20);
  const before = await held();
  await using manager = await open(20, count);
  for (const { state } of [...first.connections, ...manager.connections])
    if (!state.startsWith('ready')) throw new Error(`a connection is ${state}`);
  // What a connection keeps until it is stable, and the sockets of its opening, are gone: five seconds, and what timers are late.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  const after = await held();
  const each = (what: 'heap' | 'external'): number => (after[what] - before[what]) / count;
  report([
    measurement(`memory/connection-${name}`, 'bytes', each('heap'), limit),
    measurement(`memory/connection-${name}-external (information)`, 'bytes', each('external'), limit),
  ]);
}

const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
const path = join(folder, 's');
const port = await freePort();
const children = [
  serveNothings(folder, count + 20, '--transport', 'unix', '--path', path),
  serveNothings(folder, count + 20, '--transport', 'http', '--port', String(port)),
];
await Promise.all([listening({ path }), listening({ port })]);
await row('unix', 49_152, { unix_socket: { path } });
await row('http', 98_304, { mcp: { proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${port}/mcp` } });
for (const child of children) child.kill();
rmSync(folder, { recursive: true });
