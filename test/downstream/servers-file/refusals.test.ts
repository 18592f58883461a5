import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusedKeys } from '../../../src/downstream/servers-file/key-rules.js';
import { errorOf, folder, readOne, readText } from '../../fixtures/downstream/servers-folder.js';
import { refusalOf } from '../../fixtures/config/refusal.js';

const stdio = { command: 'x' };
const http = { url: 'https://x/mcp' };

/** The errors of one server, each without the name of the file. */
const errorsOf = (keys: object): string[] =>
  errorOf(keys)
    .split('\n')
    .map((line) => line.replace('servers.json:', '').replace(' mcpServers.s', ' '));

describe('an entry is refused', () => {
  it.each<[object, string[]]>([
    [{}, ['1:22 : expected either `command` or `url`, found neither']],
    [{ command: 'x', url: 'https://x' }, ['1:22 : expected either `command` or `url`, found both']],
    [{ command: '' }, ['2:12 .command: expected a string that is not empty, found an empty string']],
    [{ command: ['npx', 'x'] }, ['2:12 .command: expected a string, found a list']],
    [{ command: 'a\0b' }, ['2:12 .command: expected text without null characters, found one']],
    [{ ...stdio, args: 'a b' }, ['3:9 .args: expected a list of strings, found a string of 3 characters']],
    [{ ...stdio, args: ['a', 1] }, ['3:14 .args[1]: expected a string, found a number; put it in quotes']],
    [{ ...stdio, env: { A: 1 } }, ['3:13 .env.A: expected a string, found a number; put it in quotes']],
    [{ ...stdio, env: { 'A=B': 'x' } }, ['3:9 .env["A=B"]: expected the name of a variable, without `=`']],
    [{ ...stdio, env: null }, ['3:8 .env: expected a map of strings, found null']],
    [{ ...stdio, type: 'http' }, ['3:9 .type: a server with `command` is reached over stdio']],
    [{ ...http, transport: 'stdio' }, ['3:14 .transport: a server with `url` is not reached over stdio']],
    [
      { ...stdio, type: 'ws' },
      ['3:9 .type: expected one of stdio, http, streamable-http, streamableHttp, sse, found the string "ws"'],
    ],
    [
      { ...http, type: 'http', transport: 'sse' },
      ['4:1 .transport: says something else than `type`; give one of the two'],
    ],
    [
      { ...stdio, timeout: 5_000, requestTimeout: 6_000 },
      ['4:1 .requestTimeout: says something else than `timeout`; give one of the two'],
    ],
    [{ ...stdio, timeout: 0 }, ['3:12 .timeout: expected milliseconds, 1 or more, found the number 0']],
    [
      { ...stdio, timeout: 2 ** 31 },
      ['3:12 .timeout: expected at most 2147483647 milliseconds, found the number 2147483648'],
    ],
    [
      { ...stdio, connectTimeout: 1.5 },
      ['3:19 .connectTimeout: expected milliseconds, 1 or more, found the number 1.5'],
    ],
    [{ ...stdio, disabled: 'perhaps' }, ['3:13 .disabled: expected true or false, found the string "perhaps"']],
    [{ ...stdio, alias: 'a b' }, ['3:10 .alias: expected 1 to 64 letters, digits, `_` or `-`, found the string "a b"']],
    [
      { ...stdio, isolation: 'none' },
      ['3:14 .isolation: expected one of shared, per-agent, per-client, per-call, found the string "none"'],
    ],
    [
      { ...stdio, replay: 'twice' },
      ['3:11 .replay: expected never, once or a list of tools, found the string "twice"'],
    ],
    [{ ...stdio, maxConcurrent: 0 }, ['3:18 .maxConcurrent: expected an integer, 1 or more, found the number 0']],
    [
      { ...stdio, maxResponseBytes: -1 },
      ['3:21 .maxResponseBytes: expected an integer, 1 or more, found the number -1'],
    ],
    [{ ...stdio, pin: 'on' }, ['3:8 .pin: expected one of off, warn, block, found the string "on"']],
    [
      { ...stdio, protocol: 'auto' },
      ['3:13 .protocol: the string "auto" is not supported yet; expected legacy, or leave it out'],
    ],
    [
      { ...stdio, protocol: '2026-07-28' },
      ['3:13 .protocol: the string "2026-07-28" is not supported yet; expected legacy, or leave it out'],
    ],
    [
      { ...stdio, protocol: 'new' },
      ['3:13 .protocol: the string "new" is not known; expected legacy, or leave it out'],
    ],
    [{ ...stdio, roots: [{ uri: '/a' }] }, ['3:18 .roots[0].uri: expected a URI that starts with file:///']],
    [
      { ...stdio, roots: [{ uri: 'file:///a', path: 1 }] },
      ['3:30 .roots[0].path: unknown key; expected one of uri, name'],
    ],
    [{ ...stdio, roots: [{}] }, ['3:11 .roots[0].uri: is missing; expected a string']],
  ])('%j', (keys, expected) => {
    expect(errorsOf(keys)).toEqual(expected);
  });

  it.each<[object, string[]]>([
    [{ tools: null }, ['3:10 .tools: expected a map, found null']],
    [{ tools: { allow: [] } }, ['3:19 .tools.allow: expected at least one pattern, found an empty list']],
    [{ tools: { allow: [''] } }, ['3:20 .tools.allow[0]: expected a string that is not empty, found an empty string']],
    [{ tools: { denny: ['x'] } }, ['3:11 .tools.denny: unknown key; did you mean `deny`?']],
    [
      { tools: { get_user: { name: 'user' } } },
      [
        '3:11 .tools.get_user: tools are not renamed or described anew here; expected `allow` or `deny` with a list of patterns',
      ],
    ],
    [{ disabledTools: 'x' }, ['3:18 .disabledTools: expected a list of strings, found the string "x"']],
  ])('that would guard tools in a way that is not understood: %j', (keys, expected) => {
    expect(errorsOf({ ...stdio, ...keys })).toEqual(expected);
  });

  it.each(Object.keys(refusedKeys))('that asks for %s', (key) => {
    expect(errorsOf({ ...stdio, [key]: ['x'] })).toEqual([`3:1 .${key}: ${refusedKeys[key]}`]);
  });

  it.each<[object, string[]]>([
    [{ url: 'ftp://x/y' }, ['2:8 .url: expected a URL that starts with http:// or https://, found another scheme']],
    [{ url: 'x' }, ['2:8 .url: expected a URL that starts with http:// or https://, found something else']],
    [
      { url: 'https://u:sesame@x' },
      ['2:8 .url: a URL must not contain credentials; give them to the server another way'],
    ],
    ...[
      'unix://x/y',
      'unix:///',
      'unix:///a/',
      'unix:///a#b',
      'unix:///a?b',
      'unix:///%',
      'unix:///a#/ x',
      'unix:///%00',
    ].map((url): [object, string[]] => [
      { url },
      ['2:8 .url: expected unix:///path/of/socket, or unix:///path/of/socket#/path/of/endpoint'],
    ]),
    [{ ...http, headers: { 'a b': 'x' } }, ['3:13 .headers["a b"]: expected the name of an HTTP header']],
    [
      { ...http, headers: { 'Mcp-Session-Id': 'x' } },
      ['3:13 .headers.Mcp-Session-Id: this header is set by the transport itself; remove it'],
    ],
    [{ ...http, headers: { a: 'x', A: 'y' } }, ['3:21 .headers.A: this header is there already, in other case']],
    [
      { ...http, headers: { a: 'sesame\r\nb: c' } },
      ['3:17 .headers.a: expected a value in Latin-1 without line breaks and other control characters'],
    ],
    [
      { ...http, headers: { a: 'x' }, forwardHeaders: ['A'] },
      ['4:20 .forwardHeaders[0]: this header is set in `headers`'],
    ],
    ...['Authorization', 'cookie', 'Proxy-Authorization'].map((name): [object, string[]] => [
      { ...http, forwardHeaders: [name] },
      ['3:20 .forwardHeaders[0]: what a client sends the gateway to prove itself is never sent on'],
    ]),
    ...['Connection', 'te', 'MCP-Session-Id', 'mcp-x', 'host', 'transfer-encoding'].map((name): [object, string[]] => [
      { ...http, forwardHeaders: [name] },
      ['3:20 .forwardHeaders[0]: this header belongs to one connection and is never sent on'],
    ]),
    [{ ...http, oauth: { clientid: 'x' } }, ['3:11 .oauth.clientid: unknown key; did you mean `clientId`?']],
    [{ ...http, oauth: { clientSecret: 'x' } }, ['3:10 .oauth.clientId: is missing; a secret belongs to one']],
    [
      { ...http, oauth: { grant: 'client_credentials' } },
      [
        '3:10 .oauth.clientId: is missing; client credentials need it',
        '3:10 .oauth.clientSecret: is missing; client credentials need it, or `privateKey`',
      ],
    ],
    [
      { ...http, oauth: { clientMetadataUrl: 'http://x' } },
      ['3:31 .oauth.clientMetadataUrl: expected a URL that starts with https://'],
    ],
    [
      { ...http, oauth: { authServerMetadataUrl: 'x' } },
      ['3:35 .oauth.authServerMetadataUrl: expected a URL that starts with http:// or https://, found something else'],
    ],
    [
      { ...http, oauth: { scopes: ['a b'] } },
      ['3:21 .oauth.scopes[0]: expected scopes, which are printable ASCII without quotes and backslashes'],
    ],
    [
      { ...http, oauth: { scopes: 'a "b"' } },
      ['3:20 .oauth.scopes: expected scopes, which are printable ASCII without quotes and backslashes'],
    ],
    [
      { ...http, oauth: { callbackPort: 0 } },
      ['3:26 .oauth.callbackPort: expected an integer from 1 to 65535, found a number'],
    ],
  ])('that is reached over HTTP: %j', (keys, expected) => {
    expect(errorsOf(keys)).toEqual(expected);
  });

  it('with all that is wrong with it, in the order of the file', () => {
    expect(errorsOf({ timeout: 'x', url: 'y', args: [], pin: 1 })).toEqual([
      '2:12 .timeout: expected milliseconds, 1 or more, found the string "x"',
      '3:8 .url: expected a URL that starts with http:// or https://, found something else',
      '5:8 .pin: expected one of off, warn, block, found the number 1',
    ]);
  });

  it('with twenty errors at most in its text', () => {
    const lines = errorOf({ ...stdio, args: Array(50).fill(1) }).split('\n');
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 30 more errors');
  });

  it('in its turn alone, and says who it is', () => {
    const read = readText(
      '{"mcpServers": {"a": {"command": "x"}, "b": {"description": "B", "command": 1}, "c": {"command": "x"}}}',
    );
    expect(read.entries.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(read.broken).toEqual([
      {
        name: 'b',
        description: 'B',
        error: 'servers.json:1:77 mcpServers.b.command: expected a string, found the number 1; put it in quotes',
      },
    ]);
  });
});

describe('an alias', () => {
  it('is refused where it is another one, or the name of another server', () => {
    const read = readText(`{"mcpServers": {
      "a": {"command": "x", "alias": "one"},
      "b": {"command": "x", "alias": "one"},
      "c": {"command": "x", "alias": "a"},
      "d": {"command": "x", "alias": "d"},
      "e": {"command": "x", "alias": "one"}}}`);
    expect(read.entries.map(({ name }) => name)).toEqual(['a', 'd']);
    expect(read.broken.map(({ error }) => error)).toEqual([
      'servers.json:3:38 mcpServers.b.alias: the alias stands for the server "a" already; give another one',
      'servers.json:4:38 mcpServers.c.alias: the alias stands for the server "a" already; give another one',
      'servers.json:6:38 mcpServers.e.alias: the alias stands for the server "a" already; give another one',
    ]);
  });
});

describe('strictness', () => {
  it('makes one error of all that is wrong with any server', () => {
    const error = refusalOf(() =>
      readText('{"mcpServers": {"a": {"command": 1},\n"b": {"command": "x", "colour": 1},\n"c": {"url": "${U}"}}}', {
        strict: true,
      }),
    );
    expect(error.message).toBe(
      [
        'servers.json has 3 errors',
        'servers.json:1:34 mcpServers.a.command: expected a string, found the number 1; put it in quotes',
        'servers.json:2:23 mcpServers.b.colour: unknown key; nothing reads it',
        'servers.json:3:14 mcpServers.c.url: the variable U is not set; set it, or write what holds without it: ${U:-default}',
      ].join('\n'),
    );
  });

  it('leaves what only has no effect a warning', () => {
    const read = readOne({ ...stdio, alwaysAllow: ['x'], timeout: 5 }, { strict: true });
    expect(read.issues.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });
});

it('what a value may be hiding is never told', () => {
  mkdirSync(join(folder, 'sesame'), { recursive: true });
  const secrets: object[] = [
    { ...stdio, args: 'sesame' },
    { ...stdio, env: 'sesame' },
    { ...http, headers: 'sesame' },
    { ...http, headers: { a: 'sesame\n' } },
    { url: 'sesame' },
    { url: 'https://u:sesame@x/?k=sesame' },
    { url: 'unix://sesame' },
    { ...http, oauth: 'sesame' },
    { ...http, oauth: { grant: 'sesame', callbackPort: 'sesame' } },
    { ...http, auth: 'sesame' },
    { ...stdio, apiToken: 'sesame' },
  ];
  for (const keys of secrets) {
    const { issues, broken } = readOne(keys);
    expect(issues.length).toBeGreaterThan(0);
    expect(JSON.stringify([issues, broken])).not.toContain('sesame');
  }
});
