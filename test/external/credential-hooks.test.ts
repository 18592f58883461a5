import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPluginServer, definePlugin, loadConfig, readEnvironment, silentLogger } from '../../src/index.js';
import { credentialRefusal } from '../../src/external/credential-hooks.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { cleanups } from '../fixtures/cleanups.js';
import { check } from '../fixtures/config/check.js';
import { folderWith, start } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

const registry = new HookRegistry();
const right = { capabilities: ['read_inbound_credentials'] };
const noRight = 'its entry does not list `read_inbound_credentials` among its `capabilities`';
const advice = 'use TLS with verification, a Unix socket or STDIO';

function entryOf(more: object): object {
  return { name: 'R', kind: 'external', hooks: ['identity_resolve'], ...more };
}

function refusalOf(more: object, variables: NodeJS.ProcessEnv = {}): string | undefined {
  const [entry] = loadConfig({ plugins: [entryOf(more)] }, { env: {} }).config.plugins;
  if (entry === undefined) throw new Error('no entry');
  return credentialRefusal(entry, entry.hooks, (name) => registry.get(name), readEnvironment(variables));
}

const http = (url: string, more: object = {}) => ({ mcp: { proto: 'STREAMABLEHTTP', url, ...more } });
const open = {
  stdio: { mcp: { proto: 'STDIO', cmd: ['server'] } },
  unix: { unix_socket: { path: '/run/plugins.sock' } },
  'HTTP on a Unix socket': http('http://localhost/mcp', { uds: '/run/plugins.sock' }),
  'gRPC on a Unix socket': { grpc: { uds: '/run/plugins.sock' } },
  https: http('https://plugins.example/mcp'),
  'gRPC with TLS': { grpc: { target: 'plugins.example:443', tls: {} } },
};

describe('a plugin on a hook that carries tokens', () => {
  it.each(Object.entries(open))('may be behind %s, with the right to them', (_, transport) => {
    expect(refusalOf({ ...transport, ...right })).toBeUndefined();
    expect(refusalOf(transport)).toBe(
      `identity_resolve hands tokens in clear to the server of this plugin, and ${noRight}`,
    );
  });

  it.each<[string, object, NodeJS.ProcessEnv, string]>([
    ['http', http('http://127.0.0.1:9000/mcp'), {}, '`mcp.url` is not https'],
    [
      'https that does not verify',
      http('https://plugins.example/mcp', { tls: { verify: false } }),
      {},
      'the TLS of `mcp` does not verify its server',
    ],
    [
      'https that takes the certificate of any host',
      http('https://plugins.example/mcp', { tls: { check_hostname: false } }),
      {},
      'the TLS of `mcp` does not verify its server',
    ],
    [
      'https where the environment switches verification off',
      http('https://plugins.example/mcp'),
      { PLUGINS_SKIP_SSL_VERIFY: 'true' },
      'the TLS of `mcp` does not verify its server',
    ],
    [
      'https where the environment gives TLS that does not verify',
      http('https://plugins.example/mcp'),
      { PLUGINS_CLIENT_MTLS_VERIFY: 'false' },
      'the TLS of `mcp` does not verify its server',
    ],
    ['gRPC without TLS', { grpc: { target: 'plugins.example:443' } }, {}, '`grpc` has no `tls`'],
    [
      'gRPC that does not verify',
      { grpc: { target: 'plugins.example:443', tls: { verify: false } } },
      {},
      'the TLS of `grpc` does not verify its server',
    ],
  ])('may not be behind %s', (_, transport, variables, problem) => {
    const told = 'identity_resolve hands tokens in clear to the server of this plugin, and';
    expect(refusalOf({ ...transport, ...right }, variables)).toBe(`${told} ${problem}; ${advice}`);
    expect(refusalOf(transport, variables)).toBe(`${told} ${noRight}; and ${problem}; ${advice}`);
  });

  it('may be behind gRPC to which the environment gives TLS', () => {
    const variables = { PLUGINS_GRPC_CLIENT_MTLS_VERIFY: 'true' };
    expect(refusalOf({ grpc: { target: 'plugins.example:443' }, ...right }, variables)).toBeUndefined();
  });

  it('is told of each hook; other hooks need nothing', () => {
    const hooks = ['tool_pre_invoke', 'identity_resolve', 'token_delegate'];
    expect(refusalOf({ ...open.stdio, hooks })).toContain('identity_resolve and token_delegate hand tokens in clear');
    expect(refusalOf({ ...http('http://127.0.0.1/mcp'), hooks: ['tool_pre_invoke', 'cmf.llm_input'] })).toBe(undefined);
  });
});

describe('at the start', () => {
  it('it is refused before its server is called', async () => {
    const config = { plugins: [entryOf({ unix_socket: { path: '/nowhere/plugins.sock' } })] };
    expect(await rejection(start({ config }))).toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringContaining(
        `Plugin R must not start: identity_resolve hands tokens in clear to the server of this plugin, and ${noRight}`,
      ),
    });
  });

  it('it is refused where its server names the hook, and gives itself the right', async () => {
    const resolve = definePlugin({ hooks: { identity_resolve: () => undefined } });
    const host = await start({
      kinds: { resolve },
      config: { plugins: [{ name: 'R', kind: 'resolve', hooks: ['identity_resolve'], ...right }] },
    });
    const path = join(folderWith({}), 'plugins.sock');
    const server = await createPluginServer({ host, transport: { kind: 'unix', path }, logger: silentLogger });
    cleanups.push(() => server.close());
    const entry = { name: 'R', kind: 'external', unix_socket: { path } };
    expect(await rejection(start({ config: { plugins: [entry] } }))).toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringContaining(`Plugin R must not start: identity_resolve hands tokens in clear`),
    });
    const manager = await start({ config: { plugins: [{ ...entry, ...right }] } });
    expect(manager.hasHooksFor('identity_resolve')).toBe(true);
  });

  it('check-config says the same, with the place', async () => {
    const folder = folderWith({
      'plugins.yaml': [
        'plugins:',
        '  - name: R',
        '    kind: external',
        '    hooks: [token_delegate]',
        '    mcp: { proto: STREAMABLEHTTP, url: "http://127.0.0.1:9000/mcp" }',
        '  - name: Idle',
        '    kind: external',
        '    mode: disabled',
        '    hooks: [token_delegate]',
        '    mcp: { proto: STREAMABLEHTTP, url: "http://127.0.0.1:9000/mcp" }',
        '  - name: Good',
        '    kind: external',
        '    hooks: [token_delegate]',
        '    capabilities: [read_inbound_credentials]',
        '    unix_socket: { path: /run/plugins.sock }',
        '',
      ].join('\n'),
    });
    const file = join(folder, 'plugins.yaml');
    const { code, out } = await check(file);
    expect(code).toBe(1);
    expect(out.filter((line) => line.includes('tokens'))).toEqual([
      `${file}:4:12 error plugins[0].hooks: token_delegate hands tokens in clear to the server of this plugin, and ${noRight}; and \`mcp.url\` is not https; ${advice}`,
    ]);
    expect(out.at(-2)).toContain('1 error');
  });
});
