import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { cleanups } from '../../fixtures/cleanups.js';
import { guardOf } from '../../fixtures/guard/guards.js';
import { send } from '../../fixtures/hosting/raw-http.js';
import { startAuthorizationServer } from '../../fixtures/gateway/authorization-server.js';
import { CallerService } from '../../fixtures/gateway/caller-service.js';
import { bearer, callOnce, openGateway } from '../../fixtures/gateway/gateway-over-http.js';

/** A server behind the gateway, that remembers all it is sent. */
async function startDownstream(): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end('answered');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => void server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

const cookies = { cookie: 'session=the-cookie', 'proxy-authorization': 'Basic the-proxy' };

it('what a client proves itself with reaches neither a server behind the gateway nor a plugin that is not there for it', async () => {
  const downstream = await startDownstream();
  const as = await startAuthorizationServer();
  const token = 'the-token-of-the-operator';
  const access = await as.sign({ iss: as.issuer, aud: 'gateway', sub: 'ann', exp: Math.floor(Date.now() / 1000) + 60 });
  const shown: unknown[] = [];
  const see = (...given: unknown[]) => void shown.push(JSON.stringify(given));
  // As careless as a service can be: it sends on all that it is told of its caller.
  const service = new CallerService(async (caller) => {
    shown.push(JSON.stringify({ ...caller, client: { ...caller.client } }));
    const { host: _, 'content-length': __, ...headers } = caller.headers;
    return (await send(downstream.url, { headers })).body;
  });
  const { url, logger } = await openGateway(
    { token, oauth: { issuer: as.issuer, audience: 'gateway', resource: 'https://gateway.example/mcp' } },
    {
      service,
      manager: await guardOf({ http_pre_request: see, http_auth_check_permission: see, http_post_request: see }),
    },
  );
  for (const proof of [token, access]) {
    const answer = await callOnce(url, { ...bearer(proof), ...cookies, 'x-trace': 'seen' });
    expect([answer.status, answer.body.includes('answered')]).toEqual([200, true]);
  }
  expect(downstream.seen.map((headers) => headers['x-trace'])).toEqual(['seen', 'seen']);
  const all = JSON.stringify([downstream.seen, shown, logger.entries]);
  for (const secret of [token, access, 'the-cookie', 'the-proxy', 'authorization"']) expect(all).not.toContain(secret);
});
