import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { browse, requestWith } from '../fixtures/downstream/logged-in-client.js';
import { loggedIn, type LoginWorld, loginWorld as world, needed } from '../fixtures/downstream/login-world.js';
import { AuthorizationServer } from '../fixtures/downstream/login-servers.js';
import { RefusedGrant } from '../fixtures/downstream/token-issuer.js';
import { rejection } from '../fixtures/waiting.js';

/** What a login is refused for that never comes to a person. */
async function refusal(w: LoginWorld, settings = {}): Promise<unknown> {
  const error = await rejection(requestWith(w.login(settings), w.server.url));
  expect(w.authorization.authorizations).toEqual([]);
  return error;
}

function refused(reason: string): unknown {
  return expect.objectContaining({ code: 'SERVER_UNAVAILABLE', message: expect.stringContaining(reason) });
}

test('a server whose metadata is about another one is not logged in at', async () => {
  const w = await world();
  w.server.metadata = (metadata) => ({ ...metadata, resource: 'https://evil.example.com/mcp' });
  expect(await refusal(w)).toEqual(refused('its metadata is about https://evil.example.com/mcp'));
  expect(w.authorization.requests).toEqual([]);
});

test('an authorization server whose metadata names another issuer is not used', async () => {
  const w = await world();
  w.authorization.metadata = (metadata) => ({ ...metadata, issuer: 'https://honest.example.com' });
  expect(await refusal(w)).toEqual(refused('names another issuer'));
  expect(w.authorization.registrations).toEqual([]);
});

test.each([
  ['says nothing of PKCE', undefined],
  ['knows plain PKCE alone', ['plain']],
])('an authorization server that %s is not used', async (_what, methods) => {
  const w = await world();
  w.authorization.metadata = (metadata) => ({ ...metadata, code_challenge_methods_supported: methods });
  expect(await refusal(w)).toEqual(refused('does not name S256'));
});

test('an authorization server without metadata is not used', async () => {
  const w = await world();
  w.authorization.metadata = () => undefined;
  expect(await refusal(w)).toEqual(refused('has no metadata'));
});

test('a server without metadata is its own authorization server', async () => {
  const w = await world();
  w.server.metadata = () => undefined;
  w.server.challenge = undefined;
  expect(await refusal(w)).toEqual(refused('has no metadata'));
  expect(w.authorization.requests).toEqual([]);
});

test('metadata that cannot be read is no metadata that is not there', async () => {
  const w = await world();
  w.server.metadata = (metadata) => ({ ...metadata, resource: 7 });
  w.server.challenge = undefined;
  expect(await refusal(w)).toEqual(refused('something else than OAuth has for it'));
});

test('requests for tokens go over https', async () => {
  const w = await world();
  w.server.metadata = (metadata) => ({ ...metadata, authorization_servers: ['http://login.example.com'] });
  expect(await refusal(w)).toEqual(refused('is not https'));
});

test.each(['http://169.254.169.254/latest', 'https://10.0.0.7/as'])('%s is not asked', async (issuer) => {
  const w = await world();
  w.server.metadata = (metadata) => ({ ...metadata, authorization_servers: [issuer] });
  expect(await refusal(w)).toEqual(refused('address'));
});

test('an authorization server that registers nobody needs a client id in the entry', async () => {
  const w = await world();
  w.authorization.metadata = ({ registration_endpoint: _none, ...metadata }) => metadata;
  expect(await refusal(w)).toEqual(refused("'oauth.clientId'"));
});

test('a page that a person would open has to be https', async () => {
  const w = await world();
  w.authorization.metadata = (metadata) => ({ ...metadata, authorization_endpoint: 'http://login.example.com/a' });
  expect(await refusal(w)).toEqual(refused('which is not https'));
});

test.each([
  ['of another issuer', 'https://evil.example.com', false],
  ['of another issuer, where it is announced', 'https://evil.example.com', true],
  ['without an issuer, where it is announced', undefined, true],
])('an answer %s is not exchanged', async (_what, iss, announced) => {
  const w = await world();
  w.authorization.metadata = (metadata) => ({ ...metadata, authorization_response_iss_parameter_supported: announced });
  w.authorization.callback = (fields) => ({ ...fields, iss });
  const own = w.login();
  await browse(await needed(own, w.server.url));
  expect(await rejection(requestWith(own, w.server.url))).toEqual(
    refused('does not come from the authorization server'),
  );
  expect(w.authorization.requests).not.toContain('POST /token');
});

test('nothing is shown of an error of another issuer', async () => {
  const w = await world();
  w.authorization.callback = ({ state }) => ({ state, error: 'call_0800', iss: 'https://evil.example.com' });
  const own = w.login();
  await browse(await needed(own, w.server.url));
  const error = await rejection(requestWith(own, w.server.url));
  expect(error).toEqual(refused('does not come from the authorization server'));
  expect(String(error)).not.toContain('0800');
});

test('an answer with the right issuer is exchanged', async () => {
  const w = await world();
  w.authorization.metadata = (metadata) => ({ ...metadata, authorization_response_iss_parameter_supported: true });
  w.authorization.callback = (fields) => ({ ...fields, iss: w.authorization.url });
  await loggedIn(w.login(), w.server.url);
});

test('a person who says no is believed, and asked again after a while', async () => {
  const w = await world();
  w.authorization.callback = ({ state }) => ({ state, error: 'access_denied' });
  const own = w.login();
  const { page } = await browse(await needed(own, w.server.url));
  expect(page).toContain('not completed');
  expect(await rejection(requestWith(own, w.server.url))).toEqual(refused('"access_denied"'));
  expect(w.authorization.authorizations).toHaveLength(1);
});

