import { expect, it } from 'vitest';
import { serve } from '../fixtures/http-links.js';
import { callTool, external, http, start } from '../fixtures/managers.js';
import { freePort, until } from '../fixtures/processes.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { recordingLogger, rejection } from '../fixtures/transports.js';
import { cleanups } from '../fixtures/http-links.js';

it('200 calls on a server that went away cause one attempt at a time, as many as configured, and few log lines', async () => {
  const port = await freePort();
  const server = await serve({ port });
  const logger = recordingLogger();
  const manager = await start({ config: external(http(server.url, { reconnect_attempts: 4 })), logger });
  await callTool(manager, 'echo');
  await server.close();
  await until('the loss is noticed', async () => (await rejection(callTool(manager, 'echo'))) !== undefined);
  await until('the attempts are used up', () => manager.connections[0]?.state.startsWith('failed') === true);

  const calls = Array.from({ length: 200 }, () => rejection(callTool(manager, 'echo')));
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
  const aboutConnection = logger.lines.filter(({ message }) => message.startsWith('connection Guard'));
  expect(aboutConnection.length).toBeLessThanOrEqual(15);
});

it('calls that wait for a server that hangs up share its attempts', async () => {
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
  expect(attempts).toBeLessThanOrEqual(60);
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
