import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock.js';
import { Deadline, Deadlines } from '../../src/time/deadlines.js';
import { createGrpcTransport } from '../../src/transports/grpc/grpc-transport.js';
import { createUnixTransport } from '../../src/transports/unix/unix-transport.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { TestConnections } from '../fixtures/unix/unix-plugin.js';

// What Node's timers hold, and what is longer; gRPC's wire holds less than the last but one.
const long = [2 ** 31 - 1, 2 ** 31, 2_592_000_000, 1e12, 4e14, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY];

describe('deadlines', () => {
  it.each(long)('in %d ms do not pass at once', async (ms) => {
    const deadlines = new Deadlines(systemClock);
    let passed = false;
    const deadline = new Deadline(() => {
      passed = true;
    });
    deadlines.arm(deadline, ms);
    await delay(30);
    expect(passed).toBe(false);
    deadlines.close();
  });

  it.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])('in %d ms pass at once, and once', async (ms) => {
    const deadlines = new Deadlines(systemClock);
    let passed = 0;
    deadlines.arm(new Deadline(() => passed++), ms);
    await delay(30);
    expect(passed).toBe(1);
    deadlines.close();
  });
});

describe.each(['grpc', 'unix'] as const)('a call with a very long deadline (%s)', (kind) => {
  const connections = new TestConnections();
  const folder = mkdtempSync(join(tmpdir(), 'gc-long-'));
  let server: EchoServer | undefined;
  afterEach(async () => {
    await connections.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is answered in its own time', async () => {
    const path = join(folder, 's');
    server = await startEchoServer({
      transport: kind === 'unix' ? { kind, path } : { kind, server: { host: '127.0.0.1', port: 0, uds: path } },
    });
    const transport =
      kind === 'unix' ? createUnixTransport({ path }) : createGrpcTransport({ name: 'Echo', uds: path });
    const connection = connections.connect(transport);
    const calls = long.map((timeoutMs) => {
      const payload = { name: 'held', args: {} };
      const context = { global_context: { request_id: 'r' } };
      const call = hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload, context }, timeoutMs);
      return connection.request(call, { timeoutMs, replay: 'never' });
    });
    // Too short a deadline would have shown itself by then, here or at the server.
    await delay(300);
    server.host.release();
    expect(await Promise.all(calls)).toHaveLength(long.length);
    await connection.close();
  });
});
