import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { readEnvironment, readServerEnvironment } from '../../src/config/environment/environment.js';
import { defaultConnectionSettings } from '../../src/connection/connection-set.js';
import { readHttpOptions } from '../../src/gateway/http/http-options.js';
import { poolDefaults } from '../../src/manager/pool/manager-pool-options.js';
import { invariants } from '../../src/testing/simulation/invariants.js';
import { gatechart } from '../fixtures/processes/processes.js';

const read = (page: string) => readFileSync(`docs/${page}.md`, 'utf8');

/** The part of a page from a heading, or from its beginning, to the next heading. */
function section(page: string, heading: string): string {
  const text = read(page);
  const start = text.indexOf(`\n${heading}\n`);
  expect(start, heading).toBeGreaterThan(-1);
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(/^#/m);
  return end === -1 ? rest : rest.slice(0, end);
}

/** Rows of the tables of a text: their cells. */
function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| ?| ?\|$/g, '').trim()));
}

/** What stands in code in the first cell of each row. */
function firstNames(text: string): string[] {
  return rows(text).flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** The row of a name, the name among others too. */
function rowOf(text: string, name: string): string[] {
  const row = rows(text).find(([cell = '']) => cell.includes(`\`${name}\``) || cell.includes(`\`${name} <`));
  expect(row, name).toBeDefined();
  return row ?? [];
}

/** The names of the fields of an interface, as its file has them. */
function fieldsOf(file: string, name: string): string[] {
  const source = readFileSync(file, 'utf8');
  const [, body = ''] = new RegExp(`interface ${name}\\b[^{]*\\{([\\s\\S]*?)^\\}`, 'm').exec(source) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field = '']) => field);
}

describe('the defaults on the page on configuration are those that hold', () => {
  const page = 'reference/configuration';
  const entry = { name: 'a', kind: 'external', mcp: { proto: 'STREAMABLEHTTP', url: 'http://127.0.0.1:1/mcp' } };
  const { config } = loadConfig(
    {
      plugins: [
        entry,
        { name: 'b', kind: 'external', grpc: { target: 'localhost:1' } },
        { name: 'c', kind: 'external', unix_socket: { path: '/run/c.sock' } },
      ],
      server_settings: {},
      grpc_server_settings: {},
      unix_socket_server_settings: {},
    },
    { env: {} },
  );
  const [overMcp, overGrpc, overSocket] = config.plugins;
  const { settings, server, grpcServer } = config;
  const { maxConnections, maxKeepaliveConnections, keepaliveExpiryMs, ...http } = readEnvironment({}).http;
  const limits = readHttpOptions({}).limits;
  const seconds = (ms: number | undefined) => String(Number(ms) / 1000);

  it.each([
    ['## A plugin', 'mode', `\`${overMcp?.mode}\``],
    ['## A plugin', 'priority', String(overMcp?.priority)],
    ['### `mcp`', 'reconnect_attempts', String(overMcp?.mcp?.reconnectAttempts)],
    ['### `mcp`', 'reconnect_delay', seconds(overMcp?.mcp?.reconnectDelayMs)],
    ['### `mcp`', 'reconnect_window', seconds(defaultConnectionSettings.reconnectWindowMs)],
    ['### `mcp`', 'replay', `\`${overMcp?.mcp?.replay}\``],
    ['### `grpc`, `unix_socket`, `tls`', 'package', `\`${overGrpc?.grpc?.packageName}\``],
    ['### `grpc`, `unix_socket`, `tls`', 'connections', String(overSocket?.unixSocket?.connections)],
    ['### `grpc`, `unix_socket`, `tls`', 'timeout', seconds(overSocket?.unixSocket?.timeoutMs)],
    ['## `plugin_settings`', 'plugin_timeout', seconds(settings.pluginTimeoutMs)],
    ['## `plugin_settings`', 'fail_on_plugin_error', String(settings.failOnPluginError)],
    ['## `plugin_settings`', 'skip_unloadable_plugins', String(settings.skipUnloadablePlugins)],
    ['## `plugin_settings`', 'max_payload_size', String(settings.maxPayloadSize)],
    ['## `plugin_settings`', 'mode_dialect', `\`${settings.modeDialect}\``],
    ['## `plugin_settings`', 'execution_pool', String(settings.executionPool)],
  ])('%s %s', (heading, key, value) => {
    expect(rowOf(section(page, heading), key)[2]).toBe(value);
  });

  it.each([
    ['host', `\`${Object(server).host}\``],
    ['port', `${Object(server).port}, ${Object(grpcServer).port}`],
    ['path', `\`${config.unixSocketServerPath}\``],
    ['max_calls', String(limits.maxCalls)],
    ['max_session_calls', String(limits.maxSessionCalls)],
  ])('of servers: %s', (key, value) => {
    const heading = '## `server_settings`, `grpc_server_settings`, `unix_socket_server_settings`';
    expect(rowOf(section(page, heading), key)[2]).toBe(value);
  });

  it('of the environment', () => {
    const host = section(page, '## Environment of a host');
    const environment = readEnvironment({});
    const of = (name: string) => rowOf(host, name)[1];
    expect(of('ENABLED')).toBe(String(environment.enabled));
    expect(of('CONFIG_FILE')).toBe(`\`${environment.configFile}\``);
    expect(of('PLUGIN_TIMEOUT')).toBe(seconds(settings.pluginTimeoutMs));
    expect(of('FAIL_ON_PLUGIN_ERROR')).toBe(String(settings.failOnPluginError));
    expect(of('EXECUTION_POOL')).toBe(String(settings.executionPool));
    expect(of('DEFAULT_HOOK_POLICY')).toBe(`\`${environment.defaultHookPolicy}\``);
    expect(of('LOG_LEVEL')).toBe(`\`${environment.logLevel}\``);
    expect(of('SKIP_SSL_VERIFY')).toBe(String(http.skipTlsVerify));
    expect(of('SSRF_PROTECTION_ENABLED')).toBe(String(http.ssrfProtection));
    const times = [http.connectTimeoutMs, http.readTimeoutMs, http.writeTimeoutMs, http.poolTimeoutMs];
    expect(of('HTTPX_CONNECT_TIMEOUT')).toBe(times.map(seconds).join(', '));
    expect(of('HTTPX_MAX_CONNECTIONS')).toBe(`${maxConnections}, ${maxKeepaliveConnections}`);
    expect(of('HTTPX_KEEPALIVE_EXPIRY')).toBe(seconds(keepaliveExpiryMs));
    const served = readServerEnvironment({});
    const ofServer = section(page, '## Environment of a plugin server');
    expect(rowOf(ofServer, 'CONFIG_PATH')[1]).toBe(`\`${served.configPath}\``);
    expect(rowOf(ofServer, 'UNIX_SOCKET_PATH')[1]).toBe(`\`${served.unixSocketPath}\``);
  });
});

