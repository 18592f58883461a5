// The rest of the failures that connections must survive, once more with a gateway between. Not here, because the gateway
// adds nothing to them, or is tested elsewhere:
// 13, rotating tokens: test/downstream/login-store.test.ts, ten calls in each of three processes renew a token once.
// 23, GOAWAY: MCP has nothing of the kind; what HTTP/1.1 has, `connection: close`, is below.
// 26, balancers: cookies, codings and quiet streams are of the transport: test/transports/transport-http-cookies.test.ts,
// transport-http-codings.test.ts, event-stream.test.ts; a replica that does not know the session is 1.
// 27, clients that do not read: test/serving/plugin-server-rude-clients.test.ts, test/gateway/http/slow-clients.test.ts.
import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openFront } from '../../fixtures/gateway/gateway-front.js';
import { folderWith } from '../../fixtures/manager/managers.js';
import { onCall, serve, stream } from '../../fixtures/transports/http-links.js';
import { eventually, rejection, until } from '../../fixtures/waiting.js';

const fixture = { command: process.execPath, args: ['test/fixtures/servers/stdio-plugin-server.mjs'] };
const raw = { command: process.execPath, args: ['test/fixtures/servers/raw-stdio-server.mjs'] };
const silent = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };

it.each<[string, (response: ServerResponse) => void]>([
  ['refused', (response) => response.writeHead(503).end()],
  ['not there any more', (response) => response.writeHead(405).end()],
  ['cut off at once', (response) => response.destroy()],
  ['never answered', () => {}],
])('10, 19: calls go on over a session whose event stream was there, and is %s', async (_, trouble) => {
  let asked = 0;
  const server = await serve({
    intercept: ({ method }, response) => {
      if (method !== 'GET') return false;
      if (asked++ > 0) {
        trouble(response);
        return true;
      }
      response.writeHead(200, stream).write('retry: 20\n\n');
      setTimeout(() => response.end(), 50);
      return true;
    },
  });
  const front = await openFront({ a: { type: 'http', url: server.url } });
  await front.call('a', 'pid');
  await until('the stream is in trouble', () => asked > 1);
  const calls = await Promise.all([1, 2, 3].map(() => front.call('a', 'sleep', { ms: 300 })));
  expect(calls.map(({ code }) => code)).toEqual(['answered', 'answered', 'answered']);
  expect(server.seen.filter(({ message }) => message?.method === 'initialize')).toHaveLength(1);
  expect(front.set.status()[0]).toMatchObject({ restarts: 0 });
});

it('11: a server that hangs hears that an agent gave up, and that its time was over; the others answer meanwhile', async () => {
  const front = await openFront({ a: fixture, b: fixture });
  await Promise.all([front.call('a', 'pid'), front.call('b', 'pid')]);
  const giveUp = new AbortController();
  const sleep = (label: string): object => ({ ms: 60_000, label });
  const given = rejection(front.call('a', 'sleep', sleep('given up'), { signal: giveUp.signal }));
  const late = front.call('a', 'sleep', sleep('late'), { timeoutMs: 3_000 });
  await until('the server works on both', async () => {
    const { asleep } = (await front.call('a', 'cancelled')).given as { asleep: string[] };
    return asleep.length === 2;
  });
  expect(await front.call('b', 'pid')).toMatchObject({ code: 'answered' });
  giveUp.abort();
  await given;
  expect(await late).toMatchObject({ code: 'TIMEOUT', message: 'Tool execution timed out after 3000ms' });
  await until('the server has heard of both', async () => {
    const { cancelled } = (await front.call('a', 'cancelled')).given as { cancelled: string[] };
    return cancelled.toSorted().join() === 'given up,late';
  });
  expect([front.gateway.calls, front.set.status()[0]?.inFlight]).toEqual([0, 0]);
});

const lister = `
import { createInterface } from 'node:readline';
import { readFileSync, writeFileSync } from 'node:fs';
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') say({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'l', version: '1' } } });
  if (method === 'tools/list') say({ id, result: { tools: [{ name: readFileSync(process.env.NAME, 'utf8'), inputSchema: { type: 'object' } }] } });
  if (method === 'tools/call') {
    const { name, ends, tells } = params.arguments;
    if (name !== undefined) writeFileSync(process.env.NAME, name);
    if (ends) process.exit(1);
    if (tells) say({ method: 'notifications/tools/list_changed' });
    say({ id, result: { content: [] } });
  }
}
`;

