import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tokenLifeMs } from '../../../src/inspect/live/serve/admission.js';
import { systemClock } from '../../../src/time/clock.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { keyIn, ServedSource } from '../../fixtures/inspect/served-source.js';

const served = (options?: ConstructorParameters<typeof SampleSource>[0]): Promise<ServedSource> =>
  ServedSource.start(new SampleSource(options));

describe('who calls the inspector by another name', () => {
  it.each([
    ['evil.example', 'DNS that was made to point here'],
    ['127.0.0.1', 'no port'],
    ['127.0.0.1:1', 'another port'],
    ['[::1]:PORT', 'an address that is not bound'],
    ['localhost.evil.example:PORT', 'a name that begins alike'],
    ['0x7f.1:PORT', 'another way to write it'],
  ])('is turned away with Host %s (%s), and is told nothing', async (name) => {
    const one = await served();
    const host = name.replace('PORT', `${one.server.port}`);
    for (const path of ['/', '/feed', '/session', '/nothing']) {
      const reply = await one.ask(path, { headers: { host } });
      expect([reply.status, reply.body, reply.headers['content-type']]).toEqual([403, '', undefined]);
    }
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://localhost:PORT', 'https://127.0.0.1:PORT'])(
    'is turned away with Origin %s, though the key is right',
    async (origin) => {
      const one = await served();
      const key = await one.key();
      const headers = { origin: origin.replace('PORT', `${one.server.port}`) };
      for (const path of ['/', '/next?actor=connection:github'])
        expect(await one.ask(path, { key, headers })).toMatchObject({ status: 403, body: '' });
      expect(await one.post('/session', { token: one.token() }, { headers })).toMatchObject({ status: 403, body: '' });
    },
  );

  it('is let in from the same origin, and by the name localhost', async () => {
    const one = await served();
    const key = await one.key();
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST']) {
      const host = `${name}:${one.server.port}`;
      const reply = await one.ask('/next?actor=connection:github', {
        key,
        headers: { host, origin: `http://${host}` },
      });
      expect(reply.status).toBe(200);
    }
  });

  it('is turned away if a header of two values leaves open which is meant', async () => {
    const { server } = await served();
    const { port } = server;
    const text = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\n\r\n`;
    expect(await rawReply(port, text)).toMatch(/^HTTP\/1\.1 40[03] /);
    const origins = `Origin: http://127.0.0.1:${port}\r\nOrigin: http://evil.example`;
    expect(await rawReply(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${origins}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 403 /,
    );
    expect(await rawReply(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('a one-time token', () => {
  it('is swapped for a key once', async () => {
    const one = await served();
    const token = one.token();
    const reply = await one.post('/session', { token });
    expect(reply.status).toBe(200);
    expect((await one.ask('/next?actor=connection:github', { key: keyIn(reply.body) })).status).toBe(200);
    const again = await one.post('/session', { token });
    expect(again.status).toBe(401);
    expect(again.body).toContain('have the process print another one');
  });

  it('has 128 bits, and each address has its own', async () => {
    const one = await served();
    const tokens = [one.token(), one.token()];
    expect(tokens.map((token) => Buffer.from(token, 'base64url').length)).toEqual([16, 16]);
    expect(tokens[0]).not.toBe(tokens[1]);
    for (const token of tokens) expect((await one.post('/session', { token })).status).toBe(200);
  });

  it('is good for five minutes', async () => {
    let passed = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + passed };
    const one = await ServedSource.start(new SampleSource(), { clock });
    const [first, second] = [one.token(), one.token()];
    passed = tokenLifeMs - 1_000;
    expect((await one.post('/session', { token: first })).status).toBe(200);
    passed = tokenLifeMs;
    expect((await one.post('/session', { token: second })).status).toBe(401);
  });

  it('of somebody else is none', async () => {
    const [one, other] = [await served(), await served()];
    expect((await one.post('/session', { token: other.token() })).status).toBe(401);
  });

  it('counts among those that wait: the oldest makes room', async () => {
    const one = await served();
    const first = one.token();
    for (let n = 0; n < 16; n++) one.token();
    expect((await one.post('/session', { token: first })).status).toBe(401);
  });
});

describe('who has no key', () => {
  const paths = ['/feed', '/next?actor=connection:github', '/invocation?id=1', '/charts/connection.json'];

  it.each(paths)('is not told %s', async (path) => {
    const one = await served({ control: true });
    const key = await one.key();
    const token = one.token();
    const others = [
      {},
      { authorization: 'Bearer ' },
      { authorization: `Basic ${key}` },
      { authorization: `Bearer ${token}` },
    ];
    for (const headers of [...others, { authorization: `Bearer ${key}x` }, { cookie: `key=${key}` }]) {
      const reply = await one.ask(path, { headers });
      expect([reply.status, reply.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    }
  });

  it('does not get in by a key in the URL', async () => {
    const one = await served();
    const key = await one.key();
    for (const path of [`/feed?key=${key}`, `/feed?access_token=${key}`, `/feed?t=${one.token()}`])
      expect((await one.ask(path)).status).toBe(401);
    expect((await one.ask(`/feed?key=${key}`, { key })).status).toBe(400);
  });

  it('controls nothing', async () => {
    const one = await served({ control: true });
    expect((await one.post('/control', { do: 'reload' })).status).toBe(401);
    expect(one.source.controlled).toEqual([]);
  });
});

describe('what is asked', () => {
  it('is bounded: bodies, headers and URLs', async () => {
    const one = await served({ control: true });
    const key = await one.key();
    const tooMuch = { token: 'x'.repeat(4 * 1024) };
    expect((await one.post('/session', tooMuch)).status).toBe(413);
    const chunked = { headers: { 'transfer-encoding': 'chunked' } };
    expect((await one.post('/session', tooMuch, chunked)).status).toBe(413);
    expect((await one.ask(`/next?actor=${'x'.repeat(3_000)}`, { key })).status).toBe(414);
    expect((await one.ask('/', { headers: { 'x-much': 'x'.repeat(9_000) } })).status).toBe(431);
  });

  it('is JSON that is understood, or is refused', async () => {
    const one = await served({ control: true });
    const key = await one.key();
    const type = { 'content-type': 'text/plain' };
    expect((await one.post('/control', { do: 'reload' }, { key, headers: type })).status).toBe(415);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await one.ask('/session', { method: 'POST', headers: form, body: 'token=1' })).status).toBe(415);
    const json = { 'content-type': 'application/json' };
    const bad = await one.ask('/session', { method: 'POST', headers: json, body: '{"token": secret' });
    expect([bad.status, bad.body]).toEqual([400, '{"error":"the body is not JSON"}']);
    for (const request of [
      { do: 'explode' },
      { do: 'reload', force: true },
      { do: 'retry', actor: 'connection:github' },
      { do: 'retry', actor: '', expect: 'x' },
      { do: 'setMode', plugin: 'P', mode: 7, expect: 'x' },
      [],
      null,
    ])
      expect((await one.post('/control', request, { key })).status).toBe(400);
    expect(one.source.controlled).toEqual([]);
  });

  it('is taken ten times a second, of each by itself', async () => {
    let now = 0;
    const clock = { ...systemClock, now: () => now };
    const one = await ServedSource.start(new SampleSource({ control: true }), { clock });
    const [first, second] = [await one.key(), await one.key()];
    const reload = (key: string) => one.post('/control', { do: 'reload' }, { key });
    for (let n = 0; n < 10; n++) expect((await reload(first)).status).toBe(200);
    const refused = await reload(first);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect((await reload(second)).status).toBe(200);
    now += 100;
    expect([(await reload(first)).status, (await reload(first)).status]).toEqual([200, 429]);
    expect(one.source.controlled).toHaveLength(12);
  });

  it('has to come whole in time', async () => {
    const { server } = await served();
    const started = performance.now();
    const text = `POST /session HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`;
    const reply = await rawReply(server.port, text);
    expect(reply).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('has to be a path and a method that there are', async () => {
    const one = await served();
    const key = await one.key();
    for (const path of ['/nothing', '/feed/', '/FEED', '/control', '/step?seq=1', '/charts/a/b.json'])
      expect((await one.ask(path, { key })).status, path).toBe(404);
    for (const [path, allow] of [
      ['/', 'GET'],
      ['/feed', 'GET'],
      ['/session', 'POST'],
    ] as const) {
      for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD', allow === 'GET' ? 'POST' : 'GET']) {
        const { status, headers } = await one.ask(path, { key, method });
        expect([status, headers.allow, headers['access-control-allow-origin']]).toEqual([405, allow, undefined]);
      }
    }
    for (const path of ['/charts/..%2f..%2fpackage.json', '/charts/%2e%2e.json', '/charts/nothing.json'])
      expect((await one.ask(path, { key })).status, path).toBe(404);
  });
});

describe('what is answered', () => {
  const always = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };

  it('is the page, without data, whose policy names the bytes that it has', async () => {
    const one = await served();
    const { status, headers, body } = await one.ask('/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ ...always, 'content-type': 'text/html; charset=utf-8' });
    const hash = (tag: string): string => {
      const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(body)?.[1] ?? '';
      expect(content).not.toBe('');
      return `sha256-${createHash('sha256').update(content).digest('base64')}`;
    };
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src '${hash('script')}'; style-src '${hash('style')}'; connect-src 'self'; ` +
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(body.match(/<script|<style/g)).toHaveLength(2);
    expect(body).not.toMatch(/support-gateway|github|41207/);
  });

  it('never says who else may read it, and is never taken for markup', async () => {
    const one = await served();
    const key = await one.key();
    for (const path of ['/', '/next?actor=connection:github', '/nothing', '/next?actor=<script>']) {
      const { headers } = await one.ask(path, { key });
      expect(headers).toMatchObject(always);
      const cors = Object.keys(headers).filter((name) => name.startsWith('access-control'));
      expect([cors, headers['set-cookie']]).toEqual([[], undefined]);
      if (path !== '/') expect(headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });
});

/** What the inspector answers to bytes as they are, until it ends the socket or has answered. */
function rawReply(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let reply = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
    cleanups.push(() => Promise.resolve(void socket.destroy()));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      reply += chunk;
      resolve(reply);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(reply));
  });
}