it('the guide on plugin servers has the defaults of connections', () => {
  const table = section('guides/connect-a-plugin-server', '## While a server is away');
  const names = firstNames(table).filter((name) => name in defaultConnectionSettings);
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) {
    const [cell = '', values = ''] = rowOf(table, name);
    const place = [...cell.matchAll(/`(\w+)`/g)].findIndex(([, one]) => one === name);
    const known: number | undefined = Reflect.get(defaultConnectionSettings, name);
    expect(values.split(', ')[place], name).toBe(known?.toLocaleString('en'));
  }
});

it('the guide on tenants has the defaults of a pool', () => {
  const { ttlMs, drainMs, max } = poolDefaults;
  expect(drainMs).toBe(ttlMs);
  expect(read('guides/one-configuration-many-tenants')).toContain(
    `\`ttlMs\` and \`drainMs\` are ${ttlMs.toLocaleString('en')} unless given, and \`max\` is ${max}.`,
  );
});

it('the page on the gateway has the defaults that its help has', async () => {
  const { stdout } = await gatechart(['serve', '--help']);
  const table = section('reference/gateway', '## Command line');
  const said = [...stdout.matchAll(/^ {2}--([\w-]+) <\w+> (?:(?!^ {2}-).|\n)*?\(default: "?([^")\s]+)"?\)/gm)];
  expect(said.map(([, flag]) => flag)).toEqual(expect.arrayContaining(['transport', 'port', 'face']));
  for (const [, flag = '', value] of said) {
    expect(rowOf(table, `--${flag}`)[1]?.replaceAll('`', ''), flag).toBe(value);
  }
}, 20_000);

describe('the pages on what is told of plugins and servers name every field, and no other', () => {
  const records = 'src/hooks/execution-record.ts';
  const sets = 'src/downstream/server-set-api.ts';
  it.each([
    ['reference/executions', '## Fields', records, 'ExecutionRecord'],
    ['reference/executions', '## The outcome of a denial', 'src/hooks/denial-outcome.ts', 'DenialOutcome'],
    ['reference/server-status', '## Explain', sets, 'NextStep'],
  ])('%s: %s', (page, heading, file, name) => {
    const fields = fieldsOf(file, name);
    expect(fields.length).toBeGreaterThan(3);
    const names = rows(section(page, heading)).slice(1);
    const named = names.flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, field = '']) => field));
    expect(named.filter((field) => !field.includes(' ')).toSorted()).toEqual(fields.toSorted());
  });

  it('reference/server-status: ## Status', () => {
    const [table = ''] = section('reference/server-status', '## Status').split('| state |');
    expect(firstNames(table).toSorted()).toEqual(fieldsOf(sets, 'ServerStatus').toSorted());
  });
});

it('the page on simulation has every promise in the words of the program, and every option of its help', async () => {
  const promises = rows(section('reference/simulation', '## What is promised')).slice(1);
  expect(promises).toEqual(Object.entries(invariants).map(([name, words]) => [`\`${name}\``, words]));
  const { stdout } = await gatechart(['simulate', '--help']);
  const flags = [...stdout.matchAll(/^ {2}(?:-c, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
  const named = firstNames(section('reference/simulation', '## Command line')).map((name) => name.replace(/ .*/, ''));
  expect(new Set(named.filter((name) => name.startsWith('--')))).toEqual(new Set(flags));
}, 20_000);
