import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServerEntry, ServerReach } from '../../../src/downstream/server-entry.js';
import { takenKeys } from '../../../src/downstream/servers-file/entry-schema.js';
import { entryOf, folder, readOne, warningsOf } from '../../fixtures/downstream/servers-folder.js';

const stdio = { command: 'node' };
const http = { url: 'https://mcp.example.com/mcp' };
const reachOf = (keys: object): ServerReach => entryOf(keys).reach;

it('a server with a command has the defaults', () => {
  expect(entryOf(stdio)).toEqual({
    name: 's',
    description: undefined,
    alias: undefined,
    reach: { kind: 'stdio', command: 'node', args: [], env: {}, cwd: undefined },
    connectTimeoutMs: 60_000,
    timeoutMs: 300_000,
    idleTimeoutMs: undefined,
    eager: false,
    isolation: 'shared',
    replay: 'never',
    trustAnnotations: false,
    maxResponseBytes: undefined,
    maxConcurrent: 50,
    pin: 'off',
    tools: { allow: undefined, deny: undefined },
    forwardHeaders: [],
    protocol: 'legacy',
    roots: undefined,
  } satisfies ServerEntry);
});

/** What each key says of an entry, one value of it or more. */
const says: Readonly<Record<string, readonly (readonly [keys: object, entry: object])[]>> = {
  type: [
    [{ ...stdio, type: 'stdio' }, { reach: { kind: 'stdio' } }],
    ...['http', 'streamable-http', 'streamableHttp'].map(
      (type) => [{ ...http, type }, { reach: { kind: 'http' } }] as const,
    ),
    [{ ...http, type: 'sse' }, { reach: { kind: 'sse' } }],
  ],
  transport: [
    [{ ...http, transport: 'sse' }, { reach: { kind: 'sse' } }],
    [{ ...http, transport: 'sse', type: 'sse' }, { reach: { kind: 'sse' } }],
  ],
  transportType: [[{ ...http, transportType: 'sse' }, { reach: { kind: 'sse' } }]],
  command: [[{ command: 'my server' }, { reach: { command: 'my server' } }]],
  args: [[{ ...stdio, args: ['a', ''] }, { reach: { args: ['a', ''] } }]],
  env: [[{ ...stdio, env: { A: '1', constructor: 'x' } }, { reach: { env: { A: '1', constructor: 'x' } } }]],
  envFile: [[{ ...stdio, envFile: 'keys.env', env: { B: 'mine' } }, { reach: { env: { A: 'from file', B: 'mine' } } }]],
  cwd: [
    [{ ...stdio, cwd: 'work' }, { reach: { cwd: join(folder, 'work') } }],
    [{ ...stdio, cwd: '~/work' }, { reach: { cwd: join(folder, 'work') } }],
    [{ ...stdio, cwd: folder }, { reach: { cwd: folder } }],
  ],
  url: [
    [http, { reach: { kind: 'http', url: http.url, socketPath: undefined } }],
    [{ url: 'http://x/sse' }, { reach: { kind: 'sse' } }],
    [{ url: 'http://x/a/sse/b?c' }, { reach: { kind: 'sse' } }],
    [{ url: 'http://x/ssession?sse' }, { reach: { kind: 'http' } }],
    [{ url: 'http://x/sse', headers: { authorization: 'Bearer x' } }, { reach: { kind: 'http' } }],
    [{ url: 'http://x/sse', type: 'http' }, { reach: { kind: 'http' } }],
    [
      { url: 'unix:///run/a%20b.sock' },
      { reach: { kind: 'http', url: 'http://localhost/mcp', socketPath: '/run/a b.sock' } },
    ],
    [{ url: 'unix:///a.sock#/x/y' }, { reach: { kind: 'http', url: 'http://localhost/x/y', socketPath: '/a.sock' } }],
    [{ url: 'unix:///a.sock', type: 'sse' }, { reach: { kind: 'sse', socketPath: '/a.sock' } }],
  ],
  headers: [[{ ...http, headers: { 'X-Key': 'é x' } }, { reach: { headers: { 'X-Key': 'é x' } } }]],
  oauth: [
    [http, { reach: { login: undefined } }],
    [
      { ...http, oauth: { clientId: 'a', clientSecret: 'b', grant: 'client_credentials', scopes: 'r w' } },
      { reach: { login: { clientId: 'a', clientSecret: 'b', grant: 'client_credentials', scopes: ['r', 'w'] } } },
    ],
    [
      {
        ...http,
        oauth: {
          clientMetadataUrl: 'https://x/c',
          authServerMetadataUrl: 'http://y',
          callbackPort: 8000,
          scopes: ['r'],
        },
      },
      {
        reach: {
          login: {
            clientMetadataUrl: 'https://x/c',
            authServerMetadataUrl: 'http://y',
            callbackPort: 8000,
            scopes: ['r'],
          },
        },
      },
    ],
  ],
  description: [[{ ...stdio, description: 'what it is' }, { description: 'what it is' }]],
  alias: [[{ ...stdio, alias: 'git_1-x' }, { alias: 'git_1-x' }]],
  disabled: [[{ ...stdio, disabled: false }, {}]],
  enabled: [[{ ...stdio, enabled: true }, {}]],
  connectTimeout: [[{ ...stdio, connectTimeout: 5_000 }, { connectTimeoutMs: 5_000 }]],
  connectionTimeout: [[{ ...stdio, connectionTimeout: 5_000 }, { connectTimeoutMs: 5_000 }]],
  timeout: [
    [{ ...stdio, timeout: 5_000 }, { timeoutMs: 5_000 }],
    [{ ...stdio, timeout: '5000' }, { timeoutMs: 5_000 }],
  ],
  requestTimeout: [[{ ...stdio, requestTimeout: 5_000 }, { timeoutMs: 5_000 }]],
  idleTimeout: [[{ ...stdio, idleTimeout: 5_000 }, { idleTimeoutMs: 5_000 }]],
  eager: [[{ ...stdio, eager: true }, { eager: true }]],
  isolation: ['shared', 'per-agent', 'per-client', 'per-call'].map((isolation) => [
    { ...stdio, isolation },
    { isolation },
  ]),
  replay: ['never', 'once', ['a', 'b']].map((replay) => [{ ...stdio, replay }, { replay }]),
  trustAnnotations: [[{ ...stdio, trustAnnotations: true }, { trustAnnotations: true }]],
  maxResponseBytes: [[{ ...stdio, maxResponseBytes: 1 }, { maxResponseBytes: 1 }]],
  maxConcurrent: [[{ ...stdio, maxConcurrent: 3 }, { maxConcurrent: 3 }]],
  pin: ['off', 'warn', 'block'].map((pin) => [{ ...stdio, pin }, { pin }]),
  tools: [
    [{ ...stdio, tools: { allow: ['get_*'], deny: ['x'] } }, { tools: { allow: ['get_*'], deny: ['x'] } }],
    [{ ...stdio, tools: { deny: [] } }, { tools: { allow: undefined, deny: [] } }],
  ],
  disabledTools: [
    [{ ...stdio, disabledTools: ['a', 'b*[?'] }, { tools: { allow: undefined, deny: ['a', 'b[*][[][?]'] } }],
    [{ ...stdio, disabledTools: ['b'], tools: { deny: ['a'] } }, { tools: { allow: undefined, deny: ['a', 'b'] } }],
  ],
  forwardHeaders: [[{ ...http, forwardHeaders: ['X-Tenant', 'x-b'] }, { forwardHeaders: ['x-tenant', 'x-b'] }]],
  protocol: [[{ ...stdio, protocol: 'legacy' }, { protocol: 'legacy' }]],
  roots: [
    [
      { ...stdio, roots: [{ uri: 'file:///a' }, { uri: 'file:///b', name: 'B' }] },
      { roots: [{ uri: 'file:///a' }, { uri: 'file:///b', name: 'B' }] },
    ],
  ],
};

