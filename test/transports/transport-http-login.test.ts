import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../src/errors.js';
import type { Authorization, LoginChallenge } from '../../src/transports/http/authorization.js';
import type { Options } from '../fixtures/servers/http-plugin-server.mjs';
import { cleanups } from '../fixtures/cleanups.js';
import type { CancelSignal } from '../../src/time/cancellation.js';
import { open, serve } from '../fixtures/transports/http-links.js';
import { call, httpTransport, never } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

const challenge = 'Bearer realm="x", error="invalid_token", error_description="it \\"expired\\"", scope="a b"';

/** A server that takes requests with this token alone. */
function wanting(token: () => string, status = 401, header: string | null = challenge): Options {
  return {
    intercept: ({ headers }, response) => {
      if (headers.authorization === `Bearer ${token()}`) return false;
      const fields = header === null ? {} : { 'www-authenticate': header };
      response.writeHead(status, { 'content-type': 'application/json', ...fields }).end('{"error":"who are you?"}');
      return true;
    },
  };
}

/** A login whose token is renewed when the server turns a request down. */
function login(tokens: string[], decisions: ('again' | 'no')[] = []) {
  const challenges: LoginChallenge[] = [];
  const asked = { count: 0 };
  const authorization: Authorization = {
    header: async () => {
      asked.count++;
      return tokens[0] === undefined ? undefined : `Bearer ${tokens[0]}`;
    },
    refused: async (found) => {
      challenges.push(found);
      tokens.shift();
      return decisions.shift() ?? 'again';
    },
  };
  return { authorization, challenges, asked };
}

describe('a server that wants a login', () => {
  it('makes the opening fail with what it says of it', async () => {
    const server = await serve(wanting(() => 't'));
    expect(await rejection(httpTransport(server.url).open(never))).toMatchObject({
      code: 'LOGIN_NEEDED',
      message: `guard: ${server.url} asks for a login (status 401, error: invalid_token, error_description: it "expired", scope: a b).`,
      details: { connection: 'guard', status: 401 },
    });
  });

  it('makes one call fail alone, also with status 403 where what we have allows too little', async () => {
    let token = 't';
    const server = await serve(wanting(() => token));
    const link = await open(server.url, { headers: { Authorization: 'Bearer t' } });
    token = 'other';
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'LOGIN_NEEDED' },
      message: expect.not.stringContaining('Bearer'),
    });
    token = 't';
    await call(link, 'echo');
    const forbidding = await serve(wanting(() => 't', 403, 'Bearer error="insufficient_scope", scope="write"'));
    expect(await rejection(httpTransport(forbidding.url).open(never))).toMatchObject({
      code: 'LOGIN_NEEDED',
      message: `guard: ${forbidding.url} asks for a login that allows more (status 403, error: insufficient_scope, scope: write).`,
    });
    const closed = await serve(wanting(() => 't', 403));
    expect(await rejection(httpTransport(closed.url).open(never))).toMatchObject({ code: 'CALL_REFUSED' });
  });
});

