import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerTlsConfig } from '../../src/config/sections/server-tls.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { createPluginServer, silentLogger } from '../../src/index.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { MemoryHost } from '../fixtures/hosting/memory-host.js';
import { openSession, send } from '../fixtures/hosting/raw-http.js';

let made: Certificates;
beforeAll(() => {
  made = makeCertificates();
});
afterAll(() => made.remove());

function serve(tls: Partial<ServerTlsConfig>, healthPort?: number): Promise<EchoServer> {
  const { certfile, keyfile } = made.server;
  return startEchoServer({
    transport: {
      kind: 'http',
      server: { host: '127.0.0.1', port: 0, tls: { certfile, keyfile, certReqs: 0, ...tls } },
      ...(healthPort !== undefined && { healthPort }),
    },
  });
}

const nobody = () => ({ ca: made.ca.cert });
const client = () => ({ ...nobody(), cert: made.client.cert, key: made.client.key });
const expiredClient = () => ({ ...nobody(), cert: made.expiredClient.cert, key: made.expiredClient.key });
const selfSigned = () => ({ ...nobody(), cert: made.otherCa.cert, key: made.otherCa.key });

describe('cert_reqs', () => {
  it('0 asks for no client certificate', async () => {
    const server = await serve({ certReqs: 0 });
    expect(server.address).toMatch(/^https:/);
    await openSession(server.address, nobody());
    await server.close();
  });

  it('1 takes none or a valid one', async () => {
    const server = await serve({ certReqs: 1, caBundle: made.ca.certfile });
    await openSession(server.address, nobody());
    await openSession(server.address, client());
    await expect(openSession(server.address, expiredClient())).rejects.toThrow();
    await expect(openSession(server.address, selfSigned())).rejects.toThrow();
    await server.close();
  });

  it('2 takes nothing but a valid one', async () => {
    const server = await serve({ certReqs: 2, caBundle: made.ca.certfile });
    await openSession(server.address, client());
    await expect(openSession(server.address, nobody())).rejects.toThrow();
    await expect(openSession(server.address, expiredClient())).rejects.toThrow();
    await expect(openSession(server.address, selfSigned())).rejects.toThrow();
    await server.close();
  });
});

it('reads encrypted keys', async () => {
  const { certfile } = made.client;
  const server = await serve({ certfile, keyfile: made.encryptedKeyfile, keyfilePassword: made.password });
  await openSession(server.address, { ...nobody(), servername: 'client.example' });
  await server.close();
});

it('answers health checks without TLS on a port of their own', async () => {
  const free = await startEchoServer();
  const healthPort = Number(new URL(free.address).port);
  await free.close();
  const server = await serve({ certReqs: 2, caBundle: made.ca.certfile }, healthPort);
  expect((await send(`http://127.0.0.1:${healthPort}/health`)).body).toBe('{"status":"healthy"}');
  expect((await send(`http://127.0.0.1:${healthPort}/mcp`)).status).toBe(404);
  await server.close();
  await expect(send(`http://127.0.0.1:${healthPort}/health`)).rejects.toThrow('ECONNREFUSED');
});

describe('the start fails, and says why, when', () => {
  it('client certificates are asked for but no CA is given', async () => {
    await expect(serve({ certReqs: 2 })).rejects.toMatchObject({
      code: 'TLS_INVALID',
      message:
        'TLS of the plugin server: client certificates are asked for (ssl_cert_reqs 2) but no CA bundle says which are valid; ' +
        'set ca_bundle (PLUGINS_SERVER_SSL_CA_CERTS), or ssl_cert_reqs (PLUGINS_SERVER_SSL_CERT_REQS) to 0',
    });
    const server = { host: '127.0.0.1', port: 0, tls: { ...made.server, certReqs: 1 as const } };
    const transport = { kind: 'grpc' as const, server };
    await expect(
      createPluginServer({ host: new MemoryHost({}), transport, logger: silentLogger }),
    ).rejects.toMatchObject({
      message:
        'TLS of the plugin server: client certificates are asked for (client_auth optional) but no CA bundle says which are valid; ' +
        'set ca_bundle (PLUGINS_GRPC_SERVER_SSL_CA_CERTS), or client_auth (PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH) to none',
    });
  });

  it('a file is missing', async () => {
    await expect(serve({ certfile: '/no/such.crt' })).rejects.toMatchObject({
      code: 'TLS_INVALID',
      message: 'TLS of the plugin server: certfile /no/such.crt cannot be read: there is no such file',
    });
  });

  it.each<[string, () => Partial<ServerTlsConfig>, () => string]>([
    [
      'a certificate is a key',
      () => ({ certfile: made.server.keyfile }),
      () =>
        `certfile ${made.server.keyfile} holds no certificate; expected PEM, with a line '-----BEGIN CERTIFICATE-----'`,
    ],
    [
      'a key is a certificate',
      () => ({ keyfile: made.server.certfile }),
      () =>
        `keyfile ${made.server.certfile} holds no private key; expected PEM, with a line '-----BEGIN PRIVATE KEY-----'`,
    ],
    [
      'a CA bundle is none',
      () => ({ certReqs: 2, caBundle: made.server.keyfile }),
      () =>
        `ca_bundle ${made.server.keyfile} holds no certificate; expected PEM, with a line '-----BEGIN CERTIFICATE-----'`,
    ],
  ])('%s', async (_, tls, message) => {
    const expected = { code: 'TLS_INVALID', message: `TLS of the plugin server: ${message()}` };
    await expect(serve(tls())).rejects.toMatchObject(expected);
  });

  it('key and certificate do not belong together', async () => {
    await expect(serve({ keyfile: made.client.keyfile })).rejects.toMatchObject({
      code: 'TLS_INVALID',
      message: expect.stringMatching(/^TLS of the plugin server: certfile .* cannot be used together/),
    });
  });

  it('the password of a key is wrong, without telling it', async () => {
    const start = serve({
      certfile: made.client.certfile,
      keyfile: made.encryptedKeyfile,
      keyfilePassword: 'my secret',
    });
    await expect(start).rejects.toMatchObject({
      code: 'TLS_INVALID',
      message: expect.stringContaining('check keyfile_password'),
    });
    await expect(start).rejects.not.toMatchObject({ message: expect.stringContaining('my secret') });
  });
});
