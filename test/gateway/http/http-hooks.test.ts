import { describe, expect, it, vi } from 'vitest';
import { PluginViolationError } from '../../../src/index.js';
import { HttpHooks } from '../../../src/gateway/http/http-hooks.js';
import { CredentialDigest } from '../../../src/gateway/http/credential-digest.js';
import { silentLogger } from '../../../src/observability/logger.js';
import { deferred } from '../../../src/time/deferred.js';
import { guardOf } from '../../fixtures/guard/guards.js';
import { begin, initialize, mcpHeaders, post, send } from '../../fixtures/hosting/raw-http.js';
import { bearer, callOnce, errorOf, openGateway, textOf } from '../../fixtures/gateway/gateway-over-http.js';

const token = 'a-token-of-more-than-16-characters';
type Handlers = Parameters<typeof guardOf>[0];

async function hooked(handlers: Handlers, options: Parameters<typeof openGateway>[0] = {}) {
  const manager = await guardOf(handlers);
  return { ...(await openGateway(options, { manager })), manager };
}

const violation = (over: object = {}) => ({
  continueProcessing: false,
  violation: { reason: 'Not here', description: 'Nobody may do that', code: 'NOT_HERE', ...over },
});

describe('http_pre_request', () => {
  it('sees the request, without its credentials and its query', async () => {
    const seen: unknown[] = [];
    const { url } = await hooked({ http_pre_request: (payload) => void seen.push(payload) }, { token });
    const secrets = { ...bearer(token), cookie: 'c=secret', 'proxy-authorization': 'Basic secret', 'x-trace': '7' };
    await post(`${url}?key=secret`, initialize, secrets);
    expect(seen).toMatchObject([
      {
        path: '/mcp',
        method: 'POST',
        clientHost: '127.0.0.1',
        headers: { 'x-trace': '7', accept: expect.any(String) },
      },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/secret|authorization|cookie|a-token/i);
  });

  it('adds headers that what is served sees, but no credentials', async () => {
    const added = { 'X-Tenant': 'acme', Authorization: 'Bearer x', Cookie: 'a=b', 'bad name': '1', bad: 'a\r\nb: c' };
    const { url, service, logger } = await hooked({ http_pre_request: () => ({ modifiedPayload: added }) });
    expect((await callOnce(url, { 'x-tenant': 'none', 'x-other': '1' })).status).toBe(200);
    const { headers } = service.last;
    expect(headers).toMatchObject({ 'x-tenant': 'acme', 'x-other': '1' });
    expect(Object.keys(headers).filter((name) => /auth|cookie|bad|X-/.test(name))).toEqual([]);
    expect(logger.lines('warn')).toContain('a plugin set a header that it may not set; left out');
  });

  it.each([
    ['403, where it says none', {}, 403],
    ['its status', { httpStatusCode: 429 }, 429],
    ['the status in its details', { details: { http_status: 451 } }, 451],
    ['403, where its status is none of an error', { httpStatusCode: 200, details: { http_status: '500' } }, 403],
  ])('a violation is %s, with its code, description and headers', async (_, over, status) => {
    const httpHeaders = { 'Retry-After': '7', 'Content-Length': '0', 'x-bad': 'a\nb', 'Transfer-Encoding': 'chunked' };
    const { url, service } = await hooked({ http_pre_request: () => violation({ httpHeaders, ...over }) });
    const answer = await post(url, initialize);
    expect(answer).toMatchObject({ status, headers: { 'retry-after': '7', 'content-type': 'application/json' } });
    expect(errorOf(answer)).toEqual({ code: -32_000, message: 'Nobody may do that', data: { code: 'NOT_HERE' } });
    expect([answer.headers['x-bad'], service.callers]).toEqual([undefined, []]);
  });

  it('a violation that is thrown is one', async () => {
    const thrown = new PluginViolationError('http_pre_request', 'Guard', violation().violation);
    const { url } = await hooked({ http_pre_request: () => Promise.reject(thrown) });
    expect((await post(url, initialize)).status).toBe(403);
  });

  it('does not run for those who have not proven who they are', async () => {
    let runs = 0;
    const { url } = await hooked(
      { http_pre_request: () => void runs++, http_post_request: () => void runs++ },
      { token },
    );
    expect([(await post(url, initialize)).status, runs]).toEqual([401, 0]);
    expect([(await post(url, initialize, bearer(token))).status, runs]).toEqual([200, 2]);
  });
});

describe('http_auth_resolve_user', () => {
  it('gets the credentials, and says who the user is', async () => {
    const seen: unknown[] = [];
    const { url, service } = await hooked(
      {
        http_auth_resolve_user: (payload) => {
          seen.push(payload);
          return { modifiedPayload: { email: 'ann@example.com', full_name: 'Ann' } };
        },
      },
      { token },
    );
    expect(textOf(await callOnce(url, bearer(token)))).toBe('ann@example.com');
    const [first] = seen as [{ headers: object }];
    expect(first).toMatchObject({ credentials: { scheme: 'Bearer', credentials: token }, clientHost: '127.0.0.1' });
    expect(JSON.stringify(first.headers)).not.toContain(token);
    expect(JSON.stringify(service.last.identity)).not.toContain(token);
  });

  it('users that share a token share no session', async () => {
    const { url } = await hooked(
      { http_auth_resolve_user: ({ headers }) => ({ modifiedPayload: { id: headers['x-user'] } }) },
      { token },
    );
    const as = (user: string) => ({ ...bearer(token), 'x-user': user });
    const opened = await post(url, initialize, as('ann'));
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const list = '{"jsonrpc":"2.0","id":3,"method":"tools/list"}';
    expect((await post(url, list, { ...session, ...as('ann') })).status).toBe(200);
    expect((await post(url, list, { ...session, ...as('bob') })).status).toBe(404);
  });

  it.each([
    ['a violation', violation(), 401],
    ['a user whose account is disabled', { modifiedPayload: { email: 'a', is_active: false } }, 401],
    ['a record that names nobody', { modifiedPayload: { name: 7 } }, 500],
  ])('%s lets nobody in', async (_, result, status) => {
    const { url, service } = await hooked({ http_auth_resolve_user: () => result });
    const answer = await post(url, initialize);
    expect([answer.status, service.callers]).toEqual([status, []]);
    expect(errorOf(answer).message).toBeTypeOf('string');
  });
});

describe('http_auth_check_permission', () => {
  it('is asked of the user that was found, and may refuse', async () => {
    const seen: unknown[] = [];
    const { url } = await hooked({
      http_auth_resolve_user: () => ({
        modifiedPayload: { email: 'ann@example.com', is_admin: true },
        metadata: { auth_method: 'api_key' },
      }),
      http_auth_check_permission: (payload) => {
        seen.push(payload);
        const granted = payload.userAgent !== 'bad';
        return { modifiedPayload: { granted, ...(granted ? {} : { reason: 'not you' }) } };
      },
    });
    expect((await callOnce(url, { 'user-agent': 'good' })).status).toBe(200);
    const answer = await post(url, initialize, { 'user-agent': 'bad' });
    expect([answer.status, errorOf(answer).message]).toEqual([403, expect.stringMatching(/mcp\.access.*not you/)]);
    expect(seen[0]).toEqual({
      userEmail: 'ann@example.com',
      permission: 'mcp.access',
      resourceType: 'mcp',
      isAdmin: true,
      authMethod: 'api_key',
      clientHost: '127.0.0.1',
      userAgent: 'good',
    });
  });

  it('a violation refuses as well', async () => {
    const { url } = await hooked({ http_auth_check_permission: () => violation() });
    expect((await post(url, initialize)).status).toBe(403);
  });
});

describe('http_post_request', () => {
  it('does not see the id of a session, which is a credential', async () => {
    const seen: unknown[] = [];
    const { url } = await hooked({ http_post_request: (payload) => void seen.push(payload) });
    const opened = await post(url, initialize);
    expect(opened.headers['mcp-session-id']).toEqual(expect.any(String));
    expect(seen).toMatchObject([{ responseHeaders: { 'content-type': 'text/event-stream' } }]);
    expect(JSON.stringify(seen)).not.toContain(opened.headers['mcp-session-id']);
  });

  it('sees the head of the answer, and adds to it what does not change how it is sent', async () => {
    const seen: unknown[] = [];
    const { url } = await hooked({
      http_post_request: (payload) => {
        seen.push(payload);
        return {
          modifiedPayload: {
            'X-Frame-Options': 'DENY',
            'Content-Length': '1',
            'mcp-session-id': 'mine',
            'x-bad': 'é€',
          },
        };
      },
    });
    const answer = await callOnce(url);
    expect(answer).toMatchObject({ status: 200, headers: { 'x-frame-options': 'DENY' } });
    expect([textOf(answer), answer.headers['mcp-session-id'], answer.headers['x-bad']]).toEqual([
      'somebody',
      expect.not.stringMatching('mine'),
      undefined,
    ]);
    expect(seen[1]).toMatchObject({
      path: '/mcp',
      statusCode: 200,
      responseHeaders: { 'content-type': 'text/event-stream' },
    });
  });

  it('runs before the head of a stream is written', async () => {
    const { url } = await hooked({ http_post_request: () => ({ modifiedPayload: { 'x-seen': 'yes' } }) });
    const opened = await post(url, initialize);
    const headers = { ...mcpHeaders, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const stream = await begin(url, { headers });
    expect([stream.status, stream.headers['x-seen']]).toEqual([200, 'yes']);
    await send(url, { method: 'DELETE', headers });
    await stream.body;
  });

  it('a violation is answered in place of the answer', async () => {
    const { url, service } = await hooked({
      http_post_request: ({ responseHeaders }) =>
        responseHeaders?.['content-type'] === 'text/event-stream' && service.callers.length > 0 ? violation() : {},
    });
    const answer = await callOnce(url);
    expect([answer.status, answer.body.includes('somebody'), service.callers.length]).toEqual([403, false, 1]);
  });

  it('the headers that other hooks want on the answer are there, though no plugin is on it', async () => {
    const { url } = await hooked({ http_pre_request: () => ({ httpHeaders: { 'X-Remaining': '7' } }) });
    expect((await callOnce(url)).headers['x-remaining']).toBe('7');
  });
});

it('hooks of one request share its context', async () => {
  const seen: unknown[] = [];
  const note = (hook: string) => (_: unknown, context: { state: Record<string, unknown> }) => {
    seen.push([hook, context.state['by']]);
    context.state['by'] = hook;
  };
  const { url } = await hooked({
    http_pre_request: note('pre'),
    http_auth_check_permission: note('check'),
    http_post_request: note('post'),
  });
  await post(url, initialize);
  expect(seen).toEqual([
    ['pre', undefined],
    ['check', 'pre'],
    ['post', 'check'],
  ]);
});

it.each(['http_pre_request', 'http_auth_resolve_user', 'http_auth_check_permission', 'http_post_request'] as const)(
  'a plugin on %s that fails lets nothing pass, and says nothing of why',
  async (hook) => {
    const { url, logger } = await hooked({ [hook]: () => Promise.reject(new Error('the secret reason')) });
    const answer = await post(url, initialize);
    expect(answer.status).toBe(500);
    expect(errorOf(answer).message).toContain(hook);
    expect(answer.body).not.toMatch(/secret|\\n|node:/);
    expect(JSON.stringify(logger.entries)).toContain('secret reason');
  },
);

it('requests that wait for plugins are bounded: one more is told that the server is busy', async () => {
  const { promise, resolve } = deferred();
  let waiting = 0;
  const wait = () => {
    waiting++;
    return promise.then(() => ({}));
  };
  const { url } = await hooked({ http_pre_request: wait }, { limits: { maxCalls: 2 } });
  const first = [post(url, initialize), post(url, initialize)];
  await vi.waitFor(() => expect(waiting).toBe(2));
  expect(await post(url, initialize)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  resolve();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await post(url, initialize)).status).toBe(200);
});

it('a manager that is closed lets nothing pass, with 503', async () => {
  const { url, manager } = await hooked({ http_pre_request: () => {} });
  await manager.close();
  expect([(await post(url, initialize)).status]).toEqual([503]);
});

it('without a plugin on them nothing runs and nothing is made', async () => {
  const manager = await guardOf({ tool_pre_invoke: () => {} });
  const hooks = new HttpHooks({ manager, digest: new CredentialDigest(), logger: silentLogger });
  expect(hooks.before({} as never, undefined)).toBeUndefined();
});
