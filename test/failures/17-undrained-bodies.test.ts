import { expect, it } from 'vitest';
import { onCall, serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';

it('error pages that nobody reads do not cost a connection or hold up the call after them', async () => {
  let refused = 0;
  const server = await serve(
    onCall(({ message }, response) => {
      const payload = JSON.stringify(message?.params ?? {});
      if (!payload.includes('"page"')) return false;
      refused++;
      response.writeHead(500, { 'content-type': 'text/html' });
      response.end(`<html>${'x'.repeat(100_000)}`);
      return true;
    }),
  );
  const manager = await start({ config: external(http(server.url)) });
  const times: number[] = [];
  for (let round = 0; round < 30; round++) {
    await expect(callTool(manager, 'page')).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringContaining('answered 500 Internal Server Error with text/html: <html>xxx'),
    });
    const began = performance.now();
    await callTool(manager, 'echo');
    times.push(performance.now() - began);
  }
  expect(refused).toBe(30);
  // One for the event stream, one for calls, one to spare where a page was cut short.
  expect(server.sockets.size).toBeLessThanOrEqual(3);
  const median = times.sort((a, b) => a - b)[15] ?? 0;
  expect(median).toBeLessThan(200);
});