describe('each key', () => {
  it('is in this test', () => {
    expect(Object.keys(says).toSorted()).toEqual(takenKeys.toSorted());
  });

  it.each(Object.entries(says).flatMap(([key, cases]) => cases.map((example) => [key, ...example] as const)))(
    '%s says what it should: %j',
    (_, keys, expected) => {
      mkdirSync(join(folder, 'work'), { recursive: true });
      writeFileSync(join(folder, 'keys.env'), 'A="from file"\nB=theirs\n');
      expect(warningsOf(keys)).toEqual([]);
      expect(entryOf(keys)).toMatchObject(expected);
    },
  );
});

it.each([
  { disabled: true },
  { disabled: 'true' },
  { enabled: false },
  { disabled: '${D}' },
  { disabled: false, enabled: false },
])('a server with %j is left out, and nothing else of it is looked at', (keys) => {
  const read = readOne({ ...keys, command: 5, url: '${UNSET}', colour: 1 }, { env: { D: 'yes' }, strict: true });
  expect(read).toMatchObject({ entries: [], broken: [], disabled: ['s'], issues: [] });
});

describe('the folder of a server', () => {
  it('is beside the file, else in the working directory', () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(join(elsewhere, 'only-there'), { recursive: true });
    const cwdOf = (cwd: string): unknown => {
      const { reach } = entryOf({ ...stdio, cwd }, { baseDir: elsewhere });
      return reach.kind === 'stdio' ? reach.cwd : reach;
    };
    expect(cwdOf('only-there')).toBe(join(elsewhere, 'only-there'));
    expect(cwdOf('elsewhere')).toBe(elsewhere);
  });

  it('is warned of when it is not there', () => {
    expect(warningsOf({ ...stdio, cwd: 'none' })).toEqual([
      '3 mcpServers.s.cwd: there is no such directory now, and the server cannot start without it',
    ]);
  });
});

