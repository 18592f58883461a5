import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-issue.js';
import { readEnvironment, readServerEnvironment } from '../../src/config/environment/environment.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-environment-'));
const pem = join(folder, 'some.pem');
writeFileSync(pem, 'pem');
afterAll(() => rmSync(folder, { recursive: true }));

function errorOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the environment of a host', () => {
  const defaults = {
    enabled: true,
    configFile: 'plugins/config.yaml',
    defaultHookPolicy: 'allow',
    logLevel: 'info',
    http: {
      connectTimeoutMs: 5_000,
      readTimeoutMs: 120_000,
      writeTimeoutMs: 30_000,
      poolTimeoutMs: 10_000,
      maxConnections: 200,
      maxKeepaliveConnections: 100,
      keepaliveExpiryMs: 30_000,
      skipTlsVerify: false,
      ssrfProtection: true,
    },
  };

  it('has defaults for everything, also where variables are set to nothing', () => {
    expect(readEnvironment({})).toEqual(defaults);
    expect(readEnvironment({ PLUGINS_ENABLED: '', PLUGINS_CLIENT_MTLS_VERIFY: ' ', ENABLED: 'abc' })).toEqual(defaults);
  });

  it('sets everything', () => {
    expect(
      readEnvironment({
        PLUGINS_ENABLED: 'on',
        plugins_config_file: 'x.yaml',
        PLUGINS_DEFAULT_HOOK_POLICY: 'DENY',
        PLUGINS_LOG_LEVEL: 'WARNING',
        PLUGINS_HTTPX_CONNECT_TIMEOUT: '1',
        PLUGINS_HTTPX_READ_TIMEOUT: '2',
        PLUGINS_HTTPX_WRITE_TIMEOUT: '3',
        PLUGINS_HTTPX_POOL_TIMEOUT: '4',
        PLUGINS_HTTPX_MAX_CONNECTIONS: '5',
        PLUGINS_HTTPX_MAX_KEEPALIVE_CONNECTIONS: '6',
        PLUGINS_HTTPX_KEEPALIVE_EXPIRY: '7.5',
        PLUGINS_SKIP_SSL_VERIFY: 'TRUE',
        PLUGINS_SSRF_PROTECTION_ENABLED: '0',
        PLUGINS_CLIENT_MTLS_CERTFILE: pem,
        PLUGINS_CLIENT_MTLS_KEYFILE: pem,
        PLUGINS_CLIENT_MTLS_CA_BUNDLE: pem,
        PLUGINS_CLIENT_MTLS_KEYFILE_PASSWORD: 'pw',
        PLUGINS_CLIENT_MTLS_CHECK_HOSTNAME: 'no',
      }),
    ).toEqual({
      enabled: true,
      configFile: 'x.yaml',
      defaultHookPolicy: 'deny',
      logLevel: 'warn',
      http: {
        connectTimeoutMs: 1_000,
        readTimeoutMs: 2_000,
        writeTimeoutMs: 3_000,
        poolTimeoutMs: 4_000,
        maxConnections: 5,
        maxKeepaliveConnections: 6,
        keepaliveExpiryMs: 7_500,
        skipTlsVerify: true,
        ssrfProtection: false,
        clientTls: {
          certfile: pem,
          keyfile: pem,
          caBundle: pem,
          keyfilePassword: 'pw',
          verify: true,
          checkHostname: false,
        },
      },
    });
  });

  it.each(['true', 'T', '1', 'yes', 'Y', 'on'])('reads %s as true, as pydantic does', (value) => {
    expect(readEnvironment({ PLUGINS_ENABLED: value }).enabled).toBe(true);
  });

  it.each(['false', 'F', '0', 'no', 'N', 'Off'])('reads %s as false', (value) => {
    expect(readEnvironment({ PLUGINS_SSRF_PROTECTION_ENABLED: value }).http.ssrfProtection).toBe(false);
  });

  it('names every wrong variable at once, and shows no secret', () => {
    const errors = errorOf(() =>
      readEnvironment({
        PLUGINS_ENABLED: '2',
        PLUGINS_DEFAULT_HOOK_POLICY: 'maybe',
        PLUGINS_LOG_LEVEL: 'loud',
        PLUGINS_HTTPX_CONNECT_TIMEOUT: '-1',
        PLUGINS_HTTPX_MAX_CONNECTIONS: '0',
        PLUGINS_CLIENT_MTLS_KEYFILE: '/no/key.pem',
        PLUGINS_CLIENT_MTLS_KEYFILE_PASSWORD: 'hunter2',
      }),
    );
    expect(errors).toEqual([
      'the environment has 7 errors',
      'PLUGINS_CLIENT_MTLS_KEYFILE: expected a PEM file that exists, found the string "/no/key.pem"',
      'PLUGINS_CLIENT_MTLS_KEYFILE: needs PLUGINS_CLIENT_MTLS_CERTFILE, which is not set',
      'PLUGINS_ENABLED: expected true or false, found the string "2"',
      'PLUGINS_DEFAULT_HOOK_POLICY: expected one of allow, deny, found the string "maybe"',
      'PLUGINS_LOG_LEVEL: expected one of trace, debug, info, warn, warning, error, critical, fatal, found the string "loud"',
      'PLUGINS_HTTPX_CONNECT_TIMEOUT: expected seconds, more than 0, found the string "-1"',
      'PLUGINS_HTTPX_MAX_CONNECTIONS: expected an integer, 1 or more, found the string "0"',
    ]);
  });
});

