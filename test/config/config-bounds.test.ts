import { rmSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { readEnvironment, readServerEnvironment } from '../../src/config/environment/environment.js';
import { createManager, createPluginServer, silentLogger } from '../../src/index.js';
import { checkOptionNumbers } from '../../src/config/option-values.js';
import { boundedMs, longestDurationMs } from '../../src/time/duration.js';
import { systemClock } from '../../src/time/clock.js';
import { refusalOf, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';
import { rejection } from '../fixtures/waiting.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const external = (section: string): string => `plugins:\n- {name: a, kind: external,\n   ${section}}\n`;

/** Each with what is said of it; the last second that fits is fine. */
const durations: [string, string][] = [
  ['4e11', 'the string "4e11"'],
  ['400000000000', 'the number 400000000000'],
  ['2592000', 'the number 2592000'],
  ['2147484', 'the number 2147484'],
  ['"2592000"', 'the string "2592000"'],
  ['-1', 'the number -1'],
  ['.inf', 'Infinity'],
  ['.nan', 'NaN'],
  ['true', 'the boolean true'],
  ['[]', 'an empty list'],
];

describe('a duration that no timer holds is refused where it is written', () => {
  const files = {
    plugin_timeout: (value: string) => `\nplugin_settings:\n  plugin_timeout: ${value}\n`,
    reconnect_delay: (value: string) => external(`mcp: {proto: STDIO, cmd: [a], reconnect_delay: ${value}}`),
    timeout: (value: string) => external(`unix_socket: {path: /s, timeout: ${value}}`),
    'reconnect_delay (unix_socket)': (value: string) => external(`unix_socket: {path: /s, reconnect_delay: ${value}}`),
  };
  it.each(
    Object.entries(files).flatMap(([key, file]) =>
      durations.map(([value, found]) => [key, value, found, file] as const),
    ),
  )('%s: %s', (_key, value, found, file) => {
    const error = refusalOfFile(folder, file(value));
    const [, , line = ''] = file('HERE').split('\n');
    expect(error.issues).toEqual([expect.objectContaining({ line: 3, column: line.indexOf('HERE') + 1 })]);
    expect(error.issues[0]?.message).toContain(`found ${found}`);
  });

  it.each(['0', '0.0001', '1.0e-9'])('nothing that must finish takes %s seconds', (value) => {
    for (const key of ['plugin_timeout', 'timeout'] as const) {
      expect(refusalOfFile(folder, files[key](value)).issues).toHaveLength(1);
    }
  });

  it('but the longest is taken, as a number or as text', () => {
    for (const plugin_timeout of [2_147_483, '2147483', 0.001, '.5']) {
      const { config } = loadConfig({ plugin_settings: { plugin_timeout } }, { env: {} });
      expect(config.settings.pluginTimeoutMs).toBe(Number(plugin_timeout) * 1_000);
    }
  });

  it.each([
    'PLUGIN_TIMEOUT',
    'HTTPX_CONNECT_TIMEOUT',
    'HTTPX_READ_TIMEOUT',
    'HTTPX_WRITE_TIMEOUT',
    'HTTPX_POOL_TIMEOUT',
    'HTTPX_KEEPALIVE_EXPIRY',
  ])('PLUGINS_%s', (name) => {
    for (const value of ['4e11', '2592000', '-1', 'inf', 'nan', '1_000', '0x10']) {
      const env = { [`PLUGINS_${name}`]: value };
      const error = refusalOf(() => (name === 'PLUGIN_TIMEOUT' ? loadConfig({}, { env }) : readEnvironment(env)));
      expect(error.issues).toEqual([expect.objectContaining({ path: `PLUGINS_${name}` })]);
    }
  });
});

describe('a count that nothing could keep is refused where it is written', () => {
  it.each([
    ['reconnect_attempts', '9007199254740991', 'at most 1000000'],
    ['reconnect_attempts', '-1', 'an integer, 0 or more'],
    ['reconnect_attempts', '1.5', 'an integer, 0 or more'],
  ])('%s: %s', (key, value, expected) => {
    const error = refusalOfFile(
      folder,
      `plugins:\n- name: a\n  kind: external\n  unix_socket:\n    path: /s\n    ${key}: ${value}\n`,
    );
    expect(error.issues).toEqual([
      expect.objectContaining({ line: 6, message: expect.stringContaining(`expected ${expected}`) }),
    ]);
  });

  it.each([
    ['HTTPX_MAX_CONNECTIONS', ['0', '65536', '1e9', '1.5', '9007199254740993']],
    ['HTTPX_MAX_KEEPALIVE_CONNECTIONS', ['-1', '65536']],
    ['SERVER_PORT', ['65536', '-1', '80.5']],
    ['GRPC_SERVER_PORT', ['65536', 'x']],
    ['SERVER_SSL_CERT_REQS', ['3', '-1']],
  ])('PLUGINS_%s', (name, values) => {
    for (const value of values) {
      const env = { [`PLUGINS_${name}`]: value };
      const error = refusalOf(() => (name.startsWith('HTTPX') ? readEnvironment(env) : readServerEnvironment(env)));
      expect(error.issues).toEqual([expect.objectContaining({ path: `PLUGINS_${name}` })]);
    }
  });
});

describe('options in code are checked as well', () => {
  const odd = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    2 ** 31,
    4e14,
    '5' as unknown as number,
    null as unknown as number,
  ];

  it.each(['startTimeoutMs', 'shutdownTimeoutMs'] as const)('createManager: %s', async (name) => {
    for (const value of odd) {
      expect(await rejection(createManager({ config: {}, env: {}, [name]: value }))).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(new RegExp(`^options\\.${name}: expected .*milliseconds.*, found `)),
      });
    }
  });

  it.each(['connectTimeoutMs', 'stablePeriodMs', 'cooldownMs', 'idleTimeoutMs', 'jitter', 'maxWaiting'] as const)(
    'createManager: connection.%s',
    async (name) => {
      for (const value of [Number.NaN, -1, 2 ** 60, '5']) {
        const connection = { [name]: value };
        expect(await rejection(createManager({ config: {}, env: {}, connection }))).toMatchObject({
          code: 'CONFIG_INVALID',
          message: expect.stringContaining(`options.connection.${name}: expected `),
        });
      }
    },
  );

  it.each(['maxSessions', 'sessionIdleMs', 'keepAliveMs', 'maxMessageBytes', 'shutdownGraceMs'] as const)(
    'createPluginServer: limits.%s, and the host is closed',
    async (name) => {
      for (const value of [Number.NaN, -1, 2 ** 60]) {
        let closed = 0;
        const host = { configs: () => [], call: () => Promise.reject(new Error()), close: async () => void closed++ };
        const starting = createPluginServer({
          host: host as never,
          transport: { kind: 'http', server: { host: '127.0.0.1', port: 0 } },
          logger: silentLogger,
          limits: { [name]: value },
        });
        expect(await rejection(starting)).toMatchObject({ code: 'CONFIG_INVALID' });
        expect(closed).toBe(1);
      }
    },
  );

  it('what is taken fits a timer, whatever it is', () => {
    fc.assert(
      fc.property(fc.double(), (ms) => {
        expect(boundedMs(ms)).toBeGreaterThanOrEqual(0);
        expect(boundedMs(ms)).toBeLessThanOrEqual(longestDurationMs);
        let refused = false;
        try {
          checkOptionNumbers({ graceMs: ms }, 'options');
        } catch {
          refused = true;
        }
        expect(refused).toBe(!(ms >= 0 && ms <= longestDurationMs));
      }),
    );
  });

  it('the system clock does not fire at once for what is too long', async () => {
    let fired = 0;
    const timers = [2 ** 31, 4e14, Number.POSITIVE_INFINITY].map((ms) =>
      systemClock.setTimeout(() => void fired++, ms),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const timer of timers) systemClock.clearTimeout(timer);
    expect(fired).toBe(0);
  });
});
