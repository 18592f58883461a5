import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerOptions } from 'node:https';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClientTlsConfig } from '../../src/config/sections/client-tls.js';
import type { HttpClientSettings } from '../../src/config/sections/http-client.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { startPluginServer } from '../fixtures/servers/http-plugin-server.mjs';
import { call, httpTransport, never } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

let files: Certificates;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(() => {
  files = makeCertificates();
});
afterAll(() => files.remove());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Tls = Partial<ClientTlsConfig>;

async function serve(tls: ServerOptions): Promise<string> {
  const server = await startPluginServer({ tls });
  cleanups.push(() => server.close());
  return server.url;
}

async function connect(url: string, tls: Tls | undefined, http: Partial<HttpClientSettings> = {}): Promise<unknown> {
  const section = tls === undefined ? {} : { tls: { verify: true, checkHostname: true, ...tls } };
  const link = await httpTransport(url, { ...section, http }).open(never);
  cleanups.push(() => link.close());
  return call(link, 'echo', { a: 1 });
}

const answer = { content: [{ type: 'text', text: '{"a":1}' }] };
const server = (): ServerOptions => ({ cert: files.server.cert, key: files.server.key });
const mutual = (): ServerOptions => ({ ...server(), ca: files.ca.cert, requestCert: true, rejectUnauthorized: true });

describe('TLS', () => {
  it('accepts a server whose authority is in the CA bundle', async () => {
    expect(await connect(await serve(server()), { caBundle: files.ca.certfile })).toEqual(answer);
  });

  it('refuses a server whose authority is not known', async () => {
    const url = await serve(server());
    for (const tls of [undefined, {}, { caBundle: files.otherCa.certfile }]) {
      expect(await rejection(connect(url, tls))).toMatchObject({
        code: 'TLS_INVALID',
        message: `guard: ${url}: the authority of the server is not known; give it as tls.ca_bundle.`,
      });
    }
  });

  it('refuses an expired server certificate', async () => {
    const url = await serve({ cert: files.expired.cert, key: files.expired.key });
    expect(await rejection(connect(url, { caBundle: files.ca.certfile }))).toMatchObject({
      code: 'TLS_INVALID',
      message: `guard: ${url}: the server's certificate has expired.`,
    });
  });

  it('refuses a certificate that is for another host', async () => {
    const url = await serve({ cert: files.wrongHost.cert, key: files.wrongHost.key });
    const error = await rejection(connect(url, { caBundle: files.ca.certfile }));
    expect(error).toMatchObject({ code: 'TLS_INVALID' });
    expect((error as Error).message).toContain("the server's certificate is not for this host");
    expect((error as Error).message).toContain('set tls.check_hostname to false');
  });

  it('check_hostname false accepts another host, but no unknown authority', async () => {
    const url = await serve({ cert: files.wrongHost.cert, key: files.wrongHost.key });
    expect(await connect(url, { caBundle: files.ca.certfile, checkHostname: false })).toEqual(answer);
    expect(await rejection(connect(url, { caBundle: files.otherCa.certfile, checkHostname: false }))).toMatchObject({
      code: 'TLS_INVALID',
    });
  });

  it('verify false accepts any certificate', async () => {
    for (const { cert, key } of [files.server, files.expired, files.wrongHost]) {
      expect(await connect(await serve({ cert, key }), { verify: false })).toEqual(answer);
    }
  });

  it('does not lower anything for other connections of this process', async () => {
    const url = await serve(server());
    await connect(url, { verify: false });
    expect(process.env.NODE_TLS_REJECT_UNAUTHORIZED).toBeUndefined();
    await expect(fetch(url)).rejects.toThrow();
    expect(await rejection(connect(url, {}))).toMatchObject({ code: 'TLS_INVALID' });
  });

  it('PLUGINS_SKIP_SSL_VERIFY counts only where no TLS section is given', async () => {
    const url = await serve(server());
    expect(await connect(url, undefined, { skipTlsVerify: true })).toEqual(answer);
    expect(await rejection(connect(url, {}, { skipTlsVerify: true }))).toMatchObject({ code: 'TLS_INVALID' });
  });

  it('uses the PLUGINS_CLIENT_MTLS settings where a plugin gives no section of its own', async () => {
    const url = await serve(server());
    const clientTls = { caBundle: files.ca.certfile, verify: true, checkHostname: true };
    expect(await connect(url, undefined, { clientTls })).toEqual(answer);
    expect(await rejection(connect(url, { caBundle: files.otherCa.certfile }, { clientTls }))).toMatchObject({
      code: 'TLS_INVALID',
    });
  });

  it('says so when the server does not speak TLS', async () => {
    const plain = await startPluginServer();
    cleanups.push(() => plain.close());
    const url = plain.url.replace('http:', 'https:');
    expect(await rejection(connect(url, {}))).toMatchObject({
      code: 'TLS_INVALID',
      message: `guard: ${url}: the server does not speak TLS on this port; is the URL meant to be http?`,
    });
  });
});

