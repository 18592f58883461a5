import { createServer } from 'node:http';
import express from 'express';
import { createManager, definePlugin, silentLogger } from 'gatechart';
import { guardExpress, resolvedUser } from 'gatechart/express';

const Tokens = definePlugin({
  hooks: {
    http_auth_resolve_user({ credentials }) {
      if (credentials?.credentials === 'of-ada') return { modifiedPayload: { email: 'ada@example.org' } };
      const violation = { reason: 'Unknown', description: 'Who are you?', code: 'UNKNOWN', httpStatusCode: 401 };
      return { continueProcessing: false, violation };
    },
    http_post_request: ({ statusCode }) => ({ modifiedPayload: { 'x-seen': `${statusCode}` } }),
  },
});

const hooks = ['http_auth_resolve_user', 'http_post_request'];
const manager = await createManager({
  config: { plugins: [{ name: 'Tokens', kind: 'tokens', hooks }] },
  kinds: { tokens: Tokens },
  logger: silentLogger,
});

const app = express();
app.use(guardExpress(manager));
app.get('/notes', (request, response) => {
  response.json({ of: resolvedUser(request)?.email });
});

const server = createServer(app);
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/notes`;
for (const token of ['of-ada', 'of-nobody']) {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  console.log(answer.status, answer.headers.get('x-seen'), await answer.json());
}

server.close();
server.closeAllConnections();
await manager.close();
