import type { LookupAddress } from 'node:dns';
import { fc, test } from '@fast-check/vitest';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkUrl, guardedLookup, refusalOf } from '../../src/transports/http/address-guard.js';
import { startPluginServer } from '../fixtures/servers/http-plugin-server.mjs';
import { call, httpTransport, never } from '../fixtures/transports/transports.js';
import { rejection } from '../fixtures/waiting.js';

const setting =
  'requests go to public addresses and to this machine only. If that server is meant, set PLUGINS_SSRF_PROTECTION_ENABLED=false.';

function messageFor(url: string, ssrfProtection = true): string | undefined {
  try {
    checkUrl(url, { ssrfProtection });
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ADDRESS_REFUSED' });
    return (error as Error).message;
  }
}

describe('addresses that requests may go to', () => {
  it.each([
    ['http://10.1.2.3/mcp', 'http://10.1.2.3/mcp is a private address'],
    ['http://172.16.0.1:8000/mcp?key=secret', 'http://172.16.0.1:8000/mcp is a private address'],
    ['http://192.168.0.1/', 'http://192.168.0.1/ is a private address'],
    ['http://0xC0A80001/', 'http://192.168.0.1/ is a private address'],
    ['http://3232235521/', 'http://192.168.0.1/ is a private address'],
    ['http://100.64.0.1/', 'http://100.64.0.1/ is a carrier-grade NAT address'],
    ['http://169.254.169.254/latest/meta-data', 'http://169.254.169.254/latest/meta-data is a link-local address'],
    ['http://224.0.0.1/', 'http://224.0.0.1/ is a multicast address'],
    ['http://255.255.255.255/', 'http://255.255.255.255/ is the broadcast address'],
    ['http://0.0.0.0:8000/', 'http://0.0.0.0:8000/ is the unspecified address'],
    ['http://192.0.2.1/', 'http://192.0.2.1/ is a reserved address (reserved)'],
    ['http://[::]/', 'http://[::]/ is the unspecified address'],
    ['http://[fc00::1]/', 'http://[fc00::1]/ is a private address'],
    ['http://[fe80::1]/', 'http://[fe80::1]/ is a link-local address'],
    ['http://[ff02::1]/', 'http://[ff02::1]/ is a multicast address'],
    ['http://[::ffff:10.0.0.1]/', 'http://[::ffff:a00:1]/ is a private address'],
    ['http://[::ffff:169.254.169.254]/', 'http://[::ffff:a9fe:a9fe]/ is a link-local address'],
    ['http://[64:ff9b::10.0.0.1]/', 'http://[64:ff9b::a00:1]/ is a private address'],
    ['http://[2002:a00:1::]/', 'http://[2002:a00:1::]/ is a private address'],
    ['http://[::10.0.0.1]/', 'http://[::a00:1]/ is a reserved address (not public)'],
    ['http://[::127.0.0.1]/', 'http://[::7f00:1]/ is a reserved address (not public)'],
    ['http://[::8.8.8.8]/', 'http://[::808:808]/ is a reserved address (not public)'],
    ['http://[::2]/', 'http://[::2]/ is a reserved address (not public)'],
    ['http://[::ffff:0:10.0.0.1]/', 'http://[::ffff:0:a00:1]/ is a reserved address (rfc6145)'],
    ['http://[64:ff9b::127.0.0.1]/', 'http://[64:ff9b::7f00:1]/ is a reserved address (reserved)'],
    ['http://[64:ff9b:1::8.8.8.8]/', 'http://[64:ff9b:1::808:808]/ is a reserved address (rfc6052)'],
    ['http://[2002:7f00:1::]/', 'http://[2002:7f00:1::]/ is a reserved address (reserved)'],
    ['http://[2001::1]/', 'http://[2001::1]/ is a reserved address (teredo)'],
    ['http://[2001:db8::1]/', 'http://[2001:db8::1]/ is a reserved address (reserved)'],
    ['http://[fec0::1]/', 'http://[fec0::1]/ is a reserved address (deprecatedSiteLocal)'],
    ['http://[fd00:ec2::254]/', 'http://[fd00:ec2::254]/ is a private address'],
    ['http://[100::1]/', 'http://[100::1]/ is a reserved address (discard)'],
    ['http://[4000::1]/', 'http://[4000::1]/ is a reserved address (not public)'],
    ['http://[5f00::1]/', 'http://[5f00::1]/ is a reserved address (segmentRouting)'],
    ['http://168.63.129.16/', 'http://168.63.129.16/ is an address of a cloud for machines of its own'],
    ['http://[::ffff:168.63.129.16]/', 'http://[::ffff:a83f:8110]/ is an address of a cloud for machines of its own'],
    ['http://100.100.100.200/', 'http://100.100.100.200/ is a carrier-grade NAT address'],
    ['http://192.0.0.192/', 'http://192.0.0.192/ is a reserved address (reserved)'],
    ['http://198.18.0.1/', 'http://198.18.0.1/ is a reserved address (reserved)'],
    ['http://240.0.0.1/', 'http://240.0.0.1/ is a reserved address (reserved)'],
    ['http://0.1.2.3/', 'http://0.1.2.3/ is the unspecified address'],
    ['http://10.1/', 'http://10.0.0.1/ is a private address'],
    ['http://012.0.0.1/', 'http://10.0.0.1/ is a private address'],
    ['http://10.0.0.1./', 'http://10.0.0.1/ is a private address'],
    ['http://１０.0.0.1/', 'http://10.0.0.1/ is a private address'],
  ])('refuses %s', (url, what) => {
    expect(messageFor(url)).toBe(`${what}; ${setting}`);
    expect(messageFor(url, false)).toBeUndefined();
  });

  it.each([
    'http://127.0.0.1:8000/mcp',
    'http://127.9.9.9/',
    'http://[::1]:8000/',
    'http://[::ffff:127.0.0.1]/',
    'https://8.8.8.8/',
    'http://localhost/',
    'https://plugins.example/mcp',
  ])('allows %s', (url) => expect(messageFor(url)).toBeUndefined());

  it.each([
    ['ftp://plugins.example/mcp', "ftp://plugins.example has the scheme 'ftp'; expected http or https"],
    [
      'http://me:secret@plugins.example/mcp',
      'the URL of plugins.example carries a user name or password; take them out, URLs end up in logs',
    ],
    [
      'http://me@127.0.0.1/',
      'the URL of 127.0.0.1 carries a user name or password; take them out, URLs end up in logs',
    ],
    ['127.0.0.1:8000', "'127.0.0.1:8000' is not a URL; expected something like http://127.0.0.1:8000/mcp"],
    [
      'http://me:pa/ss@host name/mcp',
      "'http://…@host name/mcp' is not a URL; expected something like http://127.0.0.1:8000/mcp",
    ],
    [
      'http://host:80000/mcp?token=secret',
      "'http://host:80000/mcp…' is not a URL; expected something like http://127.0.0.1:8000/mcp",
    ],
    [
      'http://host:80000/mcp#secret',
      "'http://host:80000/mcp…' is not a URL; expected something like http://127.0.0.1:8000/mcp",
    ],
    [
      'http://me:p@ss@host:80000/mcp?q=1',
      "'http://…@host:80000/mcp…' is not a URL; expected something like http://127.0.0.1:8000/mcp",
    ],
    [
      'http://host:80000/mcp?token=s3@cret',
      "'http://…' is not a URL; expected something like http://127.0.0.1:8000/mcp",
    ],
    ['http://me:pa?ss@host:80000/mcp', "'http://…' is not a URL; expected something like http://127.0.0.1:8000/mcp"],
  ])('refuses %s whatever the setting', (url, message) => {
    expect(messageFor(url, true)).toBe(message);
    expect(messageFor(url, false)).toBe(message);
  });

  test.prop([fc.ipV4()])('treats an IPv4 address inside IPv6 as that address', (address) => {
    expect(refusalOf(`::ffff:${address}`)).toBe(refusalOf(address));
  });

  // Whatever will be handed out: what is neither the public internet nor this machine is refused.
  test.prop([fc.ipV6()])('takes of IPv6 only what is public, this machine, or IPv4 in another form', (address) => {
    const first = Number.parseInt(/^[0-9a-f]*/i.exec(address)?.[0] || '0', 16);
    if (refusalOf(address) === undefined) expect([0, 0x64].includes(first) || first >> 13 === 1).toBe(true);
  });

  it('lets private addresses through where they are allowed, and no others', () => {
    const allowed = { ssrfProtection: true, privateAddresses: true };
    for (const host of ['10.0.0.1', '192.168.1.1', '172.18.0.2', '100.64.0.1', '[fd00::1]', '[::ffff:10.0.0.1]']) {
      expect(checkUrl(`http://${host}/mcp`, allowed).pathname).toBe('/mcp');
      expect(messageFor(`http://${host}/mcp`)).toMatch(/is a (private|carrier-grade NAT) address/);
    }
    for (const host of ['169.254.169.254', '0.0.0.0', '[fe80::1]', '224.0.0.1', '168.63.129.16'])
      expect(() => checkUrl(`http://${host}/mcp`, allowed)).toThrowError(/requests go to public addresses/);
  });

  it.each(['', 'x', '10.0.0', 'fe80::1%eth0', '::1%lo', '1.2.3.4.5', '[::1'])(
    'refuses what a resolver answers and is no public address: %j',
    (address) => expect(refusalOf(address)).toBeDefined(),
  );

  it('is checked when the transport is created', () => {
    expect(() => httpTransport('http://10.0.0.1/mcp')).toThrowError(/^http:\/\/10\.0\.0\.1\/mcp is a private address/);
  });
});

