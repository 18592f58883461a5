import type { ServerResponse } from 'node:http';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import { isGatechartError } from '../../src/errors.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { startHttpServer } from '../fixtures/downstream/http-server.js';
import { browse } from '../fixtures/downstream/logged-in-client.js';
import { loginWorld } from '../fixtures/downstream/login-world.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import type { ServerInput } from '../../src/downstream/servers-file/servers-input.js';

/** A set with one MCP server over HTTP that asks for a login. */
async function guardedSet(oauth?: ServerInput['oauth']) {
  const w = await loginWorld();
  const mcp = await startHttpServer();
  cleanups.push(async () => mcp[Symbol.asyncDispose]());
  w.server.inner = (asked, response) => {
    const headers = Object.fromEntries(
      Object.entries(asked.headers).filter(([name]) => name !== 'authorization' && name !== 'host'),
    );
    const body = asked.method === 'POST' ? asked : undefined;
    void forward(mcp.url, { method: asked.method ?? 'GET', headers, body }, response);
  };
  const logger = new RecordingLogger();
  const servers = {
    mcpServers: { s: { type: 'http' as const, url: w.server.url, ...(oauth !== undefined && { oauth }) } },
  };
  const set = await createServerSet({ servers, loginStore: w.store, logger });
  cleanups.push(() => set.close());
  return { ...w, set, logger };
}

async function forward(
  url: string,
  { method, headers, body }: { method: string; headers: object; body: AsyncIterable<Uint8Array> | undefined },
  response: ServerResponse,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  const answer = await request(url, {
    method: method === 'POST' ? 'POST' : method === 'DELETE' ? 'DELETE' : 'GET',
    headers: { ...headers },
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  response.writeHead(answer.statusCode, answer.headers);
  answer.body.pipe(response);
}

test('a call tells where to log in, and goes through once somebody has', async () => {
  const { set, server, authorization, logger } = await guardedSet();
  const error = await rejection(set.callTool('s', { name: 'count' }));
  if (!isGatechartError(error)) throw error;
  expect(error.code).toBe('LOGIN_NEEDED');
  expect(error.message).toContain("'gatechart login s'");
  const { url } = error.details;
  expect(set.status()[0]?.login).toContain(String(url));

  await browse(String(url));
  const calls = await Promise.all(Array.from({ length: 10 }, () => set.callTool('s', { name: 'count' })));
  expect(calls).toHaveLength(10);
  expect(set.status()[0]?.login).toContain('logged in');

  authorization.issuer.endAccess();
  await set.callTool('s', { name: 'who' }).catch(() => {});
  const said = JSON.stringify([set.status(), set.explain('s'), logger.entries, error.message]);
  for (const token of authorization.issuer.issued) expect(said).not.toContain(token);
  expect(server.sent.some((sent) => sent?.startsWith('Bearer access-'))).toBe(true);
});

test('a client of machines needs nobody', async () => {
  const { set, authorization } = await guardedSet({
    grant: 'client_credentials',
    clientId: 'machine',
    clientSecret: 'secret-of-it',
  });
  authorization.clients.set('machine', { id: 'machine', secret: 'secret-of-it', redirectUris: [] });
  await expect(set.callTool('s', { name: 'count' })).resolves.toMatchObject({ content: [{ text: '1' }] });
});

test('a set is closed at once while the exchange of a code hangs, for no call waits for it', async () => {
  const { set, authorization } = await guardedSet();
  const error = await rejection(set.callTool('s', { name: 'count' }));
  if (!isGatechartError(error)) throw error;
  authorization.silentAt = 'POST /token';
  await browse(String(error.details.url));
  await eventually('the code is exchanged', () => authorization.requests.includes('POST /token'));
  const began = performance.now();
  await set.close();
  expect(performance.now() - began).toBeLessThan(3_000);
});

test('a call that waits for a token which never comes has the time of the drain, and no more', async () => {
  const { set, authorization } = await guardedSet();
  authorization.silentAt = 'GET /.well-known/oauth-authorization-server';
  const called = rejection(set.callTool('s', { name: 'count' }));
  await eventually('its metadata is asked for', () => authorization.requests.includes(String(authorization.silentAt)));
  const began = performance.now();
  await set.close({ drainMs: 200 });
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(isGatechartError(await called)).toBe(true);
});
