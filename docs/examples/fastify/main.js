import fastify from 'fastify';
import { createManager, definePlugin, silentLogger } from 'gatechart';
import { guardFastify } from 'gatechart/fastify';

const Tenants = definePlugin({
  hooks: {
    http_pre_request({ headers }) {
      if (headers['x-tenant'] === 'acme') return { modifiedPayload: { 'x-plan': 'large' } };
      const violation = { reason: 'No tenant', description: 'Say which tenant you are.', code: 'NO_TENANT' };
      return { continueProcessing: false, violation: { ...violation, httpStatusCode: 400 } };
    },
  },
});

const manager = await createManager({
  config: { plugins: [{ name: 'Tenants', kind: 'tenants', hooks: ['http_pre_request'] }] },
  kinds: { tenants: Tenants },
  logger: silentLogger,
});

const app = fastify();
await app.register(guardFastify(manager));
app.get('/notes', (request) => ({ plan: request.headers['x-plan'] }));

const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/notes`;
for (const tenant of ['acme', 'nobody']) {
  const answer = await fetch(url, { headers: { 'x-tenant': tenant } });
  console.log(answer.status, await answer.json());
}

await app.close();
await manager.close();
