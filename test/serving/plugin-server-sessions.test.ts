import { afterEach, expect, it, vi } from 'vitest';
import { McpHttpSession } from '../../src/serving/http/mcp-http-session.js';
import { ServerLoad } from '../../src/serving/server-load.js';
import { SessionTable } from '../../src/serving/http/session-table.js';
import type { McpService } from '../../src/serving/mcp/mcp-service.js';
import type { Clock } from '../../src/time/clock.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { begin, invokeHook, openSession, post, rpc, send } from '../fixtures/hosting/raw-http.js';

/** Time that passes when the test says so. */
class SteppedClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): object {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: object | undefined): void {
    for (const known of this.#timers) if (known === timer) this.#timers.delete(known);
  }

  get pending(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }
}

let server: EchoServer;
afterEach(() => server.close());

const inSession = (id: string) => ({ 'mcp-session-id': id });
const ping = (id: string) => post(server.address, rpc(2, 'ping'), inSession(id));

it('ends sessions that nobody uses, and only those', async () => {
  const clock = new SteppedClock();
  server = await startEchoServer({ clock, limits: { sessionIdleMs: 60_000, keepAliveMs: 10_000 } });
  const unused = await openSession(server.address);
  const used = await openSession(server.address);
  clock.pass(50_000);
  expect((await ping(used)).status).toBe(200);
  clock.pass(30_000);
  expect((await ping(unused)).status).toBe(404);
  expect((await ping(used)).status).toBe(200);
});

it('keeps quiet streams open, and never ends a session that waits on one', async () => {
  const clock = new SteppedClock();
  server = await startEchoServer({ clock, limits: { sessionIdleMs: 60_000, keepAliveMs: 10_000 } });
  const id = await openSession(server.address);
  const slow = post(server.address, invokeHook(3, 'slow'), inSession(id));
  await vi.waitFor(() => expect(server.host.running).toBe(1));
  clock.pass(300_000);
  await post(server.address, rpc(undefined, 'notifications/cancelled', { requestId: 3 }), inSession(id));
  const answer = await slow;
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(answer.body).toBe(': keepalive\n\n'.repeat(30));
});

it('makes room for a new session by ending the one idle longest', async () => {
  const clock = new SteppedClock();
  server = await startEchoServer({ clock, limits: { maxSessions: 2 } });
  const first = await openSession(server.address);
  clock.pass(1);
  const second = await openSession(server.address);
  clock.pass(1);
  await ping(first);
  const third = await openSession(server.address);
  expect((await ping(second)).status).toBe(404);
  expect((await ping(first)).status).toBe(200);
  expect((await ping(third)).status).toBe(200);
});

it('refuses a new session while all others are waited on', async () => {
  server = await startEchoServer({ limits: { maxSessions: 1 } });
  const id = await openSession(server.address);
  const slow = post(server.address, invokeHook(3, 'slow'), inSession(id));
  await vi.waitFor(() => expect(server.host.running).toBe(1));
  await expect(openSession(server.address)).rejects.toThrow('503');
  await post(server.address, rpc(undefined, 'notifications/cancelled', { requestId: 3 }), inSession(id));
  await slow;
});

it('has one stream for what the server says unasked, and ends it with the session', async () => {
  server = await startEchoServer();
  const id = await openSession(server.address);
  const headers = { accept: 'text/event-stream', ...inSession(id) };
  const stream = await begin(server.address, { headers });
  expect(stream.status).toBe(200);
  expect((await send(server.address, { method: 'DELETE', headers: inSession(id) })).status).toBe(200);
  expect(await stream.body).toBe('');
});

it('leaves no timer behind', async () => {
  const clock = new SteppedClock();
  server = await startEchoServer({ clock });
  await openSession(server.address);
  await server.close();
  expect(clock.pending).toBe(0);
});

it('is never open to more sessions than it may be, also where many are opened at a time', async () => {
  server = await startEchoServer();
  const clock = new SteppedClock();
  const service: McpService = {
    info: { name: 'nothing', version: '' },
    capabilities: {},
    workOf: () => undefined,
    answer: () => ({}),
  };
  const load = new ServerLoad({ maxCalls: 1, maxSessionCalls: 1, maxHeldBytes: 1 });
  const table = new SessionTable({ maxSessions: 5, sessionIdleMs: 1000, keepAliveMs: 1000 }, clock, {
    create: (id) => new McpHttpSession(id, { service, load, now: () => clock.now() }),
    accept: () => Promise.resolve(),
  });
  await Promise.all(Array.from({ length: 60 }, () => table.open()));
  expect(table.size).toBe(5);
  await table.close();
});
