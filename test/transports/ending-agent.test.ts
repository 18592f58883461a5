import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { EndingAgent } from '../../src/transports/http/ending-agent.js';
import { cleanups } from '../fixtures/cleanups.js';
import { fullPort } from '../fixtures/transports/full-port.js';
import { eventually, rejection } from '../fixtures/waiting.js';

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => void sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const held = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /^(TCP|TLS|ConnectWrap|Timeout|GetAddrInfo)/.test(kind)).length;

const never: LookupFunction = () => {};
const late: LookupFunction = (_name, _options, found) =>
  void setTimeout(() => found(null, [{ address: '127.0.0.1', family: 4 }]), 50);
const silent = () => createServer((socket) => void socket.resume());
const half = () => createHttpServer((_request, response) => void response.writeHead(200).write('half of it'));

const waits: readonly [what: string, urlOf: () => Promise<string>, lookup?: LookupFunction][] = [
  ['a name that is being looked up', async () => 'http://nowhere.test/', never],
  ['a name that is found while it ends', async () => `http://nowhere.test:${await portOf(silent())}/`, late],
  ['a connection that is being made', async () => `http://127.0.0.1:${await fullPort()}/`],
  ['a TLS handshake', async () => `https://127.0.0.1:${await portOf(silent())}/`],
  ['the head of an answer', async () => `http://127.0.0.1:${await portOf(silent())}/`],
  ['the rest of an answer', async () => `http://127.0.0.1:${await portOf(half())}/`],
];

test.each(waits)('a request that waits for %s ends at once when its agent does', async (_what, urlOf, lookup) => {
  const url = new URL(await urlOf());
  const before = held();
  const agent = new EndingAgent({ lookup });
  const asked = rejection(agent.request(url, {}).then(({ body }) => body.text()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const began = performance.now();
  const reason = new Error('it is over');
  await Promise.all([agent.end(reason), agent.end(new Error('again'))]);
  expect(await asked).toBe(reason);
  expect(performance.now() - began).toBeLessThan(1_000);
  await eventually('nothing is left of it', () => held() <= before);
});

test.each(waits)('a request that waits for %s rejects at once when it is aborted', async (_what, urlOf, lookup) => {
  const url = new URL(await urlOf());
  const agent = new EndingAgent({ lookup });
  cleanups.push(() => agent.end(new Error('the test is over')));
  const { signal, abort } = abortable();
  const asked = rejection(agent.request(url, { signal }).then(({ body }) => body.text()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const began = performance.now();
  const reason = new Error('nobody waits any more');
  abort(reason);
  expect(await asked).toBe(reason);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('a request that was aborted before is not sent', async () => {
  let connections = 0;
  const port = await portOf(silent().on('connection', () => connections++));
  const agent = new EndingAgent();
  const reason = new Error('nobody waits');
  expect(
    await rejection(agent.request(new URL(`http://127.0.0.1:${port}/`), { signal: AbortSignal.abort(reason) })),
  ).toBe(reason);
  await agent.end(reason);
  expect(connections).toBe(0);
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
