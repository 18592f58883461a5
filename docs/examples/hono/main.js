import { createManager, definePlugin, silentLogger } from 'gatechart';
import { guardHono } from 'gatechart/hono';
import { Hono } from 'hono';

const Permissions = definePlugin({
  hooks: {
    http_auth_check_permission: ({ permission }) => ({
      modifiedPayload: { granted: permission === 'notes.read', reason: 'only reading' },
    }),
    http_post_request: () => ({ modifiedPayload: { 'cache-control': 'no-store' } }),
  },
});

const hooks = ['http_auth_check_permission', 'http_post_request'];
const manager = await createManager({
  config: { plugins: [{ name: 'Permissions', kind: 'permissions', hooks }] },
  kinds: { permissions: Permissions },
  logger: silentLogger,
});

const app = new Hono();
/** @param {import('hono').Context} context */
const permissionOf = ({ req }) => ({ permission: req.method === 'GET' ? 'notes.read' : 'notes.write' });
app.use(guardHono(manager, { permissionOf }));
app.all('/notes', (context) => context.json(['buy milk']));

// As a server would: see @hono/node-server.
for (const method of ['GET', 'POST']) {
  const answer = await app.request('http://localhost/notes', { method });
  console.log(answer.status, answer.headers.get('cache-control'), await answer.json());
}

await manager.close();
