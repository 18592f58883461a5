import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readHttpOptions } from '../../../src/gateway/http/http-options.js';
import { rejection } from '../../fixtures/waiting.js';

const oauth = { issuer: 'https://issuer.example', audience: 'https://gateway.example/mcp' };
const read = async (options: object): Promise<unknown> => readHttpOptions(options);

it('says what holds where nothing is said', () => {
  expect(readHttpOptions({})).toMatchObject({ host: '127.0.0.1', port: 8000, token: undefined, rate: undefined });
  expect(readHttpOptions({ rate: { perSecond: 5 } }).rate).toEqual({ perSecond: 5, burst: 10 });
  expect(readHttpOptions({ limits: { maxSessions: 3 } }).limits).toMatchObject({ maxSessions: 3, maxCalls: 4096 });
  expect(readHttpOptions({ oauth }).oauth).toEqual({
    ...oauth,
    jwksUrl: undefined,
    requiredScopes: [],
    resource: oauth.audience,
    userClaim: 'sub',
  });
});

describe('refuses, and says what is expected', () => {
  it.each([
    [{ prot: 1 }, /has no option prot; did you mean port\?/],
    [{ host: '' }, /options\.http\.host: expected a name/],
    [{ port: 65_536 }, /options\.http\.port: expected a port, 0 to 65535/],
    [{ port: '80' }, /port: expected/],
    [{ healthPort: -1 }, /healthPort: expected/],
    [{ token: 'short' }, /GATECHART_TOKEN\): expected at least 16 characters, found one of 5/],
    [{ token: '' }, /found one of 0/],
    [{ token: 7 }, /found a number/],
    [{ token: 'sixteen characters and a blank' }, /blanks and line breaks cannot be sent/],
    [{ token: 'sixteen-characters-and-a-break\n' }, /blanks and line breaks/],
    [{ allowedHosts: ['a', ''] }, /allowedHosts: expected a list of names/],
    [{ allowedHosts: 'a' }, /allowedHosts: expected/],
    [{ rate: { perSecond: 0 } }, /rate\.perSecond: expected/],
    [{ rate: { perSecond: 1, burst: 0.5 } }, /rate\.burst: expected an integer/],
    [{ rate: { perMinute: 1 } }, /options\.http\.rate has no option perMinute/],
    [{ limits: { maxSession: 1 } }, /has no option maxSession; did you mean maxSessions/],
    [{ limits: { maxCalls: 0 } }, /options\.http\.limits\.maxCalls: expected an integer, 1 or more, found 0/],
    [{ oauth: { ...oauth, issuer: 'http://issuer.example' } }, /oauth\.issuer: expected a URL with https.*http:/],
    [{ oauth: { ...oauth, issuer: 'issuer' } }, /oauth\.issuer: expected a URL/],
    [{ oauth: { ...oauth, issuer: 'https://issuer.example/?a' } }, /oauth\.issuer: expected a URL/],
    [{ oauth: { ...oauth, jwksUrl: 'ftp://issuer.example' } }, /oauth\.jwksUrl: expected/],
    [{ oauth: { ...oauth, audience: ' ' } }, /oauth\.audience: expected a text/],
    [{ oauth: { ...oauth, audience: 'gateway' } }, /oauth\.resource: expected the URL at which clients reach/],
    [{ oauth: { ...oauth, resource: 'https://a:b@gateway.example' } }, /oauth\.resource: expected a URL/],
    [{ oauth: { ...oauth, resource: 'https://gateway.example/"' } }, /oauth\.resource: expected a URL/],
    [{ oauth: { ...oauth, requiredScopes: ['a b'] } }, /oauth\.requiredScopes: expected a list/],
    [{ oauth: { ...oauth, requiredScopes: 'a' } }, /oauth\.requiredScopes: expected a list/],
    [{ oauth: { ...oauth, userClaim: 'a"b' } }, /oauth\.userClaim: expected/],
    [{ oauth: { ...oauth, scopes: [] } }, /options\.http\.oauth has no option scopes/],
  ])('%j', async (options, message) => {
    expect(await rejection(read(options))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  const unlikely = fc.string({ unit: fc.constantFrom('Q', 'Z', '#', ' ', '\n'), minLength: 5 });
  test.prop([unlikely.filter((token) => /[QZ#]/.test(token))])('a token is never quoted', async (token) => {
    const told = await read({ token }).catch((refusal: Error) => refusal.message);
    if (typeof told === 'string') expect(told).not.toContain(token);
  });
});

it.each(['http://127.0.0.1:9/', 'http://localhost/a', 'http://[::1]/', 'https://issuer.example/tenant'])(
  'an issuer may be %s',
  (issuer) => {
    expect(readHttpOptions({ oauth: { ...oauth, issuer } }).oauth?.issuer).toBe(issuer);
  },
);
