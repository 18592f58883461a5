import * as crypto from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { cleanups } from '../../fixtures/cleanups.js';
import { initialize, mcpHeaders, post, send } from '../../fixtures/hosting/raw-http.js';
import {
  bearer,
  callOnce,
  errorOf,
  openGateway,
  sdkClient,
  textOf,
  whoami,
} from '../../fixtures/gateway/gateway-over-http.js';

vi.mock('node:crypto', async (original) => {
  const actual = await original<typeof crypto>();
  return { ...actual, timingSafeEqual: vi.fn(actual.timingSafeEqual) };
});

const token = 'a-token-of-more-than-16-characters';

describe('with a token', () => {
  it('the SDK client that sends it is served', async () => {
    const { url, service } = await openGateway({ token });
    const client = await sdkClient(url, bearer(token));
    expect(await client.callTool({ name: 'whoami' })).toMatchObject({ content: [{ text: 'somebody' }] });
    expect(service.last.identity).toMatchObject({ user: undefined, claims: {}, scopes: [] });
    expect(JSON.stringify(service.last)).not.toContain(token);
    await expect(sdkClient(url, {})).rejects.toThrow();
  });

  it.each([
    ['nothing', {}],
    ['another token', bearer('another-token-of-enough-characters')],
    ['the beginning of it', bearer(token.slice(0, -1))],
    ['more than it', bearer(`${token}0`)],
    ['it in other letters', bearer(token.toUpperCase())],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['no scheme', { authorization: token }],
    ['nothing behind the scheme', { authorization: 'Bearer' }],
    ['the query', {}],
  ])('who sends %s is refused with 401, JSON and a challenge', async (what, headers) => {
    const { url, service, logger } = await openGateway({ token });
    const answer = await post(what === 'the query' ? `${url}?access_token=${token}` : url, initialize, headers);
    expect(answer).toMatchObject({ status: 401, headers: { 'content-type': 'application/json' } });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(errorOf(answer).message).toMatch(/^Unauthorized/);
    expect([answer.body, JSON.stringify(logger.entries)].join()).not.toMatch(/ at |node:|characters/);
    expect(service.callers).toEqual([]);
  });

  it('the scheme may be written in any letters', async () => {
    const { url } = await openGateway({ token });
    expect((await callOnce(url, { authorization: `bEARER   ${token}` })).status).toBe(200);
  });

  it('two Authorization headers are refused: others may have looked at the second one', async () => {
    const { url } = await openGateway({ token });
    const headers = [
      ...Object.entries({ ...mcpHeaders, host: 'localhost' }).flat(),
      'authorization',
      `Bearer ${token}`,
      'authorization',
      'Bearer other',
    ];
    expect((await send(url, { method: 'POST', headers }, initialize)).status).toBe(400);
  });

  it('tokens are compared in a time that tells nothing', async () => {
    const { url } = await openGateway({ token });
    const compared = vi.mocked(crypto.timingSafeEqual);
    compared.mockClear();
    await post(url, initialize, bearer('short'));
    await post(url, initialize, bearer(token));
    const lengths = compared.mock.calls.map((both) => both.map(({ byteLength }) => byteLength));
    expect(lengths).toEqual([
      [32, 32],
      [32, 32],
    ]);
  });

  it('all methods need it, and who has none is not told which sessions there are', async () => {
    const { url } = await openGateway({ token });
    const session = String((await post(url, initialize, bearer(token))).headers['mcp-session-id']);
    for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
      const answer = await send(url, { method, headers: { ...mcpHeaders, 'mcp-session-id': session } });
      expect([method, answer.status, answer.headers['mcp-session-id']]).toEqual([method, 401, undefined]);
    }
    expect((await post(url, whoami, { ...bearer(token), 'mcp-session-id': session })).status).toBe(200);
  });

  it('/health needs none and says nothing; /ready and /metrics need it', async () => {
    const metrics = () => Promise.resolve({ type: 'text/plain; version=0.0.4', text: 'up 1\n' });
    let ready = false;
    const { origin } = await openGateway({ token }, { pages: { isReady: () => ready, metrics } });
    const read = (path: string, headers = {}) => send(`${origin}${path}`, { headers });
    expect(await read('/health')).toMatchObject({ status: 200, body: '{"status":"healthy"}' });
    expect([(await read('/ready')).status, (await read('/metrics')).status]).toEqual([401, 401]);
    expect(await read('/ready', bearer(token))).toMatchObject({ status: 503, body: '{"status":"starting"}' });
    ready = true;
    expect(await read('/ready', bearer(token))).toMatchObject({ status: 200, body: '{"status":"ready"}' });
    expect(await read('/metrics', bearer(token))).toMatchObject({ status: 200, body: 'up 1\n' });
    expect((await read('/metrics', { ...bearer(token), host: 'evil.example' })).status).toBe(421);
    const posted = await send(`${origin}/metrics`, { method: 'POST', headers: bearer(token) }, 'body');
    expect(posted).toMatchObject({ status: 405, headers: { allow: 'HEAD, GET' } });
    expect((await read('/other', bearer(token))).status).toBe(404);
    expect((await read('/.well-known/oauth-protected-resource')).status).toBe(404);
  });
});

it('/ready says 503 while the gateway drains, to whoever has asked before', async () => {
  const { origin, endpoint } = await openGateway();
  const { port } = new URL(origin);
  const socket = connect(Number(port), '127.0.0.1');
  cleanups.push(() => Promise.resolve(void socket.destroy()));
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ready HTTP/1.1\r\nHost: localhost\r\n');
  await vi.waitFor(() => expect(answer).toContain('{"status":"ready"}'));
  endpoint.drain();
  socket.write('\r\n');
  await vi.waitFor(() => expect(answer).toMatch(/ 503 [^]*{"status":"draining"}/));
});

it('without a token nobody has to prove anything on this machine', async () => {
  const { url, service } = await openGateway();
  expect(textOf(await callOnce(url))).toBe('somebody');
  expect(service.last.identity).toBeUndefined();
});

describe('beyond this machine', () => {
  it.each(['0.0.0.0', '::', '0'])('a gateway on %s that asks for no proof does not start', async (host) => {
    const opened = openGateway({ host });
    await expect(opened).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/other machines can reach.*GATECHART_TOKEN.*oauth.*certReqs: 2/s),
    });
  });

  it('with a token it does', async () => {
    const { origin } = await openGateway({ host: '0.0.0.0', token });
    const url = `http://127.0.0.1:${new URL(origin).port}/mcp`;
    expect((await post(url, initialize)).status).toBe(401);
    expect((await callOnce(url, bearer(token))).status).toBe(200);
  });

  it.each(['127.0.0.1', 'localhost', '::1', '127.1'])('%s is this machine', async (host) => {
    await openGateway({ host });
  });
});

it('names its own option where it is called by a name that it does not know', async () => {
  const { url } = await openGateway();
  const { status, body } = await post(url, initialize, { host: 'evil.example' });
  expect([status, body]).toEqual([421, expect.stringContaining('allowedHosts of the gateway')]);
});
