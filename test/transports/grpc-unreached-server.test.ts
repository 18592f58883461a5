import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { createGrpcTransport } from '../../src/transports/grpc/grpc-transport.js';
import { cleanups } from '../fixtures/cleanups.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { startNode } from '../fixtures/processes/processes.js';
import { never } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

const listening = `
const [port, host] = process.argv.slice(1);
const server = require('node:net').createServer();
server.listen({ port: Number(port), host, backlog: 1 }, () => process.send(server.address().port));
`;

/**
 * A port whose queue of connections is full: the kernel drops whatever else knocks, as a firewall does.
 *
 * @returns the port, when connections to it neither succeed nor fail
 */
async function fullServer(host: string, port = 0): Promise<number> {
  const child = spawn(process.execPath, ['-e', listening, String(port), host], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  const fillers: Socket[] = [];
  cleanups.push(async () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
    await ended;
  });
  const [taken] = await once(child, 'message');
  child.kill('SIGSTOP');
  for (;;) {
    const filler = connect(taken, host).on('error', () => {});
    fillers.push(filler);
    if ((await Promise.race([once(filler, 'connect'), delay(300, 'dropped')])) === 'dropped') break;
  }
  const dropped = fillers.pop();
  if (dropped !== undefined) await once(dropped.destroy(), 'close');
  return taken;
}

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /^(TCPSocketWrap|TCPConnectWrap|TLSWrap)$/.test(kind)).length;

const tls = { verify: false, checkHostname: false } as const;

it.each(['plain', 'tls', 'dns'] as const)(
  'leaves no connection on its way to a server that nothing reaches when opening is given up: %s',
  async (kind) => {
    const warned = vi.fn();
    process.on('warning', warned);
    const port = await fullServer('127.0.0.1');
    const before = sockets();
    const target = kind === 'dns' ? `dns:///127.0.0.1:${port}` : `127.0.0.1:${port}`;
    const transport = createGrpcTransport({ name: 'Unreached', target, ...(kind === 'tls' && { tls }) });
    for (let attempt = 0; attempt < 20; attempt++) {
      const enough = new AbortController();
      const opening = rejection(transport.open(enough.signal));
      for (let turn = 0; turn < attempt; turn++) await setImmediate();
      enough.abort(new Error('enough'));
      expect(await opening).toBe(enough.signal.reason);
    }
    await delay(100);
    expect(sockets()).toBe(before);
    const enough = new AbortController();
    const opening = rejection(transport.open(enough.signal));
    await eventually('it is on its way', () => sockets() > before);
    enough.abort(new Error('enough'));
    expect(await opening).toBe(enough.signal.reason);
    await eventually('it is gone', () => sockets() === before);
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  },
);

it('leaves none to the other addresses of a server when the link to one of them is closed', async () => {
  const server = await startEchoServer({ transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } } });
  cleanups.push(() => server.close());
  const port = Number(server.address.split(':').at(-1));
  const unreached = Array.from({ length: 6 }, (_, index) => `127.0.0.${index + 2}`);
  await Promise.all(unreached.map((host) => fullServer(host, port)));
  const silent = createServer((socket) => void socket.on('error', () => {}).resume()).listen(port, '127.0.1.1');
  await once(silent, 'listening');
  cleanups.push(async () => void silent.close());
  const found = [...unreached, '127.0.1.1', '127.0.0.1'].map((address) => ({ address, family: 4 }));
  const lookup = vi.spyOn(dns.promises, 'lookup').mockImplementation(async () => found as never);
  cleanups.push(async () => lookup.mockRestore());
  const warned = vi.fn();
  process.on('warning', warned);
  const before = sockets();
  const link = await createGrpcTransport({ name: 'Echo', target: `many.example:${port}` }).open(never);
  await link.ping?.(never);
  expect(sockets()).toBeGreaterThan(before + unreached.length);
  await link.close();
  await eventually('all are gone', () => sockets() === before);
  process.off('warning', warned);
  expect(warned).not.toHaveBeenCalled();
});

it('keeps no process that has closed its manager while it starts', async () => {
  const port = await fullServer('127.0.0.1');
  const folder = folderWith({
    'main.mjs': `
import { createManager } from 'gatechart';
const plugins = [{ name: 'Far', kind: 'external', hooks: ['tool_pre_invoke'], grpc: { target: '127.0.0.1:${port}' } }];
await createManager({ config: { plugins }, startTimeoutMs: 500 }).catch((error) => console.log(error.code));
`,
  });
  const { child, ended } = startNode([join(folder, 'main.mjs')]);
  const late = delay(8_000, 'late', { ref: false });
  expect(await Promise.race([ended, late])).toMatchObject({ code: 0, stdout: 'PLUGIN_LOAD_FAILED\n' });
  expect(child.exitCode).toBe(0);
});
