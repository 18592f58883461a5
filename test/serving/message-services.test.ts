import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import type { Endpoint } from '../../src/serving/endpoint.js';
import { openGrpcServer } from '../../src/serving/grpc/grpc-server.js';
import type { FrameRefusal, FrameService, RpcService } from '../../src/serving/message-service.js';
import { openUnixServer } from '../../src/serving/unix/unix-server.js';
import { silentLogger } from '../../src/observability/logger.js';
import { systemClock } from '../../src/time/clock.js';
import { deferred } from '../../src/time/deferred.js';
import { RawClient } from '../fixtures/unix/raw-client.js';

const folder = mkdtempSync(join(tmpdir(), 'gc-messages-'));
const limits = { maxCalls: 2, maxSessionCalls: 2, maxHeldBytes: 1 << 20, maxMessageBytes: 64 };
const names = { server: 'echo server', client: 'an echo client', request: 'an echo request' };
const around = { names, limits, logger: silentLogger, clock: systemClock };
const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const refuse = (refusal: FrameRefusal): Uint8Array => Buffer.from(`no: ${refusal.kind}`);

/** Says in capitals what it is told, waits at `wait` until it may go, and takes nothing that begins with a question mark. */
function shouting(go: Promise<void> = Promise.resolve()): FrameService {
  return {
    read: (frame) => {
      const said = text(frame);
      if (said.startsWith('?')) return undefined;
      const answer = async (): Promise<Uint8Array> => {
        if (said === 'wait') await go;
        if (said === 'fail') throw new Error('no voice');
        return Buffer.from(said.toUpperCase());
      };
      return { answer, refuse: (refusal) => Buffer.from(`${said}: ${refusal.kind}`) };
    },
    refuse,
  };
}

it('anything that reads and answers frames is served on a Unix socket, with its limits and in order', async () => {
  const path = join(folder, 's');
  const go = deferred();
  const server: Endpoint = await openUnixServer({ path }, { service: shouting(go.promise), ...around });
  closes.push(() => server.close());
  const client = await RawClient.open(path);
  closes.push(() => client.socket.destroy());

  client.send(...['wait', 'hello', 'third', '?', 'x'.repeat(65)].map((said) => Buffer.from(said)));
  await vi.waitFor(() => expect(client.socket.bytesWritten).toBe(4 * 5 + 4 + 5 + 5 + 1 + 65));
  go.resolve();
  await vi.waitFor(() => expect(client.answers).toHaveLength(5));
  expect(client.answers.map(text)).toEqual(['WAIT', 'HELLO', 'third: busy', 'no: unknown', 'no: tooLarge']);

  client.send(Buffer.from('fail'));
  await vi.waitFor(() => expect(client.answers.map(text).at(-1)).toBe('fail: failed'));
});

it('anything with methods that read and answer messages is served over gRPC, with its health', async () => {
  const service: RpcService = {
    names: ['test.Echo', 'test.v2.Echo'],
    methods: {
      Shout: (bytes) => {
        const request = shouting().read(bytes);
        if (request === undefined) throw new Error('it is a question');
        return request;
      },
    },
    healthNames: ['test.Pulse'],
  };
  const server = await openGrpcServer(
    { server: { host: '127.0.0.1', port: 0, uds: join(folder, 'g') } },
    { service, ...around },
  );
  closes.push(() => server.close());
  const client = new Client(`unix://${join(folder, 'g')}`, credentials.createInsecure());
  closes.push(() => client.close());
  const pass = (bytes: Buffer): Buffer => bytes;
  const ask = (path: string, bytes: Buffer): Promise<string | ServiceError> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(path, pass, pass, bytes, new Metadata(), (error, answer) =>
        resolve(error ?? text(answer ?? Buffer.alloc(0))),
      );
    });

  expect(await ask('/test.Echo/Shout', Buffer.from('hello'))).toBe('HELLO');
  expect(await ask('/test.v2.Echo/Shout', Buffer.from('hello'))).toBe('HELLO');
  expect(await ask('/test.Echo/Shout', Buffer.from('?'))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: 'it is a question',
  });
  expect(await ask('/test.Echo/Whisper', Buffer.from('hello'))).toMatchObject({ code: status.UNIMPLEMENTED });
  const serving = '\u0008\u0001';
  expect(await ask('/test.Pulse/Check', Buffer.alloc(0))).toBe(serving);
  expect(await ask('/grpc.health.v1.Health/Check', Buffer.from('\n\u0009test.Echo'))).toBe(serving);
  expect(await ask('/grpc.health.v1.Health/Check', Buffer.from('\n\u0004none'))).toMatchObject({
    code: status.NOT_FOUND,
  });
});
