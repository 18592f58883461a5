import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, it, vi } from 'vitest';
import type { Authenticate } from '../../src/serving/http/authentication.js';
import { cleanups } from '../fixtures/cleanups.js';
import { initialize, messageOfStream, openSession, post, rpc, send } from '../fixtures/hosting/raw-http.js';
import { curiousOverHttp } from '../fixtures/serving/curious-servers.js';

/** Whoever has a token is the user of that name. */
const authenticate: Authenticate = ({ headers: { authorization } }) => {
  const user = authorization?.replace('Bearer ', '');
  if (user === undefined) return Promise.resolve({ status: 401, message: 'Who are you?' });
  if (user === 'broken') return Promise.reject(new Error('no keys'));
  return Promise.resolve({ user, credentials: `token ${user}`, claims: { sub: user }, scopes: ['tools'] });
};

const as = (user: string, id?: string) => ({
  authorization: `Bearer ${user}`,
  ...(id !== undefined && { 'mcp-session-id': id }),
});

const who = rpc(2, 'tools/call', { name: 'who' });
const ask = rpc(3, 'tools/call', { name: 'ask', arguments: { method: 'ping' } });

async function opened(url: string, user: string): Promise<string> {
  const answer = await post(url, initialize, as(user));
  return String(answer.headers['mcp-session-id']);
}

it('a caller is who the server found out, and its credentials go no further', async () => {
  const { url } = await curiousOverHttp({ edge: { authenticate } });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...as('ada'), cookie: 'c=secret', 'proxy-authorization': 'secret', 'x-more': 'more' } },
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  cleanups.push(() => client.close());
  const { content } = await client.callTool({ name: 'who' });
  const { text } = Array.isArray(content) ? content[0] : {};
  expect(JSON.parse(text)).toMatchObject({
    identity: { user: 'ada', credentials: 'token ada', claims: { sub: 'ada' }, scopes: ['tools'] },
    headers: { 'x-more': 'more' },
  });
  expect(text).not.toMatch(/Bearer|secret|session-id/);
});

it('nobody is served who cannot say who they are, nor where that cannot be found out', async () => {
  const { url, service } = await curiousOverHttp({ edge: { authenticate } });
  expect(await post(url, initialize)).toMatchObject({ status: 401, body: 'Who are you?' });
  expect(await post(url, initialize, as('broken'))).toMatchObject({ status: 500 });
  const id = await opened(url, 'ada');
  expect(await post(url, who, { 'mcp-session-id': id })).toMatchObject({ status: 401 });
  expect(service.told).toEqual([]);
});

it('a session is known to those alone who opened it', async () => {
  const { url, service } = await curiousOverHttp({ edge: { authenticate } });
  const id = await opened(url, 'ada');
  expect((await post(url, who, as('ada', id))).status).toBe(200);
  const unknown = await post(url, who, as('bob', 'nothing'));
  const foreign = await post(url, who, as('bob', id));
  const known = ({ status, body, headers }: typeof foreign) => ({ status, body, id: headers['mcp-session-id'] });
  expect(known(foreign)).toEqual(known(unknown));
  expect(foreign.status).toBe(404);
  const listen = { headers: { accept: 'text/event-stream', ...as('bob', id) } };
  expect((await send(url, listen)).status).toBe(404);
  expect((await send(url, { method: 'DELETE', headers: as('bob', id) })).status).toBe(404);
  // Whoever names the session of another begins a session of their own.
  const begun = await post(url, initialize, as('bob', id));
  expect([begun.status, begun.headers['mcp-session-id'] === id]).toEqual([200, false]);
  expect((await post(url, who, as('ada', id))).status).toBe(200);
  expect(service.calls).toHaveLength(2);
});