test('what comes back with another state is nobody', async () => {
  const w = await world();
  const own = w.login();
  const address = await needed(own, w.server.url);
  const back = new URL(address).searchParams.get('redirect_uri') ?? '';
  for (const query of ['?code=x', '?code=x&state=wrong', '?state=']) {
    const response = await fetch(`${back}${query}`);
    expect(response.status).toBe(404);
  }
  expect(await needed(own, w.server.url)).toBe(address);
});

test('a registration is used again with the same authorization server, and never with another', async () => {
  const w = await world();
  const own = w.login();
  await loggedIn(own, w.server.url);
  await own.close();
  w.authorization.issuer.endAll();
  w.time += 60_000;

  const other = await AuthorizationServer.start();
  w.server.metadata = (metadata) => ({ ...metadata, authorization_servers: [other.url] });
  const moved = w.login();
  await browse(await needed(moved, w.server.url));
  expect(other.registrations).toHaveLength(1);
  expect(other.authorizations[0]?.get('client_id')).not.toBe(w.authorization.authorizations[0]?.get('client_id'));
  await moved.close();
  w.time += 60_000;

  w.server.metadata = (metadata) => metadata;
  await browse(await needed(w.login(), w.server.url));
  expect(w.authorization.registrations).toHaveLength(1);
});

test('a client of the servers file is not used with another authorization server', async () => {
  const w = await world();
  w.authorization.clients.set('ours', {
    id: 'ours',
    secret: 'secret',
    redirectUris: ['http://127.0.0.1:38471/callback'],
  });
  const settings = { clientId: 'ours', clientSecret: 'secret', callbackPort: 38_471 };
  const own = w.login(settings);
  await loggedIn(own, w.server.url);
  expect(w.authorization.registrations).toEqual([]);
  expect(JSON.stringify(await w.store.newest(w.server.url, 'ours'))).not.toContain('"secret"');
  await own.close();

  w.authorization.issuer.endAll();
  w.time += 60_000;
  const other = await AuthorizationServer.start();
  w.server.metadata = (metadata) => ({ ...metadata, authorization_servers: [other.url] });
  expect(await rejection(requestWith(w.login(settings), w.server.url))).toEqual(refused('gatechart logout s'));
  expect(other.requests.every((request) => request.startsWith('GET'))).toBe(true);
});

test('a client-id metadata document goes before registration, where it is known', async () => {
  const w = await world();
  const clientMetadataUrl = 'https://client.example.com/metadata.json';
  w.authorization.metadata = (metadata) => ({ ...metadata, client_id_metadata_document_supported: true });
  await loggedIn(w.login({ clientMetadataUrl }), w.server.url);
  expect(w.authorization.registrations).toEqual([]);
  expect(w.authorization.authorizations[0]?.get('client_id')).toBe(clientMetadataUrl);
});

test('client credentials take no person, and more scopes are got without one', async () => {
  const w = await world();
  w.authorization.clients.set('machine', { id: 'machine', secret: 'secret', redirectUris: [] });
  w.server.challenge = ', scope="read"';
  w.server.scopes = ['read'];
  const own = w.login({ grant: 'client_credentials', clientId: 'machine', clientSecret: 'secret' });
  expect(await requestWith(own, w.server.url)).toBe(200);
  w.server.challenge = '';
  w.server.scopes = ['read', 'write'];
  expect(await requestWith(own, w.server.url)).toBe(200);
  w.authorization.issuer.endAccess();
  w.time += 60_000;
  w.server.challenge = ', scope="read write"';
  expect(await requestWith(own, w.server.url)).toBe(200);
  w.time += 3_590_000;
  expect(await requestWith(own, w.server.url)).toBe(200);
  expect(w.authorization.requests.filter((request) => request === 'POST /token')).toHaveLength(4);
  expect(w.authorization.authorizations).toEqual([]);
});

test('client credentials with a private key are signed for that authorization server', async () => {
  const w = await world();
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  w.authorization.authenticate = async (form) => {
    const assertion = form.get('client_assertion') ?? '';
    const { payload } = await jwtVerify(assertion, publicKey, { audience: w.authorization.url }).catch(() => {
      throw new RefusedGrant('invalid_client');
    });
    return payload.sub ?? '';
  };
  const own = w.login({ grant: 'client_credentials', clientId: 'm', privateKey: await exportPKCS8(privateKey) });
  expect(await requestWith(own, w.server.url)).toBe(200);
});

test('wrong client credentials are told, and not tried at every call', async () => {
  const w = await world();
  const own = w.login({ grant: 'client_credentials', clientId: 'm', clientSecret: 'wrong' });
  for (let call = 0; call < 5; call++)
    expect(await rejection(requestWith(own, w.server.url))).toEqual(refused('"invalid_client"'));
  expect(w.authorization.requests.filter((request) => request === 'POST /token')).toHaveLength(1);
});

test.each([
  ['that has to be proven', { token_type: 'DPoP' }, 'no bearer token'],
  ['with a line break', { access_token: 'a\nb' }, 'cannot stand in a header'],
  ['of another shape', { access_token: 7 }, 'something else than OAuth'],
])('a token %s is not used', async (_what, fields, reason) => {
  const w = await world();
  w.authorization.token = () => ({ status: 200, body: { access_token: 'a', token_type: 'Bearer', ...fields } });
  const own = w.login({ grant: 'client_credentials', clientId: 'm', clientSecret: 's' });
  expect(await rejection(requestWith(own, w.server.url))).toEqual(refused(reason));
});

test('an answer that is too large is not read', async () => {
  const w = await world();
  w.authorization.metadata = (metadata) => ({ ...metadata, padding: 'x'.repeat(300_000) });
  expect(await refusal(w)).toEqual(refused('more than 262144 bytes'));
});
