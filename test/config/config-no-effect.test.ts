import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { refusalOfFile } from '../fixtures/config/refusal.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-idle-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ['c.pem', 'k.pem', 'ca.pem']) writeFileSync(join(folder, name), '');

const warningsOf = (yaml: string, env: NodeJS.ProcessEnv = {}): string[] => {
  writeFileSync(join(folder, 'f.yaml'), yaml);
  return loadConfig('f.yaml', { env, cwd: folder }).warnings.map(({ path, message }) => `${path}: ${message}`);
};
const over = (section: string, plugin = ''): string => `plugins:\n- {name: a, kind: external, ${plugin}${section}}\n`;
const tls = (written: string): string =>
  over(`mcp: {proto: STREAMABLEHTTP, url: "https://h.example/mcp", tls: {${written}}}`);
const unverified = 'has no effect with `verify: false`, which takes any certificate';
const portless = 'has no effect; the server listens on the Unix socket of `uds`, and on no port';
const onlyOne = (attempts: number): string =>
  `has no effect with \`reconnect_attempts: ${attempts}\`, which asks for no more than one attempt`;

describe('a setting without an effect is warned of', () => {
  it.each<[what: string, yaml: string, warnings: string[]]>([
    [
      'a password without a key',
      tls('keyfile_password: x'),
      ['plugins[0].mcp.tls.keyfile_password: has no effect; there is no key, since no `certfile` is given'],
    ],
    [
      'a check of the name of a host whose certificate is not looked at',
      tls('verify: false, check_hostname: true'),
      [`plugins[0].mcp.tls.check_hostname: ${unverified}`],
    ],
    [
      'authorities that nothing is verified against, over gRPC',
      over('grpc: {target: "h:1", tls: {verify: "no", ca_bundle: ca.pem}}'),
      [`plugins[0].grpc.tls.ca_bundle: ${unverified}`],
    ],
    [
      'a port and a host beside a socket',
      `server_settings: {uds: ${folder}/s, host: 0.0.0.0, port: 80, allowed_hosts: [a]}\n`,
      [
        `server_settings.host: ${portless}`,
        `server_settings.port: ${portless}`,
        `server_settings.allowed_hosts: ${portless}`,
      ],
    ],
    [
      'the same over gRPC',
      `grpc_server_settings: {uds: ${folder}/s, port: 80}\n`,
      [`grpc_server_settings.port: ${portless}`],
    ],
    [
      'authorities of clients that are asked for no certificate',
      'server_settings: {tls: {certfile: c.pem, keyfile: k.pem, ca_bundle: ca.pem, ssl_cert_reqs: 0}}\n',
      ['server_settings.tls.ca_bundle: has no effect; with `ssl_cert_reqs: 0` no client is asked for a certificate'],
    ],
    [
      'the same over gRPC, in words',
      'grpc_server_settings: {tls: {certfile: c.pem, keyfile: k.pem, ca_bundle: ca.pem, client_auth: none}}\n',
      [
        'grpc_server_settings.tls.ca_bundle: has no effect; with `client_auth: none` no client is asked for a certificate',
      ],
    ],
    [
      'a limit of the answers of a plugin that is in this process',
      'plugins:\n- {name: a, kind: "a.js#A", hooks: [tool_pre_invoke], max_content_size: 5}\n',
      ['plugins[0].max_content_size: has no effect; it limits the answers of plugins of `kind: external`'],
    ],
    [
      'a window for attempts of which there is one',
      over('mcp: {proto: STDIO, cmd: [a], reconnect_attempts: 1, reconnect_window: 5}'),
      [`plugins[0].mcp.reconnect_window: ${onlyOne(1)}`],
    ],
    [
      'a window for attempts of which there is none',
      over('unix_socket: {path: /a, reconnect_attempts: "0", reconnect_window: "5"}'),
      [`plugins[0].unix_socket.reconnect_window: ${onlyOne(0)}`],
    ],
    [
      'a user who is to be told to plugins',
      'plugin_settings: {include_user_info: true}\n',
      [
        'plugin_settings.include_user_info: has no effect; plugins are told of a user what the caller puts into the context',
      ],
    ],
  ])('%s', (_what, yaml, warnings) => {
    expect(warningsOf(yaml)).toEqual(warnings);
  });

  it.each([
    ['a password of a key in the file of the certificate', tls('certfile: c.pem, keyfile_password: x')],
    ['no check of the name where nothing is checked', tls('verify: false, check_hostname: false')],
    ['an unset variable', tls('verify: "", keyfile_password: ""')],
    ['a socket alone', `server_settings: {uds: ${folder}/s, host: null}\n`],
    ['a limit of the answers of an external plugin', over('unix_socket: {path: /a}', 'max_content_size: 5, ')],
    ['no window', over('unix_socket: {path: /a, reconnect_attempts: 1, reconnect_window: 0}')],
    ['a user who is not to be told', 'plugin_settings: {include_user_info: "false"}\n'],
  ])('and not %s', (_what, yaml) => {
    expect(warningsOf(yaml)).toEqual([]);
  });

  it.each<[string, NodeJS.ProcessEnv, string[]]>([
    [
      'a password without a key',
      { PLUGINS_CLIENT_MTLS_KEYFILE_PASSWORD: 'x' },
      [
        'PLUGINS_CLIENT_MTLS_KEYFILE_PASSWORD: has no effect; there is no key, since PLUGINS_CLIENT_MTLS_CERTFILE is not set',
      ],
    ],
    [
      'what is checked of certificates that nobody looks at',
      {
        PLUGINS_GRPC_CLIENT_MTLS_VERIFY: 'false',
        PLUGINS_GRPC_CLIENT_MTLS_CHECK_HOSTNAME: 'true',
        PLUGINS_GRPC_CLIENT_MTLS_CA_BUNDLE: 'a',
      },
      [
        'PLUGINS_GRPC_CLIENT_MTLS_CA_BUNDLE: has no effect; with PLUGINS_GRPC_CLIENT_MTLS_VERIFY=false any certificate is taken',
        'PLUGINS_GRPC_CLIENT_MTLS_CHECK_HOSTNAME: has no effect; with PLUGINS_GRPC_CLIENT_MTLS_VERIFY=false any certificate is taken',
      ],
    ],
    [
      'a certificate of a server without TLS',
      { PLUGINS_SERVER_SSL_CERTFILE: 'a', PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH: 'require' },
      [
        'PLUGINS_SERVER_SSL_CERTFILE: has no effect; the server uses TLS only with PLUGINS_SERVER_SSL_ENABLED=true',
        'PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH: has no effect; the server uses TLS only with PLUGINS_GRPC_SERVER_SSL_ENABLED=true',
      ],
    ],
    [
      'authorities of clients that show no certificate',
      {
        PLUGINS_SERVER_SSL_ENABLED: 'true',
        PLUGINS_SERVER_SSL_CERTFILE: 'a',
        PLUGINS_SERVER_SSL_CA_CERTS: 'a',
        PLUGINS_SERVER_SSL_CERT_REQS: '0',
      },
      [
        'PLUGINS_SERVER_SSL_CA_CERTS: has no effect; with PLUGINS_SERVER_SSL_CERT_REQS=0 no client is asked for a certificate',
      ],
    ],
    [
      'a port beside a socket',
      { PLUGINS_SERVER_UDS: '/a', PLUGINS_SERVER_PORT: '1' },
      [
        'PLUGINS_SERVER_PORT: has no effect; the server listens on the Unix socket of PLUGINS_SERVER_UDS, and on no port',
      ],
    ],
  ])('in the environment: %s', (_what, env, warnings) => {
    expect(warningsOf('', env)).toEqual(warnings);
  });
});

it('a null character that no process can be given is refused at its place', () => {
  const { issues } = refusalOfFile(folder, over('mcp: {proto: STDIO, cmd: [a, "b\\0"], cwd: "a\\0"}'));
  expect(issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'plugins[0].mcp.cmd[1]: expected text without null characters, found one',
    'plugins[0].mcp.cwd: expected a directory that exists, found the string "a\\u0000"',
  ]);
});