describe('mutual TLS', () => {
  it('presents the client certificate', async () => {
    const { certfile, keyfile } = files.client;
    expect(await connect(await serve(mutual()), { caBundle: files.ca.certfile, certfile, keyfile })).toEqual(answer);
  });

  it('takes the key from the certificate file when that holds both', async () => {
    const certfile = join(files.dir, 'both.pem');
    writeFileSync(certfile, files.client.key + files.client.cert);
    expect(await connect(await serve(mutual()), { caBundle: files.ca.certfile, certfile })).toEqual(answer);
  });

  it('opens an encrypted key with its password', async () => {
    const tls = {
      caBundle: files.ca.certfile,
      certfile: files.client.certfile,
      keyfile: files.encryptedKeyfile,
      keyfilePassword: files.password,
    };
    expect(await connect(await serve(mutual()), tls)).toEqual(answer);
  });

  it('says so when the server turns us down without a certificate', async () => {
    // OpenSSL sends an alert; in TLS 1.3 it comes after the handshake, and the end of the connection may overtake it.
    const { certfile, keyfile } = files.server;
    const args = [
      's_server',
      '-accept',
      '0',
      '-cert',
      certfile,
      '-key',
      keyfile,
      '-CAfile',
      files.ca.certfile,
      '-Verify',
      '2',
    ];
    const openssl = spawn('openssl', [...args, '-verify_return_error', '-www', '-tls1_2'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    cleanups.push(async () => {
      openssl.kill('SIGKILL');
      await once(openssl, 'exit');
    });
    let said = '';
    openssl.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk);
    });
    await eventually('the port of openssl', () => /ACCEPT \S+:\d+/.test(said));
    const url = `https://127.0.0.1:${/ACCEPT \S+:(\d+)/.exec(said)?.[1]}/mcp`;
    const error = await rejection(connect(url, { caBundle: files.ca.certfile }));
    expect(error).toMatchObject({
      code: 'TLS_INVALID',
      message: expect.stringContaining('the server did not accept our certificate'),
    });
  });
});

describe('a server that hangs up on us', () => {
  it('for want of a client certificate gives a hint', async () => {
    const url = await serve(mutual());
    const error = await rejection(connect(url, { caBundle: files.ca.certfile }));
    expect(error).toMatchObject({
      code: expect.stringMatching(/LINK_LOST|TLS_INVALID/),
      message: expect.stringContaining('tls.certfile'),
    });
  });
});

describe('TLS files that cannot be used', () => {
  // Nothing listens there: the files are checked before anything is connected.
  const open = (tls: Tls) => rejection(connect('https://127.0.0.1:9/mcp', tls));
  const client = () => files.client.certfile;

  it.each<[string, () => Tls, () => string]>([
    [
      'a missing CA bundle',
      () => ({ caBundle: '/no/ca.pem' }),
      () => 'guard: cannot read tls.ca_bundle /no/ca.pem: there is no such file',
    ],
    [
      'a CA bundle that is no certificate',
      () => ({ caBundle: files.ca.keyfile }),
      () => `guard: tls.ca_bundle ${files.ca.keyfile} holds no certificate`,
    ],
    [
      'a certificate that is no PEM file',
      () => ({ certfile: join(files.dir, 'server.ext') }),
      () => `guard: tls.certfile ${join(files.dir, 'server.ext')} is not a PEM file; expected '-----BEGIN …'`,
    ],
    [
      'a key without a certificate',
      () => ({ keyfile: files.client.keyfile }),
      () => `guard: tls.keyfile ${files.client.keyfile} needs tls.certfile; give both`,
    ],
    [
      'a key that belongs to another certificate',
      () => ({ certfile: client(), keyfile: files.server.keyfile }),
      () => `guard: the key in ${files.server.keyfile} does not belong to the certificate in ${client()}`,
    ],
    [
      'an encrypted key without a password',
      () => ({ certfile: client(), keyfile: files.encryptedKeyfile }),
      () =>
        `guard: cannot use the private key in ${files.encryptedKeyfile}: it is encrypted; give tls.keyfile_password`,
    ],
    [
      'an encrypted key with a wrong password',
      () => ({ certfile: client(), keyfile: files.encryptedKeyfile, keyfilePassword: 'wrong' }),
      () => `guard: cannot use the private key in ${files.encryptedKeyfile}: tls.keyfile_password does not open it`,
    ],
  ])('%s', async (_what, tls, message) => {
    expect(await open(tls())).toMatchObject({ code: 'TLS_INVALID', message: message() });
  });

  it('a key that OpenSSL finds too short', async () => {
    const [certfile, keyfile] = [join(files.dir, 'short.crt'), join(files.dir, 'short.key')];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:512', '-nodes', '-subj', '/CN=short', '-keyout', keyfile, '-out', certfile],
      { stdio: 'pipe' },
    );
    expect(await open({ certfile, keyfile })).toMatchObject({
      code: 'TLS_INVALID',
      message: expect.stringMatching(
        new RegExp(`^guard: OpenSSL does not accept what is in ${certfile}, ${keyfile}: .*key too small`),
      ),
    });
  });

  it('an expired client certificate', async () => {
    const { certfile, keyfile } = files.expiredClient;
    const error = await open({ certfile, keyfile });
    expect(error).toMatchObject({ code: 'TLS_INVALID' });
    expect((error as Error).message).toMatch(`guard: the certificate in ${certfile} expired on `);
  });
});
