import { expect, it } from 'vitest';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';
import { freePort } from '../fixtures/processes/processes.js';
import { rejection, until } from '../fixtures/waiting.js';

it('a connection that gave up refuses at once, rests, and is opened again by one trial call', async () => {
  const port = await freePort();
  const first = await serve({ port });
  const manager = await start({
    config: external(http(first.url, { reconnect_attempts: 2 })),
    connection: { cooldownMs: 1_500 },
  });
  await callTool(manager, 'echo');
  await first.close();
  await until('the connection gives up', async () => {
    await callTool(manager, 'echo').catch(() => undefined);
    return manager.connections[0]?.state === 'failed.coolingDown';
  });
  const status = manager.connections[0];
  expect(status?.nextTimerInMs).toBeGreaterThan(0);
  expect(status?.lastError?.message).toContain('nothing listens there (ECONNREFUSED); is the server running?');

  const second = await serve({ port });
  expect(await rejection(callTool(manager, 'echo'))).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(
      /^Plugin Guard \(http:.*\) cannot be reached\. The last error was: http:.*ECONNREFUSED/,
    ),
  });
  expect(second.seen).toEqual([]);

  await until('the rest is over', () => manager.connections[0]?.state === 'failed.rested');
  const calls = await Promise.all(Array.from({ length: 5 }, () => callTool(manager, 'pid')));
  expect(calls.map(({ metadata }) => metadata)).toEqual(Array.from({ length: 5 }, () => ({ pid: process.pid })));
  expect(second.seen.filter(({ message }) => message?.method === 'initialize')).toHaveLength(1);
});
