import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { guardHono } from '../../src/adapters/hono/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { guardOf } from '../fixtures/guard/guards.js';

async function listening(app: Hono): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  if (!server.listening) await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a request whose body was read before the guard gets the headers that plugins set', async () => {
  const manager = await guardOf({ http_pre_request: () => ({ modifiedPayload: { 'x-added': 'by a plugin' } }) });
  const app = new Hono();
  app.use(async ({ req }, next) => {
    await req.json();
    await next();
  });
  app.use(guardHono(manager));
  app.post('/', async ({ req, json }) => json([req.method, req.header('x-added'), await req.json()]));
  const request = { method: 'POST', body: '{"read":"twice"}' };
  for (const answer of [await app.request('/', request), await fetch(await listening(app), request)])
    expect([answer.status, await answer.text()]).toEqual([200, '["POST","by a plugin",{"read":"twice"}]']);
});