describe('names', () => {
  /** Answers as a name server would that points at other addresses each time. Real DNS cannot be made to do that here. */
  function resolver(...answers: readonly LookupAddress[][]): LookupFunction {
    let asked = 0;
    return (_host, _options, callback) => callback(null, answers[Math.min(asked++, answers.length - 1)] ?? []);
  }

  const lookup = (guard: LookupFunction, all = true): Promise<unknown> =>
    new Promise((resolve, reject) => {
      guard('plugins.example', { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
    });

  const inside = { address: '10.0.0.7', family: 4 };
  const outside = { address: '93.184.215.14', family: 4 };

  it('are refused when any of their addresses is', async () => {
    const error = await rejection(lookup(guardedLookup(resolver([outside, inside]))));
    expect(error).toMatchObject({
      code: 'ADDRESS_REFUSED',
      message: `plugins.example resolves to 10.0.0.7, which is a private address; ${setting}`,
    });
  });

  it('are checked again on every connection, so that rebinding gains nothing', async () => {
    const guard = guardedLookup(resolver([outside], [inside]));
    expect(await lookup(guard)).toEqual([outside]);
    expect(await rejection(lookup(guard))).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('are checked by every socket of a transport', async () => {
    const server = await startPluginServer({ json: true });
    const here = { address: '127.0.0.1', family: 4 };
    const url = `http://plugins.example:${server.port}/mcp`;
    const transport = httpTransport(url, {
      lookup: resolver([here], [here], [inside]),
      http: { maxKeepaliveConnections: 0 },
    });
    const link = await transport.open(never);
    const errors = await Promise.all(
      Array.from({ length: 3 }, () => call(link, 'echo').catch((error: unknown) => error)),
    );
    expect(errors).toContainEqual(
      expect.objectContaining({
        outcome: 'notSent',
        message: expect.stringContaining('resolves to 10.0.0.7, which is a private address'),
      }),
    );
    expect((await link.closed).error).toMatchObject({ code: 'ADDRESS_REFUSED' });
    await link.close();
    await server.close();
    const unguarded = httpTransport(url, { lookup: resolver([here]), http: { ssrfProtection: false } });
    expect(await rejection(unguarded.open(never))).toMatchObject({ code: 'LINK_LOST' });
  });

  it('may be asked for a single address', async () => {
    expect(await lookup(guardedLookup(resolver([outside])), false)).toBe('93.184.215.14');
  });

  it('that cannot be resolved give a clear error', async () => {
    const error = await rejection(httpTransport('http://no-such-host.invalid/mcp').open(never));
    expect(error).toMatchObject({
      code: 'LINK_LOST',
      message: expect.stringContaining('http://no-such-host.invalid/mcp: the host name cannot be resolved'),
    });
  });
});