it('12: a server that never starts holds up neither the others, nor the list of servers, nor a search', async () => {
  const folder = folderWith({ 'server.mjs': lister, name: 'look_up' });
  const env = { NAME: join(folder, 'name') };
  const quick = { command: process.execPath, args: [join(folder, 'server.mjs')], env };
  const front = await openFront({ slow: { ...silent, connectTimeout: 3_000 }, quick });
  const began = performance.now();
  const slow = front.tools('slow');
  const tools = await front.tools('quick');
  const servers = await front.client.callTool({ name: 'list_servers', arguments: {} });
  const called = await front.call('quick', 'look_up');
  const took = performance.now() - began;
  expect(tools).toEqual({ names: ['look_up'], error: null });
  expect(JSON.stringify(servers.content)).toContain('quick');
  expect(called).toMatchObject({ code: 'answered' });
  expect(await slow).toMatchObject({ names: [], error: expect.stringMatching(/^Server unavailable: .*slow/) });
  expect(performance.now() - began).toBeGreaterThan(took);
});

it('14: a list that has changed is shown as it is, also where nobody said so because the server was started again', async () => {
  const folder = folderWith({ 'server.mjs': lister, name: 'first' });
  const env = { NAME: join(folder, 'name') };
  const server = { command: process.execPath, args: [join(folder, 'server.mjs')], env, idleTimeout: 60_000 };
  const front = await openFront({ a: server });
  expect((await front.tools('a')).names).toEqual(['first']);
  await front.call('a', 'x', { name: 'second', tells: true });
  await until('what it told', async () => (await front.tools('a')).names.join() === 'second');
  expect(await front.call('a', 'x', { name: 'third', ends: true })).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await until('what it did not tell', async () => (await front.tools('a')).names.join() === 'third');
});

it('15: the list of a server that sleeps is shown without waking it', async () => {
  const folder = folderWith({ 'server.mjs': lister, name: 'kept' });
  const env = { NAME: join(folder, 'name') };
  const front = await openFront({
    a: { command: process.execPath, args: [join(folder, 'server.mjs')], env, idleTimeout: 200 },
  });
  expect((await front.tools('a')).names).toEqual(['kept']);
  await eventually('it sleeps', () => front.set.status()[0]?.sessionAgeMs === undefined);
  expect((await front.tools('a')).names).toEqual(['kept']);
  expect(front.set.status()[0]).toMatchObject({ sessionAgeMs: undefined });
});

it('16: one long-lived signal for many calls has no listener left', async () => {
  const { set } = await openFront({ a: fixture });
  const { signal } = new AbortController();
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 10 }, () => set.callTool('a', { name: 'pid' }, { signal })));
    await rejection(set.callTool('a', { name: 'sleep', arguments: { ms: 60_000 } }, { signal, timeoutMs: 10 }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  }
});

it('17: error pages that nobody reads do not cost connections', async () => {
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] !== 'page') return false;
      response.writeHead(500, { 'content-type': 'text/html' }).end(`<html>${'x'.repeat(100_000)}`);
      return true;
    }),
  );
  const front = await openFront({ a: { type: 'http', url: server.url } });
  for (let round = 0; round < 20; round++) {
    const refused = await front.call('a', 'page');
    expect(refused).toMatchObject({ code: 'REFUSED_BY_SERVER', message: expect.stringContaining('500') });
    // A page is no answer to give to a model as it is.
    expect(refused.message.length).toBeLessThan(1_000);
    expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
  }
  expect(server.sockets.size).toBeLessThanOrEqual(3);
});

it('18: stray lines are read past, a flood of them ends the link, and the next call is answered', async () => {
  const front = await openFront({ a: { ...fixture, env: { STRAY_LINES: '20' } } });
  expect(await front.call('a', 'print', { text: '{ half', lines: 5 })).toMatchObject({ code: 'answered' });
  expect(await front.call('a', 'print', { text: 'noise', lines: 500 })).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
});

