import { expect, test } from 'vitest';
import { browse, requestWith } from '../fixtures/downstream/logged-in-client.js';
import { loggedIn, loginWorld as world, needed } from '../fixtures/downstream/login-world.js';
import { rejection } from '../fixtures/waiting.js';

test('a server that asks for nothing is asked for nothing', async () => {
  const { login, server, authorization } = await world();
  expect(await login().header(new AbortController().signal)).toBeUndefined();
  expect(authorization.requests).toEqual([]);
  expect(server.sent).toEqual([]);
});

test('a person who opens the address that a refused call tells is logged in', async () => {
  const { login, server, authorization, store } = await world();
  const own = login();
  const address = await needed(own, server.url);
  const asked = new URL(address).searchParams;
  expect(asked.get('resource')).toBe(server.url);
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('scope')).toBeNull();
  expect(own.status).toContain(address);

  const { status, page } = await browse(address);
  expect(status).toBe(200);
  expect(page).not.toContain(new URL(address).searchParams.get('state'));
  expect(await requestWith(own, server.url)).toBe(200);
  expect(own.status).toContain('logged in');
  expect(authorization.issuer.exchanges).toEqual([{ resource: server.url }]);
  expect(authorization.registrations).toMatchObject([
    {
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
  ]);
  expect(await store.newest(server.url, undefined)).toMatchObject({ issuer: authorization.url, resource: server.url });
});

test('all calls that are refused while a person is waited for tell the same address', async () => {
  const { login, server, authorization } = await world();
  const own = login();
  const addresses = await Promise.all(Array.from({ length: 10 }, () => needed(own, server.url)));
  expect(new Set(addresses).size).toBe(1);
  expect(authorization.clients.size).toBe(1);
});

test('scopes are those that the refusal names, else those that the server knows; offline access only where it is offered', async () => {
  const { login, server, authorization } = await world();
  server.metadata = (metadata) => ({ ...metadata, scopes_supported: ['known', 'offline_access'] });
  const scopesOf = async (): Promise<string | null> => {
    const own = login();
    const address = await needed(own, server.url);
    await own.close();
    return new URL(address).searchParams.get('scope');
  };
  expect(await scopesOf()).toBe('known');
  server.challenge = ', scope="a b"';
  expect(await scopesOf()).toBe('a b');
  authorization.metadata = (metadata) => ({ ...metadata, scopes_supported: ['a', 'offline_access'] });
  expect(await scopesOf()).toBe('a b offline_access');
});

test('a token that has ended is renewed once, however many calls are refused', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.authorization.issuer.endAccess();
  w.time += 60_000;
  const statuses = await Promise.all(Array.from({ length: 10 }, () => requestWith(own, w.server.url)));
  expect(statuses).toEqual(Array.from({ length: 10 }, () => 200));
  expect(w.authorization.issuer.refreshes).toBe(1);
});

test('a token that is about to end is renewed before it is used', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.time += 3_590_000;
  const before = w.server.sent.length;
  expect(await requestWith(own, w.server.url)).toBe(200);
  expect(w.server.sent.length).toBe(before + 1);
  expect(w.authorization.issuer.refreshes).toBe(1);
});

test('a token that cannot be renewed early is used for as long as it lasts', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.time += 3_590_000;
  w.authorization.token = () => ({ status: 500, body: {} });
  expect(await requestWith(own, w.server.url)).toBe(200);
  expect(await requestWith(own, w.server.url)).toBe(200);
  expect(w.authorization.requests.filter((request) => request === 'POST /token')).toHaveLength(2);
});

test('a login that was revoked is needed again', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.authorization.issuer.endAll();
  w.time += 60_000;
  const address = await needed(own, w.server.url);
  await browse(address);
  expect(await requestWith(own, w.server.url)).toBe(200);
  expect(w.authorization.clients.size).toBe(1);
});

test('a call that needs more scopes has a person asked for all of them', async () => {
  const w = await world();
  w.server.scopes = ['read'];
  w.server.challenge = ', scope="read"';
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.server.challenge = '';
  w.server.scopes = ['write'];
  const address = await needed(own, w.server.url);
  expect(new URL(address).searchParams.get('scope')).toBe('read write');
  await browse(address);
  expect(await requestWith(own, w.server.url)).toBe(200);
});

test('a server that is never content with what was granted is told so, and no more is asked for', async () => {
  const w = await world();
  const own = w.login();
  w.server.challenge = ', scope="read"';
  await loggedIn(own, w.server.url);
  w.server.challenge = '';
  for (const scope of ['one', 'two', 'three']) {
    w.server.scopes.push(scope);
    await browse(await needed(own, w.server.url));
    expect(await requestWith(own, w.server.url)).toBe(200);
  }
  w.server.scopes.push('four');
  expect(await rejection(requestWith(own, w.server.url))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  expect(w.authorization.authorizations).toHaveLength(4);
});

test('a token that the server refuses although it is new is not renewed for ever', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.authorization.issuer.endAccess();
  expect(await rejection(requestWith(own, w.server.url))).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringContaining('a token that has just been issued'),
  });
});

test('what is no matter of a login stays refused', async () => {
  const { login } = await world();
  const own = login();
  const { signal } = new AbortController();
  expect(await own.refused({ status: 403, wwwAuthenticate: undefined, sent: undefined }, signal)).toBe('no');
  expect(
    await own.refused({ status: 403, wwwAuthenticate: 'Bearer error="invalid_token"', sent: undefined }, signal),
  ).toBe('no');
  expect(await own.refused({ status: 401, wwwAuthenticate: 'Basic realm="Bearer x"', sent: undefined }, signal)).toBe(
    'no',
  );
});

test('a login in one process is found by another that waits for a person', async () => {
  const w = await world();
  const [one, other] = [w.login(), w.login()];
  const address = await needed(one, w.server.url);
  // The other one tells the address that the first waits at.
  expect(await needed(other, w.server.url)).toBe(address);
  await browse(address);
  expect(await requestWith(one, w.server.url)).toBe(200);
  expect(await requestWith(other, w.server.url)).toBe(200);
});

test('two that share a store renew a token once', async () => {
  const w = await world();
  const [one, other] = [w.login(), w.login()];
  await loggedIn(one, w.server.url);
  expect(await requestWith(other, w.server.url)).toBe(200);
  w.authorization.issuer.endAccess();
  w.time += 60_000;
  const calls = [one, other, one, other, one, other].map((login) => requestWith(login, w.server.url));
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
  expect(w.authorization.issuer.refreshes).toBe(1);
});

test('no token is in logs, in the status or in errors', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  w.time += 3_590_000;
  const stored = await w.store.newest(w.server.url, undefined);
  // An authorization server that repeats what it was sent.
  w.authorization.token = (form) => ({
    status: 500,
    body: { error: 'x', error_description: form.get('refresh_token') },
  });
  await requestWith(own, w.server.url);
  w.authorization.issuer.endAccess();
  w.time += 60_000;
  const error = await rejection(requestWith(own, w.server.url));
  const said = JSON.stringify([w.logger.entries, own.status, String(error), error]);
  expect(said).toContain('renewed');
  for (const token of w.authorization.issuer.issued) expect(said).not.toContain(token);
  expect(stored?.tokens?.refreshToken).toBeDefined();
});
