import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';

const fixtures = resolve('test/fixtures/config');
const folder = mkdtempSync(join(tmpdir(), 'gatechart-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'plugins.yaml');
  writeFileSync(file, yaml);
  return loadConfig(file, { env });
}

describe('a file of version 1.0.0', () => {
  const { config, warnings } = loadConfig(join(fixtures, 'gateway-1.0.0.yaml'), { env: { PLUGIN_TOKEN: 'p&ss<1>' } });
  const plugin = (name: string) => config.plugins.find((entry) => entry.name === name);

  it('loads as it is', () => {
    expect(config.plugins.map(({ name, mode, priority }) => [name, mode, priority])).toEqual([
      ['ReplaceBadWords', 'permissive', 150],
      ['DenyList', 'enforce', 100],
      ['PolicyServer', 'enforce_ignore_error', 100],
      ['LocalServer', 'enforce', 100],
      ['LocalServer2', 'disabled', 100],
      ['OldServer', 'disabled', 100],
    ]);
    expect(config.settings).toEqual({
      pluginTimeoutMs: 30_000,
      failOnPluginError: false,
      skipUnloadablePlugins: false,
      maxPayloadSize: 1_000_000,
      modeDialect: 'contextforge',
      executionPool: 10,
      disabledRetryAfterMs: undefined,
    });
  });

  it('says which settings have no effect here', () => {
    expect(warnings.map(({ line, path, message }) => `${line} ${path}: ${message}`)).toEqual([
      '65 plugins[5].mcp.proto: SSE is not supported; use `proto: STREAMABLEHTTP` with the Streamable HTTP address of the server',
      '73 plugin_settings.parallel_execution_within_band: has no effect; plugins of equal priority run in the order they are listed, and those of `mode: concurrent` at once',
    ]);
  });

  it('resolves plugin_dirs against the folder of the file', () => {
    expect(config.baseDir).toBe(fixtures);
    expect(config.file).toBe(join(fixtures, 'gateway-1.0.0.yaml'));
    expect(config.pluginDirs).toEqual([join(fixtures, 'plugins/native'), join(fixtures, 'plugins/custom')]);
  });

  it('reads booleans as PyYAML does, and y as a letter', () => {
    expect(plugin('ReplaceBadWords')?.config).toEqual({
      words: [{ search: 'crud', replace: 'crap' }],
      case_sensitive: false,
      axis: 'y',
    });
  });

  it('compares content types without parameters, in lower case', () => {
    expect(plugin('ReplaceBadWords')?.conditions).toEqual([
      { prompts: ['greeting'], serverIds: [], tenantIds: [], contentTypes: ['application/json'] },
    ]);
  });

  it('fills in the environment without escaping it', () => {
    expect(plugin('LocalServer')?.mcp?.env).toEqual({ TOKEN: 'p&ss<1>' });
  });

  it('reads numbers and flags that a template had to put in quotes', () => {
    expect(plugin('PolicyServer')?.mcp).toEqual({
      proto: 'STREAMABLEHTTP',
      url: 'http://policy.internal:8000/mcp',
      tls: { verify: true, checkHostname: true },
      reconnectAttempts: 3,
      reconnectDelayMs: 100,
      replay: 'once',
    });
  });

  it('follows anchors and merge keys', () => {
    expect(plugin('LocalServer2')?.mcp).toMatchObject({
      cmd: ['python3', '-m', 'my_plugins.server'],
      reconnectDelayMs: 500,
    });
  });

  it('keeps each entry as it was written', () => {
    expect(plugin('PolicyServer')?.written).toEqual({
      name: 'PolicyServer',
      kind: 'external',
      hooks: ['tool_pre_invoke'],
      mode: 'enforce_ignore_error',
      mcp: { proto: 'STREAMABLEHTTP', url: 'http://policy.internal:8000/mcp', tls: { verify: 'true' } },
    });
  });
});

describe('a file of the separate package', () => {
  const { config, warnings } = loadConfig(join(fixtures, 'cpex.yaml'), { env: {} });

  it('loads as it is, with its modes', () => {
    expect(config.plugins.map(({ name, mode }) => [name, mode])).toEqual([
      ['rate-limit', 'concurrent'],
      ['sandboxed', 'sequential'],
      ['telemetry', 'fire_and_forget'],
      ['scanner', 'transform'],
    ]);
    expect(config.plugins[2]?.unixSocket).toEqual({
      path: '/tmp/telemetry.sock',
      connections: 8,
      reconnectAttempts: 3,
      reconnectDelayMs: 100,
      timeoutMs: 2500,
      replay: 'once',
    });
    expect(config.server).toEqual({ host: '0.0.0.0', port: 8443 });
  });

  it('and with what else it says of its plugins, with a warning of what has no effect', () => {
    expect(config.plugins.map(({ onError, capabilities }) => [onError, capabilities])).toEqual([
      ['ignore', ['read_headers']],
      ['fail', []],
      [undefined, []],
      [undefined, []],
    ]);
    expect(warnings.map(({ line, path, message }) => `${line} ${path}: ${message}`)).toEqual([
      '10 plugins[0].max_content_size: has no effect; it limits the answers of plugins of `kind: external`',
    ]);
  });
});

describe('a plain object', () => {
  it('takes the same keys, and no template', () => {
    const { config } = loadConfig(
      { plugins: [{ name: '{{ env.A }}', kind: 'deny' }] },
      { env: { A: 'x' }, cwd: folder },
    );
    expect(config.plugins[0]).toEqual({
      name: '{{ env.A }}',
      kind: 'deny',
      hooks: [],
      tags: [],
      mode: 'enforce',
      priority: 100,
      capabilities: [],
      conditions: [],
      written: { name: '{{ env.A }}', kind: 'deny' },
    });
    expect(config.baseDir).toBe(folder);
    expect('file' in config).toBe(false);
  });

  it('is copied, so that later changes to it change nothing', () => {
    const plugin = { name: 'a', kind: 'b', config: { words: ['x'] } };
    const { config } = loadConfig({ plugins: [plugin] }, { env: {} });
    plugin.config.words.push('y');
    expect(config.plugins[0]?.config).toEqual({ words: ['x'] });
    expect(config.plugins[0]?.written).toEqual({ name: 'a', kind: 'b', config: { words: ['x'] } });
  });
});

describe('an empty file', () => {
  it.each(['', '\n', '# nothing yet\n', '---\n', 'plugins:\n', '{# nothing #}'])(
    '%j is a configuration without plugins',
    (yaml) => {
      expect(load(yaml)).toMatchObject({ config: { plugins: [], pluginDirs: [] }, warnings: [] });
    },
  );
});

describe('settings', () => {
  it('come from the file, then the environment, then the default', () => {
    const env = { PLUGINS_PLUGIN_TIMEOUT: '5', PLUGINS_FAIL_ON_PLUGIN_ERROR: 'yes' };
    expect(load('plugin_settings: {plugin_timeout: 0.2}', env).config.settings.pluginTimeoutMs).toBe(200);
    expect(load('', env).config.settings).toMatchObject({ pluginTimeoutMs: 5000, failOnPluginError: true });
    expect(load('').config.settings).toMatchObject({ pluginTimeoutMs: 30_000, failOnPluginError: false });
    expect(load('', { PLUGINS_PLUGIN_TIMEOUT: '' }).config.settings.pluginTimeoutMs).toBe(30_000);
  });
});

it('a variable of the settings that is wrong is refused', () => {
  const env = { PLUGINS_PLUGIN_TIMEOUT: 'abc', PLUGINS_FAIL_ON_PLUGIN_ERROR: 'perhaps' };
  expect(() => load('', env)).toThrow(
    [
      'the environment has 2 errors',
      'PLUGINS_PLUGIN_TIMEOUT: expected seconds, more than 0, found the string "abc"',
      'PLUGINS_FAIL_ON_PLUGIN_ERROR: expected true or false, found the string "perhaps"',
    ].join('\n'),
  );
});

describe('a variable that is not set', () => {
  const tls = { certfile: join(folder, 'plugins.yaml'), keyfile: join(folder, 'plugins.yaml') };

  it.each(['"{{ env.NOT_SET }}"', '{{ env.NOT_SET }}', 'null'])(
    'leaves the keys of transports as they are by default (%s)',
    (unset) => {
      const { config } = load(`
plugins:
- name: a
  kind: external
  mcp: {proto: STREAMABLEHTTP, url: "http://h/mcp", reconnect_attempts: ${unset}, reconnect_delay: ${unset}, replay: ${unset}, tls: {verify: ${unset}, check_hostname: ${unset}}}
- name: b
  kind: external
  unix_socket: {path: /tmp/x.sock, connections: ${unset}, reconnect_attempts: ${unset}, reconnect_delay: ${unset}, timeout: ${unset}}
server_settings: {host: ${unset}, port: ${unset}, tls: {certfile: ${tls.certfile}, keyfile: ${tls.keyfile}, ssl_cert_reqs: ${unset}}}
grpc_server_settings: {host: ${unset}, port: ${unset}, tls: {certfile: ${tls.certfile}, keyfile: ${tls.keyfile}, client_auth: ${unset}}}
unix_socket_server_settings: {path: ${unset}}
`);
      const strict = { host: '127.0.0.1', tls: { ...tls, certReqs: 2 } };
      expect(config).toMatchObject({
        server: { ...strict, port: 8000 },
        grpcServer: { ...strict, port: 50_051 },
        unixSocketServerPath: '/tmp/mcpgateway-plugins.sock',
      });
      const reconnects = { reconnectAttempts: 3, reconnectDelayMs: 100 };
      expect(config.plugins[0]?.mcp).toMatchObject({
        ...reconnects,
        replay: 'once',
        tls: { verify: true, checkHostname: true },
      });
      expect(config.plugins[1]?.unixSocket).toMatchObject({ ...reconnects, connections: 8, timeoutMs: 30_000 });
    },
  );
});

it('the socket of a plugin server is looked up from the working directory that is given', () => {
  const source = { unix_socket_server_settings: { path: 'run/p.sock' } };
  expect(loadConfig(source, { env: {}, cwd: folder }).config.unixSocketServerPath).toBe(join(folder, 'run/p.sock'));
});

describe('the template', () => {
  const name = (yaml: string, env: NodeJS.ProcessEnv = {}) =>
    load(`plugins:\n- kind: k\n  name: ${yaml}\n`, env).config.plugins[0]?.name;

  it.each([
    ['"{{ env.A }}"', { A: 'p&ss' }, 'p&ss'],
    ['"x{{ env.NOT_SET }}"', {}, 'x'],
    ['{{ env.A | default("x") }}', {}, 'x'],
    ['{{ env["A"] | upper }}', { A: 'a' }, 'A'],
    ['{{ env.get("A", "b") }}', {}, 'b'],
    ['{{ "}}" if env.A else "other" }}', {}, 'other'],
    ['{% if env.A == "1" %}one{% else %}other{% endif %}', { A: '1' }, 'one'],
    ['{% raw %}"{{ x }}"{% endraw %}', {}, '{{ x }}'],
    ['{% set x = env.A %}{{ x }}{# a comment #}', { A: 'set' }, 'set'],
    ['"{{ env.A }}"', { A: '{{ env.B }}', B: 'no' }, '{{ env.B }}'],
  ])('fills in %s', (yaml, env, expected) => {
    expect(name(yaml, env)).toBe(expected);
  });

  it('strips white space where a tag says so', () => {
    expect(name('a   {{- env.A -}}   b', { A: '1' })).toBe('a1b');
  });
});

describe('a lone dot', () => {
  it('is a path, not a number', () => {
    const { config } = load(
      'plugins:\n  - name: Here\n    kind: external\n    mcp: {proto: STDIO, cmd: [node, server.js], cwd: .}\n',
    );
    expect(config.plugins[0]?.written).toMatchObject({ mcp: { cwd: '.' } });
  });
});