it('an answer counts on the session alone that was asked', async () => {
  const { url, service } = await curiousOverHttp();
  const [asked, other] = [await openSession(url), await openSession(url)];
  const inSession = (id: string) => ({ 'mcp-session-id': id });
  const running = post(url, ask, inSession(asked));
  await vi.waitFor(() => expect(service.calls).toHaveLength(1));
  const answer = (result: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, result });
  expect((await post(url, answer({ from: 'other' }), inSession(other))).status).toBe(202);
  expect((await post(url, answer({ from: 'stranger' }), inSession('stranger'))).status).toBe(404);
  expect((await post(url, answer({ from: 'asked' }), inSession(asked))).status).toBe(202);
  expect((await post(url, answer({ from: 'late' }), inSession(asked))).status).toBe(202);
  const [question, result] = (await running).body.trim().split('\n\n');
  expect(messageOfStream(String(question))).toEqual({ jsonrpc: '2.0', id: 1, method: 'ping' });
  expect(messageOfStream(String(result))).toMatchObject({ result: { content: [{ text: '{"from":"asked"}' }] } });
});

it.each([
  ['no result', { id: 1 }],
  ['a result that is no object', { id: 1, result: 5 }],
  ['both', { id: 1, result: {}, error: { code: 1, message: 'no' } }],
  ['an error without a code', { id: 1, error: { message: 'no' } }],
  ['an error that is none', { id: 1, error: 'no' }],
])('an answer with %s is an error, and ends nothing else', async (_, answer) => {
  const { url, service } = await curiousOverHttp();
  const headers = { 'mcp-session-id': await openSession(url) };
  const running = post(url, ask, headers);
  await vi.waitFor(() => expect(service.calls).toHaveLength(1));
  await post(url, JSON.stringify({ jsonrpc: '2.0', ...answer }), headers);
  if ('result' in answer || 'error' in answer) {
    expect((await running).body).toContain('What the client answered to ping is no JSON-RPC answer');
  } else {
    await post(url, '{"jsonrpc":"2.0","id":1,"result":{}}', headers);
    expect((await running).status).toBe(200);
  }
  expect((await post(url, who, headers)).status).toBe(200);
});

it('a client who is gone, or does not read, is not asked', async () => {
  const { url, service } = await curiousOverHttp();
  const headers = { 'mcp-session-id': await openSession(url) };
  const later = rpc(3, 'tools/call', { name: 'askLater', arguments: { method: 'ping' } });
  expect((await post(url, later, headers)).body).toContain('it is gone, has no stream open, or does not read');
  // Its headers are read, and nothing more.
  const stream = get(url, { headers: { accept: 'text/event-stream', ...headers } });
  await once(stream, 'response');
  const [client] = service.open;
  const large = { method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(50_000) } };
  let told = 0;
  await vi.waitFor(async () => {
    while (client?.notify(large) === true) told++;
    // What the system holds for the client is more than what we do: wait until it takes no more.
    await setTimeout(100);
    expect(client?.notify(large)).toBe(false);
  });
  expect(told).toBeGreaterThan(10);
  expect((await post(url, later, headers)).body).toContain('does not read what it is sent');
  expect((await post(url, who, headers)).status).toBe(200);
  stream.destroy();
});

it('a client has no more questions open than it may', async () => {
  const { url, service } = await curiousOverHttp();
  const headers = { 'mcp-session-id': await openSession(url) };
  const running = Array.from({ length: 64 }, (_, at) =>
    post(url, rpc(at + 10, 'tools/call', { name: 'ask', arguments: { method: 'ping' } }), headers),
  );
  await vi.waitFor(() => expect(service.calls).toHaveLength(64));
  expect((await post(url, ask, headers)).body).toContain('The client has 64 questions open already');
  for (let id = 1; id <= 64; id++) await post(url, JSON.stringify({ jsonrpc: '2.0', id, result: {} }), headers);
  await Promise.all(running);
  const again = post(url, ask, headers);
  await vi.waitFor(() => expect(service.calls).toHaveLength(66));
  await post(url, '{"jsonrpc":"2.0","id":65,"result":{}}', headers);
  expect((await again).body).not.toContain('error');
});
