import { afterEach, describe, expect, it } from 'vitest';
import { createHostGuard } from '../../src/serving/http/host-guard.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, post } from '../fixtures/hosting/raw-http.js';

let server: EchoServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(host: string, allowedHosts?: readonly string[]): Promise<string> {
  server = await startEchoServer({
    transport: { kind: 'http', server: { host, port: 0, ...(allowedHosts && { allowedHosts }) } },
  });
  return `http://127.0.0.1:${new URL(server.address.replace(/^(http:\/\/).*(:\d+)/, '$1127.0.0.1$2')).port}/mcp`;
}

describe('on a loopback address, however it is written', () => {
  it.each(['127.0.0.1', 'localhost', 'Localhost', '127.1', '::ffff:127.0.0.1', '0x7f.1', '2130706433'])(
    '%s: others are kept out',
    async (host) => {
      const url = await serve(host);
      const ask = (headers: Record<string, string>) => post(url, initialize, headers);
      expect(await ask({ host: 'evil.example' })).toMatchObject({
        status: 421,
        body: expect.stringContaining('allowed_hosts of server_settings'),
      });
      expect(await ask({ origin: 'http://evil.example' })).toMatchObject({
        status: 403,
        body: expect.stringContaining('allowed_hosts of server_settings'),
      });
      for (const name of [
        'localhost',
        'LOCALHOST:1',
        'localhost.',
        'localhost:',
        '127.0.0.1.:8',
        '[0:0::1]',
        '127.0.0.1:8',
        '127.1',
        '127.9.9.9',
        '[::1]:80',
        host,
      ]) {
        expect([name, (await ask({ host: name.includes('::f') ? `[${name}]` : name })).status]).toEqual([name, 200]);
      }
      expect((await ask({ origin: 'http://localhost:3000' })).status).toBe(200);
    },
  );

  it('names that it is told are its own', async () => {
    const url = await serve('127.0.0.1', ['Guard.example']);
    const ask = (headers: Record<string, string>) => post(url, initialize, headers);
    expect((await ask({ host: 'guard.example:443' })).status).toBe(200);
    expect((await ask({ host: 'guard.example.', origin: 'https://guard.example' })).status).toBe(200);
    expect((await ask({ host: 'localhost' })).status).toBe(200);
    // That a name has passed says nothing of others, nor of pages that use it.
    expect((await ask({ host: 'guard.example' })).status).toBe(200);
    expect((await ask({ host: 'evil.guard.example' })).status).toBe(421);
    expect((await ask({ host: 'guard.example', origin: 'https://evil.example' })).status).toBe(403);
  });
});

it('addresses are the same however they are written', () => {
  const guard = createHostGuard({
    address: 'fd00::5',
    host: 'FD00:0::5',
    allowedHosts: ['::1', '10.0.0.7:80', 'b.example.:8'],
    setting: 'allowed_hosts',
  });
  for (const host of ['[fd00::5]:8000', '[FD00::0:5]', '[::1]', '10.0.0.7', '[::ffff:10.0.0.7]:8', 'B.example:']) {
    expect([host, guard({ host })]).toEqual([host, undefined]);
  }
  for (const host of ['fd00::5:8000', '[fd00::6]', '10.0.0.70', 'example', '[b.example]', '']) {
    expect([host, guard({ host })?.status]).toEqual([host, 421]);
  }
});

describe('on all addresses', () => {
  it.each(['0.0.0.0', '0', '::'])('%s: programs may use any name, web pages only addresses', async (host) => {
    const url = await serve(host);
    const ask = (headers: Record<string, string>) => post(url, initialize, headers);
    expect((await ask({ host: 'guard.example' })).status).toBe(200);
    expect((await ask({ host: '10.1.2.3:80', origin: 'http://10.1.2.3' })).status).toBe(200);
    // A name that is made to point here, which only a page would use.
    expect((await ask({ host: 'evil.example', origin: 'http://evil.example' })).status).toBe(421);
  });

  it('it is known by no other names than those that it is told, if it is told any', async () => {
    const url = await serve('0.0.0.0', ['guard.example']);
    const ask = (headers: Record<string, string>) => post(url, initialize, headers);
    expect((await ask({ host: 'guard.example' })).status).toBe(200);
    expect((await ask({ host: 'guard.example', origin: 'https://guard.example' })).status).toBe(200);
    expect((await ask({ host: 'evil.example' })).status).toBe(421);
  });
});

it.each([
  ['no host', {}],
  ['a host that only begins like ours', { host: 'localhost.evil.example' }],
  ['a host with a user', { host: 'evil.example@localhost' }],
  ['an address that is not of this machine', { host: '10.0.0.1' }],
  ['an origin without a host', { host: 'localhost', origin: 'null' }],
  ['an origin of another kind', { host: 'localhost', origin: 'file://localhost' }],
  ['an origin with a path', { host: 'localhost', origin: 'http://evil.example/http://localhost' }],
])('refuses %s', (_, headers) => {
  expect(
    createHostGuard({ address: '127.0.0.1', host: 'localhost', allowedHosts: [], setting: 'names' })(headers),
  ).toBeDefined();
});
