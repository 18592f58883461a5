import { Server, ServerCredentials } from '@grpc/grpc-js';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { createGrpcTransport } from '../../src/transports/grpc/grpc-transport.js';
import { asBytes } from '../../src/wire/protobuf/as-bytes.js';
import type { PluginCall } from '../../src/wire/protobuf/plugin-messages.js';
import { TestConnections } from '../fixtures/unix/unix-plugin.js';

let connections = new TestConnections();
let server: Server | undefined;

afterEach(async () => {
  await connections.close();
  connections = new TestConnections();
  server?.forceShutdown();
  server = undefined;
  const sockets = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
  await vi.waitFor(() => expect(sockets()).toEqual([]), { interval: 5 });
});

/** A server that says goodbye to each connection after `ageMs`; it answers as late as the first byte says, in 100 ms. */
async function serve(ageMs: number): Promise<{ target: string; executed: () => number }> {
  let executed = 0;
  server = new Server({ 'grpc.max_connection_age_ms': ageMs, 'grpc.max_connection_age_grace_ms': 60_000 });
  const path = '/mcpgateway.plugins.PluginService/InvokeHook';
  const bytes = {
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  };
  server.addService(
    { invoke: { path, requestStream: false, responseStream: false, ...bytes } },
    {
      invoke: (call: { request: Buffer }, callback: (error: null, answer: Buffer) => void) => {
        executed++;
        setTimeout(() => callback(null, call.request), (call.request[0] ?? 0) * 100);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server?.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { target: `127.0.0.1:${port}`, executed: () => executed };
}

function callOf(tenths: number): PluginCall {
  const bytes = Uint8Array.of(tenths);
  return { method: 'InvokeHook', bytes, timeoutMs: 60_000, read: () => ({ kind: 'noOp' }) };
}

it('a call that takes longer than its connection may is answered, at its own time', async () => {
  const { target, executed } = await serve(1_000);
  const connection = connections.connect(createGrpcTransport({ name: 'Aging', target }));
  const long = connection.request(callOf(130), { timeoutMs: 60_000, replay: 'never' });
  await expect(long).resolves.toEqual({ kind: 'noOp' });
  expect(executed()).toBe(1);
  await connection.close();
}, 30_000);

it('a server that ends its connections gracefully costs no call and no attempt', async () => {
  const { target, executed } = await serve(300);
  // No link gets old enough for its attempts to be forgotten.
  const settings = { reconnectAttempts: 3, reconnectDelayMs: 1_000, stablePeriodMs: 5_000 };
  const connection = connections.connect(createGrpcTransport({ name: 'Aging', target }), settings);
  const states = new Set<string>();
  const attempts = new Set<number>();
  const calls: Promise<unknown>[] = [];
  const until = performance.now() + 5_000;
  while (performance.now() < until) {
    // Some outlive several connections.
    for (const tenths of [0, 1, 12]) {
      calls.push(connection.request(callOf(tenths), { timeoutMs: 10_000, replay: 'never' }));
    }
    await delay(5);
    const { state, attempt } = connection.status();
    states.add(state.split('.')[0] ?? '');
    attempts.add(attempt);
  }
  await Promise.all(calls);
  expect(executed()).toBe(calls.length);
  expect(states).not.toContain('failed');
  expect(Math.max(...attempts)).toBeLessThanOrEqual(1);
  await connection.close();
}, 20_000);

it('a close ends the links that still carry calls, and cuts those off', async () => {
  const { target } = await serve(300);
  const connection = connections.connect(createGrpcTransport({ name: 'Aging', target }));
  const long = connection.request(callOf(100), { timeoutMs: 60_000, replay: 'once' });
  const cutOff = expect(long).rejects.toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN' });
  await delay(1_000);
  await connection.close();
  await cutOff;
});
