import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHttpFile } from '../../../src/gateway/http/http-file.js';
import { folderWith } from '../../fixtures/manager/managers.js';
import { rejection } from '../../fixtures/waiting.js';

const read = async (text: string, env: NodeJS.ProcessEnv = {}) =>
  readHttpFile(join(folderWith({ 'http.json': text }), 'http.json'), env);

/** What is wrong, without the folder. */
async function wrong(text: string): Promise<string[]> {
  const error = await rejection(read(text));
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  return String(error instanceof Error ? error.message : error)
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^\S*(http\.json)/, '$1'));
}

it('gives the options of the file, with paths beside it and variables filled in', async () => {
  const text = `{
    // Where it is reached.
    "host": "\${HOST:-127.0.0.1}", "port": "\${PORT}",
    "tls": { "certfile": "a.crt", "keyfile": "/b.key", "keyfilePassword": "\${PASSWORD}", "certReqs": 0 },
    "oauth": { "issuer": "https://issuer.example", "audience": "https://gateway.example/mcp" },
    "allowedHosts": ["gateway.example"], "healthPort": 0, "rate": { "perSecond": 0.5 }, "limits": { "maxCalls": 3 },
  }`;
  expect(await read(text, { PORT: '8443', PASSWORD: 'sesame' })).toEqual({
    host: '127.0.0.1',
    port: 8443,
    tls: {
      certfile: expect.stringMatching(/^\/.*\/a\.crt$/),
      keyfile: '/b.key',
      keyfilePassword: 'sesame',
      certReqs: 0,
    },
    oauth: { issuer: 'https://issuer.example', audience: 'https://gateway.example/mcp' },
    allowedHosts: ['gateway.example'],
    healthPort: 0,
    rate: { perSecond: 0.5 },
    limits: { maxCalls: 3 },
  });
  expect(await read('{}')).toEqual({});
});

describe('refuses, with the place', () => {
  it.each([
    ['{ "prot": 1 }', ['http.json:1:3 prot: unknown key; did you mean `port`?']],
    ['{\n  "port": 70000 }', ['http.json:2:11 port: expected an integer from 0 to 65535, found the number 70000']],
    [
      '{ "token": "sixteen-characters" }',
      ['http.json:1:3 token: is not taken from a file; set the variable GATECHART_TOKEN'],
    ],
    [
      '{ "host": "${HOST}" }',
      ['http.json:1:11 host: the variable HOST is not set; set it, or write what holds without it: ${HOST:-default}'],
    ],
    [
      '{ "tls": { "certfile": "a" } }',
      [
        'http.json:1:10 tls.keyfile: is missing; expected a string',
        'http.json:1:10 tls.certReqs: is missing; expected 0, 1 or 2',
      ],
    ],
    [
      '{ "tls": { "certfile": "a", "keyfile": "b", "certReqs": 3 } }',
      ['http.json:1:57 tls.certReqs: expected 0, 1 or 2, found the number 3'],
    ],
    [
      '{ "tls": { "certfile": "a", "keyfile": "b", "certReqs": 0, "caBundle": "c" } }',
      [
        'http.json:1:72 tls.caBundle: has no effect with certReqs 0, which asks no client for a certificate; set 1 or 2, or leave it out',
      ],
    ],
    [
      '{ "rate": { "perSecond": 0 } }',
      ['http.json:1:26 rate.perSecond: expected a number, more than 0, found the number 0'],
    ],
    ['{ "limits": { "maxCall": 1 } }', ['http.json:1:15 limits.maxCall: unknown key; did you mean `maxCalls`?']],
    [
      '{ "oauth": { "issuer": "http://issuer.example", "audience": "a" } }',
      [
        'http.json:1:24 oauth.issuer: expected a URL with https, or with http and an address of this machine; found one that begins with http:',
      ],
    ],
    [
      '{ "oauth": { "issuer": "https://issuer.example", "audience": "a" } }',
      ['http.json:1:12 oauth.resource: expected the URL at which clients reach /mcp, because the audience is no URL'],
    ],
    ['[]', ['http.json:1:1: expected a map, found an empty list']],
  ])('%s', async (text, problems) => {
    expect(await wrong(text)).toEqual(problems);
  });

  it('what is not JSON, and a file that is not there', async () => {
    expect(await wrong('{ "port": }')).toEqual([expect.stringMatching(/^http\.json:1:11: /)]);
    const error = await rejection(Promise.resolve().then(() => readHttpFile('/nowhere/http.json', {})));
    expect(error).toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('there is no such file'),
    });
  });

  it('shows no secret', async () => {
    const problems = await wrong(
      '{ "tls": { "keyfilePassword": ["sesame"], "certfile": "a", "keyfile": "b", "certReqs": 0 } }',
    );
    expect(problems).toEqual([expect.stringContaining('tls.keyfilePassword: expected a string')]);
    expect(problems.join('')).not.toContain('sesame');
  });
});
