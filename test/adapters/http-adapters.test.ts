import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/index.js';
import { httpServers } from '../fixtures/adapters/http-servers.js';
import { block, guardOf } from '../fixtures/guard/guards.js';
import { eventually } from '../fixtures/waiting.js';

const denied = {
  ...block('NO'),
  violation: { ...block('NO').violation, httpStatusCode: 418, httpHeaders: { 'x-why': 'tea' } },
};

describe.each(httpServers)('HTTP requests of %s', (_name, start) => {
  it('reach the handler with the headers that plugins set, and are answered with theirs', async () => {
    const seen: unknown[] = [];
    const { url } = await start(
      await guardOf({
        http_pre_request: (payload) => {
          seen.push(payload);
          return {
            modifiedPayload: { 'X-Added': 'by a plugin', authorization: 'stolen' },
            httpHeaders: { 'x-pre': '1' },
          };
        },
        http_post_request: (payload) => {
          seen.push(payload);
          return { modifiedPayload: { 'x-post': '2', 'content-length': '1' } };
        },
      }),
      { logger: silentLogger },
    );
    const answer = await fetch(`${url}/plain?token=x`, { headers: { 'x-mine': 'a', authorization: 'Bearer t' } });
    expect(await answer.json()).toEqual({ added: 'by a plugin', user: null });
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'x-own': 'yes', 'x-pre': '1', 'x-post': '2' });
    expect(seen).toMatchObject([
      { path: '/plain', method: 'GET', clientHost: '127.0.0.1', headers: { 'x-mine': 'a' } },
      { path: '/plain', statusCode: 200, headers: { 'x-added': 'by a plugin' }, responseHeaders: { 'x-own': 'yes' } },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/Bearer|token|secret|stolen/);
  });

  it('that are blocked reach no handler, and are answered as the violation says', async () => {
    let posts = 0;
    const manager = await guardOf({ http_pre_request: () => denied, http_post_request: () => void posts++ });
    const { url, served } = await start(manager);
    const answer = await fetch(`${url}/plain`);
    expect([answer.status, answer.headers.get('x-why')]).toEqual([418, 'tea']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({ error: { message: 'Nobody may do that.', code: 'NO' } });
    expect({ handled: served.handled, posts }).toEqual({ handled: 0, posts: 0 });
  });

  it.each(['/plain', '/stream'])('whose answer is blocked get nothing of it: %s', async (path) => {
    const { url, served } = await start(await guardOf({ http_post_request: () => denied }));
    const answer = await fetch(url + path);
    expect([answer.status, answer.headers.get('x-why')]).toEqual([418, 'tea']);
    expect([answer.headers.get('x-own'), answer.headers.get('set-cookie')]).toEqual([null, null]);
    expect(await answer.json()).toEqual({ error: { message: 'Nobody may do that.', code: 'NO' } });
    expect(served.handled).toBe(1);
  });

  it('do not pass where a plugin fails, and learn nothing of why', async () => {
    const manager = await guardOf({
      http_pre_request: () => {
        throw new Error('the password is 7');
      },
    });
    const { url, served } = await start(manager, { logger: silentLogger });
    const answer = await fetch(`${url}/plain`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('password');
    expect(served.handled).toBe(0);
  });

  it('have bodies that stream through as they are, and a head that was looked at once', async () => {
    let posts = 0;
    const manager = await guardOf({
      http_post_request: async () => {
        posts++;
        await wait(20);
        return { modifiedPayload: { 'x-post': '1' } };
      },
    });
    const { url } = await start(manager);
    const answer = await fetch(`${url}/stream`);
    expect(answer.headers.get('x-post')).toBe('1');
    const body = Buffer.from(await answer.arrayBuffer());
    expect(body.length).toBe(2_000_000);
    expect([...new Set(body)]).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(posts).toBe(1);
  });

  it('whose handler throws, or that nobody handles, end at the second hook once', async () => {
    const statuses: unknown[] = [];
    const manager = await guardOf({ http_post_request: ({ statusCode }) => void statuses.push(statusCode) });
    const { url } = await start(manager);
    expect((await fetch(`${url}/throw`)).status).toBe(500);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect(statuses).toEqual([500, 404]);
  });

  it('whose client goes away end at the second hook once', async () => {
    let posts = 0;
    const manager = await guardOf({ http_post_request: () => void posts++ });
    const { url, served } = await start(manager);
    const leaving = new AbortController();
    const answer = fetch(`${url}/slow`, { signal: leaving.signal });
    await eventually('it is handled', () => served.handled === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    served.release();
    await eventually('it has ended', () => posts === 1);
    await wait(50);
    expect(posts).toBe(1);
  });

  it('have the user that a plugin finds, who needs the permission that is asked for', async () => {
    const asked: unknown[] = [];
    const manager = await guardOf({
      http_auth_resolve_user: ({ credentials }) => {
        asked.push(credentials);
        return { modifiedPayload: { email: 'ada@example.org' }, continueProcessing: true };
      },
      http_auth_check_permission: (payload) => {
        asked.push(payload);
        return { modifiedPayload: { granted: payload.permission === 'read', reason: 'only reading' } };
      },
    });
    const headers = { authorization: 'Bearer of-ada' };
    const { url } = await start(manager, { permissionOf: () => ({ permission: 'read' }) });
    expect(await (await fetch(`${url}/plain`, { headers })).json()).toMatchObject({
      user: { email: 'ada@example.org' },
    });
    expect(asked).toMatchObject([
      { scheme: 'Bearer', credentials: 'of-ada' },
      { permission: 'read', userEmail: 'ada@example.org', isAdmin: false },
    ]);
    const other = await start(manager);
    const answer = await fetch(`${other.url}/plain`, { headers });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({
      error: { message: 'Forbidden: the permission http.access is refused: only reading' },
    });
  });

  it('share one context from hook to hook, and with nobody else', async () => {
    const counts: unknown[] = [];
    const manager = await guardOf({
      http_pre_request: (_payload, context) => void (context.state['seen'] = 1),
      http_post_request: (_payload, { state, globalContext }) =>
        void counts.push([state['seen'], globalContext.requestId]),
    });
    const { url } = await start(manager);
    await Promise.all([fetch(`${url}/plain`), fetch(`${url}/plain`)]);
    expect(counts).toMatchObject([
      [1, expect.any(String)],
      [1, expect.any(String)],
    ]);
    expect(new Set(counts.map((one) => JSON.stringify(one))).size).toBe(2);
  });
});
