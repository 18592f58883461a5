import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.js';
import type { PluginAnswer, PluginCall } from '../../src/wire/protobuf/plugin-messages.js';
import type { Link } from '../../src/transports/transport.js';
import { createUnixTransport, type UnixTransportOptions } from '../../src/transports/unix/unix-transport.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { BusyServer, taking } from '../fixtures/unix/busy-server.js';
import { ScriptedServer } from '../fixtures/unix/scripted-server.js';
import { cleanups } from '../fixtures/cleanups.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gc-unix-'));
  path = join(folder, 's');
});
afterEach(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;
const connect = (options: Partial<UnixTransportOptions> = {}) => createUnixTransport({ path, ...options }).open(never);

/** A call whose answer must say the same as its request. */
function callOf(bytes: Uint8Array): PluginCall {
  const text = Buffer.from(bytes).toString();
  return {
    method: 'InvokeHook',
    bytes,
    timeoutMs: 60_000,
    read: (answer) => {
      expect(Buffer.from(answer).toString()).toBe(text);
      return { kind: 'noOp' };
    },
  };
}

type UnixLink = Link<PluginCall, PluginAnswer>;
const request = (link: UnixLink, bytes: Uint8Array) => link.request(callOf(bytes), { signal: never });

/** Milliseconds that a call takes. */
async function timed(link: UnixLink, bytes: Uint8Array): Promise<number> {
  const before = performance.now();
  await request(link, bytes);
  return performance.now() - before;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Calls one after the other until `isOver`, `workers` at a time; gives the times they took. */
async function keepCalling(link: UnixLink, workers: number, isOver: () => boolean): Promise<number[]> {
  const times: number[] = [];
  const worker = async (): Promise<void> => {
    while (!isOver()) times.push(await timed(link, taking(0)));
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return times;
}

describe('connections to a busy server', () => {
  let server: BusyServer;
  let link: UnixLink;
  beforeEach(async () => {
    server = new BusyServer();
    await server.listen(path);
  });
  afterEach(async () => {
    await link.close();
    await vi.waitFor(() => expect(server.clients).toBe(0));
    await server.close();
  });

  it('are one as long as no call is made while another is in flight', async () => {
    link = await connect();
    for (let count = 0; count < 50; count++) await request(link, taking(0));
    expect(server.opened).toBe(1);
  });

  it('are two as long as answers come soon', async () => {
    // What the machine is busy with beside may hold up an answer for longer than the default allows.
    link = await connect({ slowMs: 1000 });
    const until = performance.now() + 500;
    const times = await keepCalling(link, 64, () => performance.now() > until);
    expect(times.length).toBeGreaterThan(1000);
    expect(server.opened).toBe(2);
  });

  it.each([1, 2])(
    'let others go on when a call proves slow that was made while they were in flight, and %i were',
    async (workers) => {
      link = await connect({ slowMs: 1000 });
      let isOver = false;
      const calling = keepCalling(link, workers, () => isOver);
      await delay(100);
      const slow = timed(link, taking(300));
      const beside = keepCalling(link, 1, () => isOver);
      await slow;
      isOver = true;
      const times = [...(await calling), ...(await beside)];
      // Half of those in flight may be behind the slow one, and are answered after it.
      expect(times.filter((ms) => ms > 250).length).toBeLessThanOrEqual(Math.ceil((workers + 1) / 2));
    },
  );

  it('let no call wait for a slow one that was sent before it', async () => {
    link = await connect();
    const slow = timed(link, taking(400));
    await delay(50);
    const until = performance.now() + 200;
    const times = await keepCalling(link, 1, () => performance.now() > until);
    expect(times.length).toBeGreaterThan(20);
    expect(median(times)).toBeLessThan(20);
    expect(await slow).toBeGreaterThan(390);
  });

  it('are opened for calls that come in the same turn as a slow one', async () => {
    link = await connect();
    const slow = timed(link, taking(500));
    const times = await Promise.all(Array.from({ length: 20 }, () => timed(link, taking(0))));
    expect(Math.max(...times)).toBeLessThan(250);
    await slow;
  });

  it('let a slow call that always runs cost the fast ones beside it next to nothing', async () => {
    link = await connect();
    let isOver = false;
    const slow = (async () => {
      for (let count = 0; count < 5; count++) await request(link, taking(200));
      isOver = true;
    })();
    const times = await keepCalling(link, 16, () => isOver);
    await slow;
    expect(median(times)).toBeLessThan(50);
  });

  it('are so many and no more, and then carry what is held up one behind the other', async () => {
    link = await connect({ connections: 3 });
    const times = await Promise.all(Array.from({ length: 30 }, () => timed(link, taking(100))));
    expect(server.opened).toBe(3);
    // The server works on all of them at a time.
    expect(Math.max(...times)).toBeLessThan(450);
  });

  it('carry calls that all take their time side by side, as one connection would', async () => {
    link = await connect();
    const until = performance.now() + 600;
    const times: number[] = [];
    const worker = async (): Promise<void> => {
      while (performance.now() < until) times.push(await timed(link, taking(15)));
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    expect(median(times)).toBeLessThan(60);
    expect(times.length).toBeGreaterThan(500);
  });

  it('are not opened for one answer that was late', async () => {
    link = await connect({ slowMs: 20 });
    await Promise.all([request(link, taking(60)), ...Array.from({ length: 63 }, () => request(link, taking(0)))]);
    expect(server.opened).toBe(2);
  });

  it('are given up when they are not used, but for one', async () => {
    link = await connect({ idleMs: 60 });
    await Promise.all(Array.from({ length: 4 }, () => request(link, taking(30))));
    expect(server.clients).toBeGreaterThan(1);
    await vi.waitFor(() => expect(server.clients).toBe(1));
    await delay(150);
    expect(server.clients).toBe(1);
    await request(link, taking(0));
    expect(server.opened).toBeLessThanOrEqual(4);
  });

  it('stay as they are when no more can be opened; calls go behind a slow one then', async () => {
    link = await connect();
    await rename(path, `${path}.away`);
    const slow = timed(link, taking(150));
    await delay(20);
    expect(await timed(link, taking(0))).toBeLessThan(1000);
    await slow;
    expect(server.opened).toBe(1);
    await rename(`${path}.away`, path);
  });

  it('bring no warnings of Node, however many there are', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    link = await connect({ connections: 64, slowMs: 1 });
    await Promise.all(Array.from({ length: 500 }, () => request(link, taking(40))));
    expect(server.opened).toBe(64);
    await delay(10);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

it('a plugin that takes its time for one call is quick for the others, as a configuration has it by default', async () => {
  const server = await startEchoServer({ transport: { kind: 'unix', path } });
  cleanups.push(() => server.close());
  const config = { plugins: [{ name: 'Echo', kind: 'external', unix_socket: { path } }] };
  const manager = await start({ config });
  await callTool(manager, 'hello');
  const over = new AbortController();
  const slow = callTool(manager, 'short').then(() => over.abort());
  const times: number[] = [];
  while (!over.signal.aborted) {
    const before = performance.now();
    await callTool(manager, 'hello');
    times.push(performance.now() - before);
  }
  await slow;
  expect(times.length).toBeGreaterThan(5);
  expect(median(times)).toBeLessThan(50);
  await manager.close();
});

describe('a request', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(), count: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12 }) }) },
  );

  test.prop([fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 1, max: 4 })], { numRuns: 150 })(
    'is never sent behind one that is slow while another connection is free or can be opened',
    async (steps, connections) => {
      const clock = new ManualClock();
      const server = new ScriptedServer({ clock, slowMs: 5, connections });
      const at = `${path}-${Math.random()}`;
      await server.listen(at);
      const link = await createUnixTransport({ path: at, connections, slowMs: 5, idleMs: 50, clock }).open(never);
      const settled: Promise<PluginAnswer>[] = [];
      const settle = async (): Promise<void> => {
        for (let turn = 0; turn < 12; turn++) await setImmediate();
      };
      for (const [index, action] of steps.entries()) {
        if (action.kind === 'send') settled.push(request(link, Buffer.from(`${index}`)));
        else if (action.kind === 'answer') await server.answer(action.which, action.count, []);
        else clock.advance(action.ms);
        await settle();
      }
      server.heal();
      for (let round = 0; round < 20; round++) {
        clock.advance(10);
        await settle();
      }
      await Promise.all(settled);
      expect(server.sentBehindSlow).toEqual([]);
      expect(server.mostClients).toBeLessThanOrEqual(connections);
      await link.close();
      await server.close();
      expect(clock.size).toBe(0);
    },
    60_000,
  );
});
