import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../fixtures/certificates.js';
import { initialize, post, send } from '../../fixtures/hosting/raw-http.js';
import { bearer, callOnce, openGateway, textOf } from '../../fixtures/gateway/gateway-over-http.js';

let made: Certificates;
beforeAll(() => {
  made = makeCertificates();
});
afterAll(() => made.remove());

const tls = (certReqs: 0 | 1 | 2 = 2) => ({
  certfile: made.server.certfile,
  keyfile: made.server.keyfile,
  caBundle: made.ca.certfile,
  certReqs,
});
const nobody = () => ({ ca: made.ca.cert });
const client = () => ({ ...nobody(), cert: made.client.cert, key: made.client.key });
const local = (url: string) => url.replace('0.0.0.0', '127.0.0.1');

/** A client certificate with this subject and these other names. */
function certificate(name: string, subject: string, others?: string) {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: made.dir, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
  writeFileSync(
    join(made.dir, `${name}.ext`),
    others === undefined ? '' : `subjectAltName=@names\n[names]\n${others}\n`,
  );
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30'];
  openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-extfile', `${name}.ext`, '-out', `${name}.crt`);
  const read = (end: string) => readFileSync(join(made.dir, `${name}.${end}`), 'utf8');
  return { ...nobody(), cert: read('crt'), key: read('key') };
}

it('a gateway that requires certificates may be reached from other machines, by those who have one', async () => {
  const { url, service } = await openGateway({ host: '0.0.0.0', tls: tls() });
  expect(textOf(await callOnce(local(url), {}, client()))).toBe('client');
  expect(service.last.identity).toMatchObject({ user: 'client', claims: {}, scopes: [] });
  expect(service.last.identity?.credentials).not.toContain(':');
  await expect(post(local(url), initialize, {}, nobody())).rejects.toThrow();
  const stranger = { ...nobody(), cert: made.otherCa.cert, key: made.otherCa.key };
  await expect(post(local(url), initialize, {}, stranger)).rejects.toThrow();
});

it.each([
  ['the common name', '/O=Team/CN=ann', 'DNS.1=other.example', 'ann'],
  [
    'the first other name where there is none',
    '/O=Team',
    'URI.1=spiffe://team/ann\nDNS.1=a.example',
    'spiffe://team/ann',
  ],
  ['an other name with a comma in it', '/O=Team', 'URI.1=spiffe://team/a\\,b\nDNS.1=a.example', 'spiffe://team/a,b'],
  ['nobody in particular where there is neither', '/O=Team', undefined, 'somebody'],
])('the user is %s', async (_, subject, others, user) => {
  const { url } = await openGateway({ tls: tls() });
  const shown = certificate('one', subject, others);
  expect(textOf(await callOnce(url, {}, shown))).toBe(user);
});

it('a session belongs to the certificate that opened it', async () => {
  const { url } = await openGateway({ tls: tls() });
  const opened = await post(url, initialize, {}, client());
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  const list = '{"jsonrpc":"2.0","id":3,"method":"tools/list"}';
  expect((await post(url, list, session, client())).status).toBe(200);
  expect((await post(url, list, session, certificate('same-name', '/CN=client'))).status).toBe(404);
});

it('with a token, both are needed', async () => {
  const token = 'a-token-of-more-than-16-characters';
  const { url } = await openGateway({ tls: tls(), token });
  expect((await post(url, initialize, {}, client())).status).toBe(401);
  await expect(post(url, initialize, bearer(token), nobody())).rejects.toThrow();
  expect(textOf(await callOnce(url, bearer(token), client()))).toBe('client');
});

it.each([0, 1] as const)('certificates that are not required (%i) are no proof', async (certReqs) => {
  // Who asks for none has nothing to check them with.
  const { caBundle, ...own } = tls(certReqs);
  const asking = certReqs === 0 ? own : { ...own, caBundle };
  await expect(openGateway({ host: '0.0.0.0', tls: asking })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  const { url, service } = await openGateway({ tls: asking });
  expect(textOf(await callOnce(url, {}, client()))).toBe('somebody');
  expect(service.last.identity).toBeUndefined();
});

it('probes without a certificate have a port of their own, where nothing but /health is', async () => {
  const free = await openGateway();
  const healthPort = Number(new URL(free.url).port);
  await free.endpoint.close();
  await openGateway({ tls: tls(), healthPort });
  const read = async (path: string) => (await send(`http://127.0.0.1:${healthPort}${path}`)).status;
  expect(await Promise.all(['/health', '/ready', '/metrics', '/mcp'].map(read))).toEqual([200, 404, 404, 404]);
});