describe('a warning', () => {
  it.each<[object, string[]]>([
    [{ timeout: 60 }, ['3 mcpServers.s.timeout: these are 60 milliseconds; if seconds are meant, write 60000']],
    [
      { idleTimeout: '999' },
      ['3 mcpServers.s.idleTimeout: these are 999 milliseconds; if seconds are meant, write 999000'],
    ],
    [{ timeout: 1_000 }, []],
    [{ comand: 'x' }, ['3 mcpServers.s.comand: unknown key; did you mean `command`?']],
    [{ colour: 'x' }, ['3 mcpServers.s.colour: unknown key; nothing reads it']],
    [
      { autoApprove: ['a'], dev: {} },
      [
        '3 mcpServers.s.autoApprove: has no effect: approval is up to the client in front of the gateway, and to the rules',
      ],
    ],
    [{ headers: { A: 'b' } }, ['3 mcpServers.s.headers: has no effect for a server with `command`']],
    [{ headers: {}, forwardHeaders: [] }, []],
    [
      { isolation: 'per-call', idleTimeout: 5_000 },
      ['4 mcpServers.s.idleTimeout: has no effect with `isolation: per-call`; a session ends with its call'],
    ],
    [{ isolation: 'per-client', idleTimeout: 5_000 }, []],
    [{ sandboxEnabled: false, sandbox: {}, auth: null, include_tags: [], dev: null }, []],
    [{ auth: 'oauth' }, []],
  ])('is given for %j', (keys, expected) => {
    expect(warningsOf({ ...stdio, ...keys })).toEqual(expected);
  });

  it('is given for the port of a browser that is not sent anywhere', () => {
    const client = { clientId: 'a', clientSecret: 'b', callbackPort: 8_799 };
    expect(warningsOf({ ...http, oauth: { ...client, grant: 'client_credentials' } })).toEqual([
      '3 mcpServers.s.oauth.callbackPort: has no effect; no browser is sent back with `client_credentials`',
    ]);
    expect(warningsOf({ ...http, oauth: client })).toEqual([]);
  });

  it.each(['args', 'env', 'envFile', 'cwd'])('is given for %s beside a URL', (key) => {
    const value = { args: ['a'], env: { A: 'b' } }[key] ?? 'x';
    expect(warningsOf({ ...http, [key]: value })).toEqual([
      `3 mcpServers.s.${key}: has no effect for a server with \`url\``,
    ]);
  });
});

it('what is not asked for is nowhere', () => {
  expect(reachOf(stdio)).not.toHaveProperty('login');
});