describe('the environment of a plugin server', () => {
  it('has defaults for everything', () => {
    expect(readServerEnvironment({})).toEqual({
      configPath: './resources/plugins/config.yaml',
      server: { host: '127.0.0.1', port: 8000 },
      grpcServer: { host: '127.0.0.1', port: 50_051 },
      unixSocketPath: '/tmp/mcpgateway-plugins.sock',
    });
  });

  it('sets everything', () => {
    const tls = {
      PLUGINS_SERVER_SSL_ENABLED: 'true',
      PLUGINS_SERVER_SSL_CERTFILE: pem,
      PLUGINS_SERVER_SSL_KEYFILE: pem,
      PLUGINS_SERVER_SSL_CA_CERTS: pem,
      PLUGINS_SERVER_SSL_KEYFILE_PASSWORD: 'pw',
      PLUGINS_SERVER_SSL_CERT_REQS: '1',
    };
    const env = {
      ...tls,
      PLUGINS_CONFIG_PATH: 'c.yaml',
      PLUGINS_TRANSPORT: 'HTTP',
      PLUGINS_SERVER_HOST: '0.0.0.0',
      PLUGINS_SERVER_PORT: '0',
      PLUGINS_GRPC_SERVER_HOST: '::1',
      PLUGINS_GRPC_SERVER_PORT: '1',
      PLUGINS_GRPC_SERVER_SSL_ENABLED: 'true',
      PLUGINS_GRPC_SERVER_SSL_CERTFILE: pem,
      PLUGINS_GRPC_SERVER_SSL_KEYFILE: pem,
      PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH: 'optional',
      UNIX_SOCKET_PATH: '/tmp/u.sock',
    };
    expect(readServerEnvironment(env)).toEqual({
      configPath: 'c.yaml',
      transport: 'http',
      grpcServer: {
        host: '::1',
        port: 1,
        tls: { certfile: pem, keyfile: pem, certReqs: 1 },
      },
      server: {
        host: '0.0.0.0',
        port: 0,
        tls: { certfile: pem, keyfile: pem, caBundle: pem, keyfilePassword: 'pw', certReqs: 1 },
      },
      unixSocketPath: '/tmp/u.sock',
    });
    expect(
      readServerEnvironment({ ...tls, PLUGINS_SERVER_SSL_ENABLED: 'no', PLUGINS_SERVER_UDS: '/tmp/s.sock' }).server,
    ).toEqual({
      host: '127.0.0.1',
      port: 8000,
      uds: '/tmp/s.sock',
    });
    expect(readServerEnvironment({ ...tls, PLUGINS_SERVER_SSL_CERT_REQS: '' }).server.tls?.certReqs).toBe(2);
  });

  it('names every wrong variable at once', () => {
    const errors = errorOf(() =>
      readServerEnvironment({
        PLUGINS_TRANSPORT: 'pigeon',
        PLUGINS_SERVER_PORT: '70000',
        PLUGINS_SERVER_UDS: 'x.sock',
        PLUGINS_SERVER_SSL_ENABLED: 'yes',
        PLUGINS_SERVER_SSL_CERT_REQS: '3',
      }),
    );
    expect(errors).toEqual([
      'the environment has 5 errors',
      'PLUGINS_TRANSPORT: expected one of stdio, http, streamablehttp, grpc, unix, found the string "pigeon"',
      'PLUGINS_SERVER_SSL_CERT_REQS: expected an integer from 0 to 2, found the string "3"',
      'PLUGINS_SERVER_SSL_CERTFILE: is missing; PLUGINS_SERVER_SSL_ENABLED needs a certificate and a key',
      'PLUGINS_SERVER_UDS: expected an absolute path, found the string "x.sock"',
      'PLUGINS_SERVER_PORT: expected an integer from 0 to 65535, found the string "70000"',
    ]);
  });
});
