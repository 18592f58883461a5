import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { callTool, http, start } from '../fixtures/manager/managers.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { cleanups } from '../fixtures/cleanups.js';

const entry = fileURLToPath(new URL('../fixtures/hosting/serve-echo.ts', import.meta.url));

/** A server that runs one call at a time, what leads to it, and how often it runs one. */
async function serve(kind: 'stdio' | 'http' | 'unix' | 'grpc'): Promise<Record<string, unknown>> {
  if (kind === 'stdio') {
    const env = { ECHO_MAX_CALLS: '1' };
    return { mcp: { proto: 'STDIO', cmd: [process.execPath, '--import', 'tsx', entry], env } };
  }
  const folder = mkdtempSync(join(tmpdir(), 'gc-busy-'));
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 's');
  const listening = { host: '127.0.0.1', port: 0 };
  const transport = kind === 'unix' ? ({ kind, path } as const) : ({ kind, server: listening } as const);
  const server = await startEchoServer({ transport, limits: { maxCalls: 1 } });
  cleanups.push(() => server.close());
  switch (kind) {
    case 'http':
      return { mcp: http(server.address) };
    case 'unix':
      return { unix_socket: { path } };
    case 'grpc':
      return { grpc: { target: server.address.replace('grpc://', '') } };
  }
}

it.each(['stdio', 'http', 'unix', 'grpc'] as const)(
  'over %s, that a server is busy is the answer to one call, and no more',
  { timeout: 20_000 },
  async (kind) => {
    const section = await serve(kind);
    const manager = await start({ config: { plugins: [{ name: 'Echo', kind: 'external', ...section }] } });
    const running = outcomeOf(callTool(manager, 'short'));
    await vi.waitFor(() => expect(manager.connections[0]?.inFlight).toBe(1));
    const refused = await Promise.all([1, 2, 3].map(() => outcomeOf(callTool(manager, 'hello'))));
    for (const outcome of refused) {
      expect(outcome).toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringContaining('The server is busy: 1 calls are running already; try again later'),
      });
    }
    expect(await running).toMatchObject({ passes: true });
    expect(await outcomeOf(callTool(manager, 'hello'))).toMatchObject({ passes: true });
    expect(manager.connections).toMatchObject([{ state: expect.stringMatching(/^ready/), attempt: 1, inFlight: 0 }]);
    expect(manager.connections[0]?.lastError).toBeUndefined();
  },
);
