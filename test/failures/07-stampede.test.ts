import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection, until } from '../fixtures/waiting.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

/**
 * A server that goes away on demand: it forgets the session and fails every handshake from then on, each of them only
 * after `release` was called.
 */
async function serveUntilGone(fail: (response: ServerResponse) => void) {
  let gone = false;
  let attempts = 0;
  let open = 0;
  let most = 0;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = await serve({
    intercept: ({ message }, response) => {
      if (!gone || message?.method !== 'initialize') return false;
      attempts++;
      most = Math.max(most, ++open);
      void released.then(() => {
        open--;
        fail(response);
      });
      return true;
    },
  });
  return {
    url: server.url,
    release,
    attempts: () => attempts,
    most: () => most,
    connections: server.connections,
    goAway() {
      gone = true;
      server.forgetSessions();
    },
  };
}

const connection = { stablePeriodMs: 10, reconnectWindowMs: 0 };

it('200 calls to a server that went away cause one attempt at a time, as many as configured, and few log lines', async () => {
  const server = await serveUntilGone((response) => response.writeHead(503).end());
  const logger = recordingLogger();
  const manager = await start({
    config: external(http(server.url, { reconnect_attempts: 4 })),
    connection,
    logger,
  });
  await until('the link has held', () => manager.connections[0]?.state === 'ready.stable');
  server.goAway();
  const first = rejection(callTool(manager, 'echo'));
  await until('the first attempt', () => server.attempts() === 1);
  const calls = Array.from({ length: 200 }, () => rejection(callTool(manager, 'echo')));
  await until('all of them wait', () => manager.connections[0]?.waiting === 201);
  server.release();
  for (const error of await Promise.all([first, ...calls])) expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
  expect(server.attempts()).toBe(4);
  expect(server.most()).toBe(1);
  const aboutConnection = logger.lines.filter(({ message }) => message.startsWith('connection Guard'));
  expect(aboutConnection.length).toBeLessThanOrEqual(15);
});

it('calls that find out together that the server hangs up share its attempts', async () => {
  const server = await serveUntilGone((response) => response.destroy());
  const manager = await start({ config: external(http(server.url, { reconnect_attempts: 3 })), connection });
  await until('the link has held', () => manager.connections[0]?.state === 'ready.stable');
  server.goAway();
  const calls = Array.from({ length: 30 }, () => rejection(callTool(manager, 'echo')));
  await until('the first attempt', () => server.attempts() === 1);
  await until('all of them wait', () => manager.connections[0]?.waiting === 30);
  const connections = server.connections();
  server.release();
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
  expect(server.attempts()).toBe(3);
  expect(server.most()).toBe(1);
  expect(server.connections() - connections).toBe(2);
});

it('20 connections to a server that hangs up make one attempt each at a time, as many as configured', async () => {
  let open = 0;
  let most = 0;
  let attempts = 0;
  const raw = await startRawServer((socket) => {
    attempts++;
    most = Math.max(most, ++open);
    socket.once('close', () => open--);
    socket.once('data', () => setTimeout(() => socket.destroy(), 20));
  });
  cleanups.push(() => raw.close());
  const error = await rejection(
    start({
      config: {
        plugins: Array.from({ length: 20 }, (_, index) => ({
          name: `Guard${index}`,
          kind: 'external',
          hooks: ['tool_pre_invoke'],
          mcp: http(raw.url, { reconnect_attempts: 3 }),
        })),
      },
    }),
  );
  expect(error).toMatchObject({
    code: 'PLUGIN_LOAD_FAILED',
    message: expect.stringContaining('20 plugins cannot be started'),
  });
  expect(attempts).toBe(60);
  expect(most).toBeLessThanOrEqual(20);
});

it('backoffs of several connections are spread by chance', async () => {
  const delays = new Map<string, number>();
  const draws = [0, 0.999];
  await rejection(
    start({
      config: {
        plugins: ['A', 'B'].map((name) => ({
          name,
          kind: 'external',
          hooks: ['tool_pre_invoke'],
          mcp: http('http://127.0.0.1:1/mcp', { reconnect_attempts: 2, reconnect_delay: 0.1 }),
        })),
      },
      random: () => draws.shift() ?? 0.5,
      connection: { jitter: 0.5 },
      inspector: (event) => {
        if (event.type !== '@xstate.snapshot' || !('id' in event.actorRef)) return;
        const snapshot: unknown = event.snapshot;
        const { value, context } = snapshot as { value?: { reconnecting?: string }; context?: { delayMs: number } };
        if (value?.reconnecting === 'backingOff') delays.set(String(event.actorRef.id), context?.delayMs ?? 0);
      },
    }),
  );
  expect([...delays.keys()].sort()).toEqual(['connection:A', 'connection:B']);
  const [one = 0, other = 0] = delays.values();
  expect(one).toBeCloseTo(50);
  expect(other).toBeCloseTo(149.9);
});
