import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createGrpcTransport, type GrpcTransportOptions } from '../../src/transports/grpc/grpc-transport.js';
import { cleanups } from '../fixtures/cleanups.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { eventually, rejection } from '../fixtures/waiting.js';

/** Takes connections and never says a word. */
async function silentServer(where: object): Promise<{ readonly port: number; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.resume();
  }).listen(where);
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, sockets };
}

const tls = { verify: false, checkHostname: false } as const;

it.each(['plain', 'tls', 'uds'] as const)(
  'leaves no connection to a server that says nothing when opening is given up: %s',
  async (kind) => {
    const path = join(folderWith({}), 'silent.sock');
    const { port, sockets } = await silentServer(kind === 'uds' ? { path } : { host: '127.0.0.1', port: 0 });
    const target = `127.0.0.1:${port}`;
    const options: Partial<GrpcTransportOptions> =
      kind === 'uds' ? { uds: path } : { target, ...(kind === 'tls' && { tls }) };
    const transport = createGrpcTransport({ name: 'Silent', ...options });
    // Some are given up on the way to the server.
    for (let attempt = 0; attempt < 20; attempt++) {
      const enough = new AbortController();
      const opening = rejection(transport.open(enough.signal));
      for (let turn = 0; turn < attempt; turn++) await setImmediate();
      enough.abort(new Error('enough'));
      expect(await opening).toBe(enough.signal.reason);
    }
    await delay(100);
    expect(sockets.size).toBe(0);
    for (let attempt = 0; attempt < 3; attempt++) {
      const enough = new AbortController();
      const opening = rejection(transport.open(enough.signal));
      await eventually('it is connected', () => sockets.size === 1);
      enough.abort(new Error('enough'));
      expect(await opening).toBe(enough.signal.reason);
      await eventually('the connection is gone', () => sockets.size === 0);
    }
  },
);
