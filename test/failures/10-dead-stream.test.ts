import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { serve, stream } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';
import { until } from '../fixtures/waiting.js';

const troubles: readonly [what: string, (response: ServerResponse) => void][] = [
  ...[400, 401, 405, 409, 429, 500, 501, 503]
    .map(
      (status) => [`refused with ${status}`, (response: ServerResponse) => response.writeHead(status).end()] as const,
    )
    .map(([what, act]) => [what, act] as [string, (response: ServerResponse) => void]),
  ['cut off', (response) => response.destroy()],
  [
    'cut off after its head',
    (response) => {
      response.writeHead(200, stream).flushHeaders();
      setTimeout(() => response.destroy(), 10);
    },
  ],
  ['never answered', () => {}],
  ['answered with a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
  ['garbage', (response) => response.writeHead(200, stream).end('\u0000\u0001 no event: \n\n data')],
  [
    'coded in what nobody knows',
    (response) => response.writeHead(200, { ...stream, 'content-encoding': 'zstd' }).end('x'),
  ],
];

it.each(troubles)(
  'an event stream that is %s does nothing to calls, also when it was there before',
  async (_, trouble) => {
    let isTroubled = false;
    let asked = 0;
    const server = await serve({
      intercept: ({ method }, response) => {
        if (method !== 'GET') return false;
        if (isTroubled) {
          asked++;
          trouble(response);
          return true;
        }
        response.writeHead(200, stream).write('retry: 100\n\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n');
        setTimeout(() => response.end(), 50);
        return true;
      },
    });
    const executed = () => server.seen.filter(({ message }) => message?.method === 'tools/call').length;
    const sessions = () => server.seen.filter(({ message }) => message?.method === 'initialize').length;
    const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
    await until('the stream is there', () => server.count('GET') > 1);
    isTroubled = true;
    const before = executed();
    const slow = callTool(manager, 'sleep', { ms: 2500 });
    await until('the stream is in trouble', () => asked > 0);
    expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
    await slow;
    expect(executed() - before).toBe(2);
    expect(sessions()).toBe(1);
    const [status] = manager.connections;
    expect(status?.state).toMatch(/^ready/);
    expect(status?.stream?.state).toMatch(/^(streaming\.(opening|quiet|heard)|backingOff|absent)$/);
    if (status?.stream?.state === 'backingOff') expect(status.stream.nextTimerInMs).toBeGreaterThan(0);
  },
);

it('an event stream whose session is unknown ends the link only when no call is under way', async () => {
  let streams: ServerResponse[] = [];
  let isLost = false;
  const server = await serve({
    intercept: ({ method }, response) => {
      if (method !== 'GET') return false;
      if (isLost) response.writeHead(404).end();
      else {
        response.writeHead(200, stream).write('retry: 100\n\n');
        streams.push(response);
      }
      return true;
    },
  });
  const executed = () => server.seen.filter(({ message }) => message?.method === 'tools/call').length;
  const sessions = () => server.seen.filter(({ message }) => message?.method === 'initialize').length;
  const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
  await until('the stream is there', () => streams.length > 0);
  const before = executed();
  const slow = callTool(manager, 'sleep', { ms: 2500 });
  await until('the slow call', () => executed() > before);
  isLost = true;
  for (const one of streams) one.end();
  streams = [];
  await until('the stream was asked for again', () => server.count('GET') > 1);
  await slow;
  expect(executed() - before).toBe(1);
  isLost = false;
  await until(
    'the link is ended',
    () => manager.connections[0]?.state.startsWith('ready') !== true || sessions() === 2,
  );
  expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
  expect(sessions()).toBe(2);
});
