import { once } from 'node:events';
import express, { type Request } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { type Context, Hono } from 'hono';
import { expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.js';
import { guardFastify } from '../../src/adapters/fastify/index.js';
import { guardHono } from '../../src/adapters/hono/index.js';
import { createManager, definePlugin, type PluginManager, silentLogger } from '../../src/index.js';

// That the options take the requests of each is checked when these are compiled.

const seen: string[] = [];
const watch = definePlugin({
  hooks: {
    http_pre_request: (_payload, { globalContext }) => {
      seen.push(globalContext.requestId);
    },
  },
});

function managerThatWatches(): Promise<PluginManager> {
  const config = { plugins: [{ name: 'Watch', kind: 'watch', hooks: ['http_pre_request'] }] };
  return createManager({ config, kinds: { watch }, logger: silentLogger, env: {} });
}

const headers = { 'x-id': 'mine' };

it('the context is made of a request of Express', async () => {
  await using manager = await managerThatWatches();
  const app = express();
  app.use(guardExpress(manager, { contextOf: (request: Request) => ({ requestId: request.get('x-id') ?? 'none' }) }));
  app.get('/', (_request, response) => void response.end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`, { headers });
  server.close();
  server.closeAllConnections();
  expect(seen.splice(0)).toEqual(['mine']);
});

it('the context is made of a request of Fastify', async () => {
  await using manager = await managerThatWatches();
  const app = fastify({ genReqId: (request) => String(request.headers['x-id']) });
  await app.register(guardFastify(manager, { contextOf: (request: FastifyRequest) => ({ requestId: request.id }) }));
  await app.register(guardFastify(manager));
  app.get('/', () => 'x');
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await fetch(url, { headers });
  await app.close();
  expect(seen.splice(0)).toEqual(['mine', expect.any(String)]);
});

it('the context is made of one of Hono', async () => {
  await using manager = await managerThatWatches();
  const app = new Hono();
  const contextOf = (context: Context) => ({ requestId: context.req.header('x-id') ?? 'none' });
  app.use(guardHono(manager, { contextOf }));
  app.get('/', (context) => context.text('x'));
  await app.request('/', { headers });
  expect(seen.splice(0)).toEqual(['mine']);
});
