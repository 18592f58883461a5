import { expect, it } from 'vitest';
import { open, serve } from '../fixtures/transports/http-links.js';
import type { Seen } from '../fixtures/servers/http-plugin-server.mjs';
import { call } from '../fixtures/transports/transports.js';
import { eventually } from '../fixtures/waiting.js';

/** A server that sets these cookies with its first answer, and others, by name of the tool, with later ones. */
async function serveWithCookies(set: string[], later: Readonly<Record<string, string[]>> = {}) {
  return serve({
    intercept: ({ message }, response) => {
      if (message?.method === 'initialize') response.setHeader('set-cookie', set);
      const more = later[String(message?.params?.['name'])];
      if (more !== undefined) response.setHeader('set-cookie', more);
      return false;
    },
  });
}

const cookieOf = ({ seen }: { seen: readonly Seen[] }): string | undefined => seen.at(-1)?.headers.cookie;

it('the cookie of a balancer comes back with every request of the session, and not with another session', async () => {
  const server = await serveWithCookies(['lb=node-7; Path=/; HttpOnly']);
  const link = await open(server.url);
  await eventually('the event stream', () => server.count('GET') === 1);
  await call(link, 'echo');
  await link.close();
  const [first, ...others] = server.seen;
  expect(first?.headers.cookie).toBeUndefined();
  expect(new Set(others.map(({ method, headers }) => `${method} ${headers.cookie}`))).toEqual(
    new Set(['POST lb=node-7', 'GET lb=node-7', 'DELETE lb=node-7']),
  );
  await open(server.url);
  expect(server.seen.find(({ message }, at) => at > 2 && message?.method === 'initialize')?.headers.cookie).toBe(
    undefined,
  );
});

it.each([
  ['expired', ['a=1; Max-Age=0'], undefined],
  ['expired long ago', ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], undefined],
  ['for another path', ['a=1; Path=/other'], undefined],
  ['for our path', ['a=1; Path=/mcp'], 'a=1'],
  ['for another domain', ['a=1; Domain=example.com'], undefined],
  ['for no domain in particular', ['a=1'], 'a=1'],
  ['several', ['a=1', 'b=2; Path=/'], 'a=1; b=2'],
  ['garbage', ['=;;;', ';'], undefined],
  ['far too long', [`a=${'x'.repeat(10_000)}`, 'b=2'], 'b=2'],
])('cookies are given back where they are meant for: %s', async (_what, set, expected) => {
  const server = await serveWithCookies(set);
  const link = await open(server.url);
  await call(link, 'echo');
  const given = cookieOf(server);
  expect(given?.split('; ').toSorted().join('; ')).toBe(expected);
});

it('a cookie that is set anew, or taken back, is', async () => {
  const server = await serveWithCookies(['a=1; Path=/'], { echo: ['a=2; Path=/'], pid: ['a=; Path=/; Max-Age=0'] });
  const link = await open(server.url);
  await call(link, 'echo');
  await call(link, 'cancelled');
  expect(cookieOf(server)).toBe('a=2');
  await call(link, 'pid');
  await call(link, 'cancelled');
  expect(cookieOf(server)).toBeUndefined();
});

it('no more cookies are kept than a server needs', async () => {
  const server = await serveWithCookies(Array.from({ length: 200 }, (_, nth) => `c${nth}=1`));
  const link = await open(server.url);
  await call(link, 'echo');
  expect(cookieOf(server)?.split('; ')).toHaveLength(50);
});