describe('a link with an authorization', () => {
  it('asks for the header before each request', async () => {
    const server = await serve(wanting(() => 't'));
    const { authorization, asked, challenges } = login(['t']);
    const link = await open(server.url, { authorization, endSessionMs: 5000 });
    await call(link, 'echo');
    await eventually('the stream', () => server.count('GET') === 1);
    await link.close();
    expect(server.count('DELETE')).toBe(1);
    expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer t')).toBe(true);
    expect(asked.count).toBe(server.seen.length);
    expect(challenges).toEqual([]);
  });

  it('sends what was turned down once more if the login says so, and executes it once', async () => {
    let token = 'old';
    const server = await serve(wanting(() => token));
    const { authorization, challenges } = login(['old', 'new']);
    const link = await open(server.url, { authorization });
    await eventually('the stream', () => server.count('GET') === 1);
    const before = server.seen.length;
    token = 'new';
    expect(await call(link, 'echo', { n: 1 })).toMatchObject({ content: [{ text: '{"n":1}' }] });
    expect(challenges).toEqual([{ status: 401, wwwAuthenticate: challenge, sent: 'Bearer old' }]);
    expect(server.seen.slice(before).map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it.each([
    ['the login says no', ['no' as const], 1],
    ['the server turns it down again', ['again' as const], 2],
  ])('fails a request when %s', async (_what, decisions, sent) => {
    let token = 'old';
    const server = await serve(wanting(() => token, 401, null));
    const { authorization, challenges } = login(['old', 'bad', 'worse'], decisions);
    const link = await open(server.url, { authorization, http: { maxConnections: 1 } });
    const before = server.seen.length;
    token = 'none of these';
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'refused', cause: { code: 'LOGIN_NEEDED' } });
    expect(challenges).toEqual([{ status: 401, wwwAuthenticate: undefined, sent: 'Bearer old' }]);
    expect(server.seen.length - before).toBe(sent);
  });

  it('fails the opening with what the login has to say', async () => {
    const server = await serve(wanting(() => 't'));
    const said = new GatechartError('LOGIN_NEEDED', 'go to https://login.test');
    const refused = () => Promise.reject(said);
    const authorization = { header: async () => undefined, refused };
    expect(await rejection(httpTransport(server.url, { authorization }).open(never))).toBe(said);
    const broken = { header: () => Promise.reject(new Error('secret')), refused };
    expect(await rejection(httpTransport(server.url, { authorization: broken }).open(never))).toMatchObject({
      code: 'LOGIN_NEEDED',
      message: `guard: ${server.url}: the Authorization header could not be had.`,
    });
    const odd = { header: async () => 'Bearer secret\nx: y', refused };
    expect(await rejection(httpTransport(server.url, { authorization: odd }).open(never))).toMatchObject({
      code: 'LOGIN_NEEDED',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('asks no longer when nobody waits any more', async () => {
    const server = await serve();
    const signals: CancelSignal[] = [];
    let isHanging = false;
    const authorization: Authorization = {
      header: (signal) => {
        signals.push(signal);
        return isHanging ? new Promise(() => {}) : Promise.resolve(undefined);
      },
      refused: async () => 'no',
    };
    const link = await open(server.url, { authorization, endSessionMs: 50 });
    isHanging = true;
    const controller = new AbortController();
    const given = call(link, 'echo', {}, controller.signal);
    const other = rejection(call(link, 'echo'));
    controller.abort(new Error('enough'));
    expect(await rejection(given)).toMatchObject({ message: 'enough' });
    await link.close();
    expect(await other).toMatchObject({ outcome: 'notSent' });
    expect(signals.slice(-3).map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(server.seen.some(({ message }) => message?.method === 'notifications/cancelled')).toBe(false);
  });
});

describe('headers of a link', () => {
  it('are sent with every request, and those of the protocol win', async () => {
    const server = await serve();
    const link = await open(server.url, {
      headers: { 'X-Key': 'k', Accept: 'nothing', Cookie: 'a=b' },
      endSessionMs: 5000,
    });
    await call(link, 'echo');
    await eventually('the stream', () => server.count('GET') === 1);
    await link.close();
    expect(server.seen.map(({ method }) => method)).toContain('DELETE');
    for (const { headers } of server.seen) expect(headers).toMatchObject({ 'x-key': 'k', cookie: 'a=b' });
    for (const { headers } of server.seen.filter(({ method }) => method === 'POST'))
      expect(headers.accept).toBe('application/json, text/event-stream');
  });

  it('never go to another origin', async () => {
    let reached = 0;
    const other = createServer(() => void reached++).listen(0, '127.0.0.1');
    await once(other, 'listening');
    cleanups.push(async () => void other.close());
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const server = await serve({
      intercept: (_seen, response) =>
        Boolean(response.writeHead(307, { location: `http://127.0.0.1:${port}/mcp` }).end()),
    });
    const opening = httpTransport(server.url, { headers: { 'x-key': 'secret' } }).open(never);
    expect(await rejection(opening)).toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(reached).toBe(0);
  });

  it.each([
    [{ 'a b': 'secret' }, 'the header "a b" has a name that no header can have'],
    [{ a: 'secret\r\nb: c' }, 'the header "a" has a value with characters that no header can have'],
    [{ 'Content-Length': '1' }, 'the header "Content-Length" belongs to the connection and cannot be set'],
    [{ a: '1', A: 'secret' }, 'the header "A" is there twice; its name is the same in lower case'],
  ])('are refused before anything is sent: %j', (headers, message) => {
    expect(() => httpTransport('http://127.0.0.1:1/mcp', { headers })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: `guard: ${message}` }),
    );
  });
});
