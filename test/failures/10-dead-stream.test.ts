import { expect, it } from 'vitest';
import { serve } from '../fixtures/http-links.js';
import { callTool, external, http, start } from '../fixtures/managers.js';
import { until } from '../fixtures/processes.js';

it('an event stream that cannot be opened again ends the link, and calls go over a new one', async () => {
  let refuseStreams = false;
  const server = await serve({
    intercept: ({ method }, response) => {
      if (method !== 'GET') return false;
      if (refuseStreams) {
        response.writeHead(500);
        response.end();
        return true;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('retry: 10\n\n');
      setTimeout(() => response.end(), 50);
      return true;
    },
  });
  const manager = await start({ config: external(http(server.url)) });
  const sessions = () => server.seen.filter(({ message }) => message?.method === 'initialize').length;
  await until('the stream is there', () => server.count('GET') > 1);
  refuseStreams = true;
  await until('the link was replaced', () => sessions() === 2);
  expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
  expect(manager.connections[0]?.state).toMatch(/^ready/);
});
