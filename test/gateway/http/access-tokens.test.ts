import {
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { fc, test } from '@fast-check/vitest';
import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { AccessTokens } from '../../../src/gateway/http/access-tokens.js';
import { Challenge } from '../../../src/gateway/http/challenge.js';
import type { GatewayOAuthOptions } from '../../../src/gateway/http/oauth-options.js';
import { readOAuthOptions } from '../../../src/gateway/http/oauth-options.js';
import { SourceError } from '../../../src/gateway/http/json-source.js';
import { isRefusal } from '../../../src/serving/http/authentication.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { RecordingLogger } from '../../../src/testing/recording-logger.js';
import { initialize, mcpHeaders, post, send } from '../../fixtures/hosting/raw-http.js';
import {
  type AuthorizationServer,
  newKey,
  type SigningKey,
  startAuthorizationServer,
} from '../../fixtures/gateway/authorization-server.js';
import { bearer, callOnce, errorOf, openGateway, sdkClient, textOf } from '../../fixtures/gateway/gateway-over-http.js';
import * as jose from 'jose';

const audience = 'https://gateway.example/mcp';
const now = () => Math.floor(Date.now() / 1000);
const good = (as: AuthorizationServer) => ({ iss: as.issuer, aud: audience, sub: 'ann', exp: now() + 300 });

async function withOAuth(over: Partial<GatewayOAuthOptions> = {}, clock = new ManualClock()) {
  const as = await startAuthorizationServer();
  const gateway = await openGateway({ oauth: { issuer: as.issuer, audience, ...over } }, { clock });
  return { as, clock, ...gateway };
}

describe('with an authorization server', () => {
  it('the SDK client that has a token of it is served, as the user of the token', async () => {
    const { as, url, service } = await withOAuth();
    const token = await as.sign({ ...good(as), scope: 'read write', client_id: 'c' });
    const client = await sdkClient(url, bearer(token));
    expect(await client.callTool({ name: 'whoami' })).toMatchObject({ content: [{ text: 'ann' }] });
    expect(service.last.identity).toMatchObject({ user: 'ann', scopes: ['read', 'write'], claims: { client_id: 'c' } });
    expect(JSON.stringify(service.last)).not.toContain(token.slice(0, 30));
  });

  it('who has none is told where to get one', async () => {
    const { as, url, origin } = await withOAuth({ requiredScopes: ['mcp:use'] });
    const answer = await post(url, initialize);
    const metadataUrl = 'https://gateway.example/.well-known/oauth-protected-resource/mcp';
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(`Bearer scope="mcp:use", resource_metadata="${metadataUrl}"`);
    for (const path of ['', '/mcp']) {
      const metadata = await send(`${origin}/.well-known/oauth-protected-resource${path}`);
      expect(JSON.parse(metadata.body)).toEqual({
        resource: audience,
        authorization_servers: [as.issuer],
        bearer_methods_supported: ['header'],
        scopes_supported: ['mcp:use'],
      });
    }
  });

  it('a client finds the way there by what it is told', async () => {
    const { as, url } = await withOAuth({ requiredScopes: ['mcp:use'], resource: 'https://gateway.example/team/mcp' });
    const refused = await fetch(url, { method: 'POST', headers: mcpHeaders, body: initialize });
    const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(refused);
    expect([resourceMetadataUrl?.pathname, scope]).toEqual([
      '/.well-known/oauth-protected-resource/team/mcp',
      'mcp:use',
    ]);
    // The name is that of a proxy, which leads here.
    const here = new URL(resourceMetadataUrl?.pathname ?? '', url);
    const metadata = await discoverOAuthProtectedResourceMetadata(url, { resourceMetadataUrl: here });
    expect(metadata).toMatchObject({
      authorization_servers: [as.issuer],
      resource: 'https://gateway.example/team/mcp',
    });
  });

  it('a token without the scopes that are needed gets 403, and is told which', async () => {
    const { as, url } = await withOAuth({ requiredScopes: ['mcp:use', 'mcp:all'] });
    const answer = await post(url, initialize, bearer(await as.sign({ ...good(as), scope: 'mcp:use' })));
    expect([answer.status, errorOf(answer).data]).toEqual([403, { error: 'insufficient_scope' }]);
    expect(answer.headers['www-authenticate']).toMatch(
      /error="insufficient_scope".*scope="mcp:use mcp:all".*resource_/,
    );
    const scp = await as.sign({ ...good(as), scp: ['mcp:all', 'mcp:use'] });
    expect((await post(url, initialize, bearer(scp))).status).toBe(200);
  });

  it('the user is whom the chosen claim names, and a token without it is refused', async () => {
    const { as, url } = await withOAuth({ userClaim: 'email' });
    expect((await callOnce(url, bearer(await as.sign(good(as))))).status).toBe(401);
    expect(textOf(await callOnce(url, bearer(await as.sign({ ...good(as), email: 'a@b.example' }))))).toBe(
      'a@b.example',
    );
  });

  it('a session outlives the renewal of its token, and nobody else enters it', async () => {
    const { as, url } = await withOAuth();
    const token = (over: object) => as.sign({ ...good(as), client_id: 'c', ...over });
    const opened = await post(url, initialize, bearer(await token({ jti: '1' })));
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const list = '{"jsonrpc":"2.0","id":3,"method":"tools/list"}';
    const as2 = async (over: object) => (await post(url, list, { ...session, ...bearer(await token(over)) })).status;
    expect(await as2({ jti: '2', exp: now() + 900 })).toBe(200);
    expect(await as2({ sub: 'bob' })).toBe(404);
    expect(await as2({ client_id: 'd' })).toBe(404);
  });

  it('a token may stand beside it', async () => {
    const as = await startAuthorizationServer();
    const token = 'the-token-of-the-operator';
    const { url } = await openGateway({ token, oauth: { issuer: as.issuer, audience } });
    expect((await callOnce(url, bearer(token))).status).toBe(200);
    expect(as.reads).toEqual([]);
    expect((await callOnce(url, bearer(await as.sign(good(as))))).status).toBe(200);
    expect((await callOnce(url, bearer('neither.of.them'))).status).toBe(401);
  });
});

it('when it is closed, no timer and no connection is left, not even one to the authorization server', async () => {
  const open = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
  const before = open();
  const { as, url, endpoint, clock } = await withOAuth({}, new ManualClock());
  expect((await post(url, initialize, bearer(await as.sign(good(as))))).status).toBe(200);
  await endpoint.close();
  await as.close();
  // What earlier tests have open may end meanwhile.
  await vi.waitFor(() => {
    expect(open()).toBeLessThanOrEqual(before);
    expect(clock.size).toBe(0);
  });
});

describe('the keys', () => {
  it.each([
    ['RFC 8414', '/tenant', '/.well-known/oauth-authorization-server/tenant'],
    ['OpenID Connect, as RFC 8414 places it', '/tenant', '/.well-known/openid-configuration/tenant'],
    ['OpenID Connect', '/tenant', '/tenant/.well-known/openid-configuration'],
    ['RFC 8414 without a path', '', '/.well-known/oauth-authorization-server'],
  ])('are found through the metadata of %s', async (_, path, metadata) => {
    const as = await startAuthorizationServer(path);
    as.metadata = metadata;
    const { url } = await openGateway({ oauth: { issuer: as.issuer, audience } });
    expect((await callOnce(url, bearer(await as.sign(good(as))))).status).toBe(200);
    expect(as.reads.slice(-2)).toEqual([metadata, '/jwks']);
  });

  it('are not looked for where it is said where they are, and not before a token comes', async () => {
    const as = await startAuthorizationServer();
    const { url } = await openGateway({ oauth: { issuer: as.issuer, jwksUrl: as.jwksUrl, audience } });
    await post(url, initialize);
    expect(as.reads).toEqual([]);
    const token = await as.sign(good(as));
    await Promise.all([1, 2, 3].map(() => callOnce(url, bearer(token))));
    expect(as.reads).toEqual(['/jwks']);
  });

  it.each(['failing', 'garbage', 'elsewhere'] as const)(
    '%s: nobody is let in, with 503; later they are',
    async (mode) => {
      const { as, url, clock, logger } = await withOAuth();
      as.mode = mode;
      const token = bearer(await as.sign(good(as)));
      const answer = await post(url, initialize, token);
      expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
      expect(errorOf(answer).message).not.toContain(as.issuer);
      expect(logger.lines('error')).toEqual(['tokens cannot be checked; requests are refused']);
      const reads = as.reads.length;
      as.mode = 'up';
      // Not tried again at once, whoever knocks.
      expect((await post(url, initialize, token)).status).toBe(503);
      expect(as.reads.length).toBe(reads);
      clock.advance(5_000);
      expect((await post(url, initialize, token)).status).toBe(200);
    },
  );

  it('of another issuer are not taken', async () => {
    const as = await startAuthorizationServer();
    const other = await startAuthorizationServer();
    as.metadata = undefined;
    const issuer = `${as.issuer}/`;
    const { url } = await openGateway({ oauth: { issuer, audience } });
    expect((await post(url, initialize, bearer(await other.sign(good(as))))).status).toBe(503);
    as.metadata = '/.well-known/oauth-authorization-server';
    const { url: second, logger } = await openGateway({ oauth: { issuer, audience } });
    expect((await post(second, initialize, bearer(await as.sign(good(as))))).status).toBe(503);
    expect(JSON.stringify(logger.entries)).toContain('is of another issuer than');
  });

  it('that are new are taken, though not looked for at once; those that are gone are refused after ten minutes', async () => {
    const { as, url, clock } = await withOAuth();
    const [first] = as.keys;
    const second = await newKey('second', 'RS256');
    const ask = async (key?: SigningKey) =>
      (await post(url, initialize, bearer(await as.sign(good(as), {}, key)))).status;
    expect(await ask()).toBe(200);
    as.keys = [second];
    expect([await ask(second), as.reads.length]).toEqual([401, 2]);
    clock.advance(30_000);
    expect([await ask(second), as.reads.length]).toEqual([200, 4]);
    expect(await ask(first)).toBe(401);
    as.keys = [];
    clock.advance(10 * 60_000);
    expect(await ask(second)).toBe(401);
  });

  it('that are known serve on while the server is away and strangers name others', async () => {
    const { as, url, clock } = await withOAuth();
    const token = bearer(await as.sign(good(as)));
    expect((await post(url, initialize, token)).status).toBe(200);
    as.mode = 'failing';
    clock.advance(60_000);
    const stranger = bearer(await as.sign(good(as), {}, await newKey('strange')));
    expect((await post(url, initialize, stranger)).status).toBe(503);
    expect((await post(url, initialize, token)).status).toBe(200);
    clock.advance(10 * 60_000);
    expect((await post(url, initialize, token)).status).toBe(503);
  });
});

describe('a token', () => {
  const issuer = 'https://issuer.example';
  const at = 1_800_000_000;
  let keys: { ours: SigningKey; others: SigningKey };
  beforeAll(async () => {
    keys = { ours: await newKey('k', 'ES256'), others: await newKey('k', 'ES256') };
  });

  const tokens = async () => {
    const settings = readOAuthOptions({
      issuer,
      audience,
      jwksUrl: 'https://keys.example/',
      requiredScopes: ['a', 'b'],
    });
    const jwk = { ...(await jose.exportJWK(keys.ours.publicKey)), kid: 'k', alg: 'ES256' };
    const source = { read: () => Promise.resolve({ keys: [jwk] }), close: () => Promise.resolve() };
    const challenge = new Challenge({ scopes: ['a', 'b'], metadataUrl: 'https://gateway.example/' });
    const logger = new RecordingLogger();
    return new AccessTokens(settings, {
      challenge,
      source,
      clock: new ManualClock(),
      wallClock: () => at * 1000,
      logger,
      jose,
    });
  };

  const claim = <Good, Bad>(right: fc.Arbitrary<Good>, wrong: fc.Arbitrary<Bad>) =>
    fc.oneof(
      { weight: 4, arbitrary: right.map((value) => ({ value, right: true })) },
      { weight: 1, arbitrary: wrong.map((value) => ({ value, right: false })) },
    );
  const text = fc.string().filter((said) => said !== issuer && said !== audience);
  const facts = fc.record({
    iss: claim(fc.constant(issuer), fc.oneof(fc.constant(undefined), fc.constant(`${issuer}/`), text)),
    aud: claim(
      fc.oneof(
        fc.constant(audience),
        fc.array(text).map((others) => [...others, audience]),
      ),
      fc.oneof(fc.constant(undefined), text, fc.array(text), fc.constant(`${audience}/`)),
    ),
    exp: claim(
      fc.integer({ min: at - 29, max: at + 100_000 }),
      fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: at - 30 }), fc.constant('9999999999')),
    ),
    nbf: claim(
      fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: at + 30 })),
      fc.integer({ min: at + 31, max: at + 100_000 }),
    ),
    sub: claim(fc.string({ minLength: 1 }), fc.constantFrom<unknown[]>(undefined, '', 7, ['ann'], { name: 'ann' })),
    scope: claim(
      fc.constantFrom<unknown[]>('a b', 'b a', ' a  c b', 'a b a'),
      fc.constantFrom<unknown[]>(undefined, '', 'a', 'ab', 'A B', 'a,b', 7, { a: 'b' }),
    ),
    typ: claim(
      fc.constantFrom(undefined, 'at+jwt', 'JWT', 'application/at+jwt', 'AT+JWT'),
      fc.constantFrom('logout+jwt', 'dpop+jwt', 'secevent+jwt'),
    ),
    signer: claim(fc.constant('ours'), fc.constantFrom('others', 'none', 'secret', 'changed')),
  });

  const made = async (of: Record<string, { readonly value: unknown }>): Promise<string> => {
    const { signer, typ, ...rest } = of;
    const given = Object.entries(rest).filter(([, { value }]) => value !== undefined);
    const claims = Object.fromEntries(given.map(([name, { value }]) => [name, value]));
    const unsigned = (alg: string) =>
      new SignJWT(claims).setProtectedHeader({
        alg,
        kid: 'k',
        ...(typeof typ?.value === 'string' && { typ: typ.value }),
      });
    switch (signer?.value) {
      case 'none':
        return new UnsecuredJWT(claims).encode();
      // The public key, which everybody knows, as if it were a secret.
      case 'secret':
        return unsigned('HS256').sign(Buffer.from(JSON.stringify(await jose.exportJWK(keys.ours.publicKey))));
      case 'changed': {
        const [head, , signature] = (await unsigned('ES256').sign(keys.ours.privateKey)).split('.');
        const body = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
        return [head, body, signature].join('.');
      }
      default:
        return unsigned('ES256').sign(signer?.value === 'ours' ? keys.ours.privateKey : keys.others.privateKey);
    }
  };

  test.prop([facts], { numRuns: 400 })('passes only if all of it is right', async (of) => {
    const answer = await (await tokens()).check(await made(of));
    const { scope, ...others } = of;
    const isRight = Object.values(others).every(({ right }) => right);
    if (isRight && scope.right) expect(answer).toMatchObject({ user: of.sub.value });
    else expect(answer).toMatchObject({ status: isRight ? 403 : 401, rpcCode: -32_001 });
    if (isRefusal(answer)) expect(JSON.stringify(answer)).not.toMatch(/ at |node:|eyJ/);
  });

  test.prop([
    fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.array(fc.base64String(), { maxLength: 5 }).map((all) => all.join('.')),
    ),
  ])('that is anything at all is refused with 401', async (said) => {
    expect(await (await tokens()).check(said)).toMatchObject({ status: 401 });
  });

  it.each([
    ['an algorithm that is not taken', { alg: 'HS256', typ: 'JWT' }],
    ['a critical header that nobody knows', { crit: ['x'], x: 1 }],
  ])('with %s is refused', async (_, header) => {
    const { payload } = { payload: { iss: issuer, aud: audience, exp: at + 9, sub: 'a', scope: 'a b' } };
    const parts = [{ alg: 'ES256', kid: 'k', ...header }, payload].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    expect(await (await tokens()).check([...parts, 'AAAA'].join('.'))).toMatchObject({ status: 401 });
  });

  it('is not judged while its issuer cannot be asked', async () => {
    const settings = readOAuthOptions({ issuer, audience, jwksUrl: 'https://keys.example/' });
    const source = { read: () => Promise.reject(new SourceError('away')), close: () => Promise.resolve() };
    const challenge = new Challenge({ scopes: [] });
    const dependencies = {
      challenge,
      source,
      clock: new ManualClock(),
      wallClock: () => at,
      logger: new RecordingLogger(),
      jose,
    };
    const token = await made({ signer: { value: 'ours' } });
    expect(await new AccessTokens(settings, dependencies).check(token)).toMatchObject({ status: 503 });
  });
});