it.each([
  ['no JSON', '<<<>>>', 'application/json'],
  ['half an event', 'event: message\ndata: {"jsonrpc":"2.0","id"', 'text/event-stream'],
  ['the answer to another question', '{"jsonrpc":"2.0","id":99999,"result":{}}', 'application/json'],
])('18: over HTTP %s is no answer, and told at once', async (_, body, type) => {
  let executed = 0;
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] !== 'odd') return false;
      executed++;
      response.writeHead(200, { 'content-type': type }).end(body);
      return true;
    }),
  );
  const front = await openFront({ a: { type: 'http', url: server.url } });
  expect(await front.call('a', 'odd')).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
  expect(executed).toBe(1);
});

it('20: a message of 17 MiB, either way, is one failed call, and those beside it are answered by the same process', async () => {
  const front = await openFront({ a: fixture });
  const { pid } = (await front.call('a', 'pid')).given;
  const beside = [1, 2, 3].map(() => front.call('a', 'sleep', { ms: 500 }));
  expect(await front.call('a', 'large', { bytes: 17 * 1024 * 1024 })).toMatchObject({ code: 'TOO_LARGE' });
  // Over HTTP the gateway refuses it before it is a call.
  await front.call('a', 'echo', { text: 'x'.repeat(17 * 1024 * 1024) }).catch(() => undefined);
  expect((await Promise.all(beside)).map(({ code }) => code)).toEqual(['answered', 'answered', 'answered']);
  expect((await front.call('a', 'pid')).given).toEqual({ pid });
});

it.each([
  ['the id null', '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session terminated"}}'],
  ['no id', '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"}}'],
  ['the id as a string', '{"jsonrpc":"2.0","id":"$ID","error":{"code":-32001,"message":"Session not found"}}'],
  ['our id', '{"jsonrpc":"2.0","id":$ID,"error":{"code":-32001,"message":"Session not found"}}'],
])(
  '21, 22: an error with %s is told long before the deadline, its words end no session, and nothing is called twice',
  async (_, line) => {
    const front = await openFront({ a: { ...raw, replay: 'once' } });
    // Until something was answered, what cannot be matched may be about the notification that was sent first.
    await front.set.callTool('a', { name: 'echo', arguments: {} });
    const began = performance.now();
    const told = await front.call('a', 'raw', { label: 'odd', lines: [line] }, { timeoutMs: 60_000 });
    expect(told.code).toMatch(/^(REFUSED_BY_SERVER|OUTCOME_UNKNOWN)$/);
    expect(performance.now() - began).toBeLessThan(15_000);
    const stats = await front.set.callTool('a', { name: 'stats', arguments: {} });
    expect(stats).toMatchObject({ executed: { odd: 1 } });
    expect(front.set.status()[0]).toMatchObject({ restarts: 0 });
  },
);

it('23: a server that ends its connections gracefully after each answer is one that works', async () => {
  const server = await serve({
    intercept: (_seen, response) => {
      response.shouldKeepAlive = false;
      return false;
    },
  });
  const front = await openFront({ a: { type: 'http', url: server.url } });
  for (let call = 0; call < 10; call++) expect(await front.call('a', 'pid')).toMatchObject({ code: 'answered' });
  expect(server.seen.filter(({ message }) => message?.method === 'initialize')).toHaveLength(1);
  expect(front.set.status()[0]).toMatchObject({ restarts: 0, attempts: expect.any(Number), lastError: undefined });
});

it('28: an answer in chunks of one byte is an answer', async () => {
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] !== 'drip') return false;
      const content = [{ type: 'text', text: 'y'.repeat(300) }];
      const bytes = [...Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content } }))];
      response.writeHead(200, { 'content-type': 'application/json' });
      const next = (): void => {
        const byte = bytes.shift();
        if (byte === undefined) response.end();
        else response.write(Buffer.from([byte]), () => setImmediate(next));
      };
      next();
      return true;
    }),
  );
  const front = await openFront({ a: { type: 'http', url: server.url } });
  expect(await front.call('a', 'drip')).toMatchObject({ code: 'answered', content: [{ text: 'y'.repeat(300) }] });
});
