import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameReader } from '../../src/wire/framing/frame-reader.js';
import type { PluginAnswer, PluginCall } from '../../src/wire/protobuf/plugin-messages.js';
import { type Link, LinkError } from '../../src/transports/transport.js';
import { createUnixTransport, type UnixTransportOptions } from '../../src/transports/unix/unix-transport.js';
import { protocolErrors, framed, ScriptedServer, unreadable } from '../fixtures/unix/scripted-server.js';

let folder: string;
let path: string;
let server: ScriptedServer;

async function open(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'gc-unix-'));
  path = join(folder, 's');
  server = new ScriptedServer();
  await server.listen(path);
}

async function shut(): Promise<void> {
  await server.close();
  await rm(folder, { recursive: true });
}

const pipes = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;
const never = new AbortController().signal;
const connect = (options: Partial<UnixTransportOptions> = {}) => createUnixTransport({ path, ...options }).open(never);

/** A call whose answer must say the same as its request. */
function callOf(text: string): PluginCall {
  return {
    method: 'InvokeHook',
    bytes: Buffer.from(text),
    timeoutMs: 1000,
    read: (bytes) => {
      if (unreadable.equals(bytes)) throw new Error('that is no answer');
      return { kind: 'hook', document: { said: Buffer.from(bytes).toString() } };
    },
  };
}

/** Two calls that hold up whatever comes behind them, each on a connection of its own. */
async function occupyTwo(link: Link<PluginCall, PluginAnswer>): Promise<[Tracked, Tracked]> {
  const first = send(link, 'first');
  await vi.waitFor(() => expect(server.received).toHaveLength(1));
  const second = send(link, 'second');
  await vi.waitFor(() => expect(server.received).toHaveLength(2));
  expect(server.clients).toBe(2);
  return [first, second];
}

interface Tracked {
  readonly text: string;
  readonly controller: AbortController;
  readonly settled: Promise<PluginAnswer | 'given up' | LinkError['outcome']>;
}

function send(link: Link<PluginCall, PluginAnswer>, text: string): Tracked {
  const controller = new AbortController();
  const settled = link.request(callOf(text), { signal: controller.signal }).catch((error: unknown) => {
    if (error instanceof LinkError) return error.outcome;
    expect(error).toEqual(new Error('given up'));
    return 'given up' as const;
  });
  return { text, controller, settled };
}

const giveUp = ({ controller }: Tracked): void => controller.abort(new Error('given up'));
const said = (text: string): PluginAnswer => ({ kind: 'hook', document: { said: text } });

/** Lets what was written arrive, so many times over. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), size: fc.nat({ max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('give up' as const), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      which: fc.nat(),
      count: fc.nat({ max: 8 }),
      cuts: fc.array(fc.nat(), { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hang up' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('protocol error' as const),
      protocolError: fc.constantFrom(...protocolErrors),
      which: fc.nat(),
      position: fc.nat({ max: 8 }),
      cuts: fc.array(fc.nat(), { maxLength: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 3 }) }) },
);

test.prop(
  [
    fc.array(step, { minLength: 5, maxLength: 60 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 6 }),
    fc.constantFrom(0, 1, 1000),
  ],
  { numRuns: 300 },
)(
  'no answer reaches another request, every request settles, what was not sent did not arrive, and a connection that cannot be read on answers no more',
  async (steps, connections, maxInFlight, slowMs) => {
    const options = { connections, maxInFlight, slowMs, maxMessageBytes: 600 };
    await open();
    try {
      let link = await connect(options);
      let lost = false;
      const watch = (): void => {
        lost = false;
        void link.closed.then(() => {
          lost = true;
        });
      };
      watch();
      const requests: Tracked[] = [];
      for (const [index, action] of steps.entries()) {
        if (lost) {
          await link.close();
          link = await connect(options);
          watch();
        }
        if (action.kind === 'send') requests.push(send(link, `${index}:${'x'.repeat(action.size)}`));
        else if (action.kind === 'give up' && requests.length > 0) giveUp(requests[action.which % requests.length]!);
        else if (action.kind === 'answer') await server.answer(action.which, action.count, action.cuts);
        else if (action.kind === 'hang up') server.hangUp(action.which);
        else if (action.kind === 'wait') await turns(action.turns);
        else if (action.kind === 'protocol error') {
          const { protocolError, which, position, cuts } = action;
          // A request that crosses an unasked answer would be answered by it: nothing tells the two apart.
          await turns(5);
          await server.misbehave(protocolError, which, position, cuts);
          await turns(5);
        }
      }
      server.heal();
      const outcomes = await Promise.all(requests.map(({ settled }) => settled));
      const [received, behind] = [server.received.map(String), server.behind.map(String)];
      for (const [index, { text }] of requests.entries()) {
        const outcome = outcomes[index];
        if (typeof outcome === 'object') expect(outcome).toEqual(said(text));
        if (outcome === 'notSent') expect(received).not.toContain(text);
        if (behind.includes(text)) expect(['cutOff', 'given up']).toContain(outcome);
      }
      await link.close();
      await vi.waitFor(() => expect(server.clients).toBe(0), { interval: 1 });
    } finally {
      await shut();
    }
  },
  60_000,
);

describe('a link to a Unix socket', () => {
  beforeEach(open);
  afterEach(shut);

  it('answers the requests before one that was given up, and cuts off those behind it', async () => {
    const link = await connect({ connections: 1 });
    const [first, second, third] = ['first', 'second', 'third'].map((text) => send(link, text));
    await vi.waitFor(() => expect(server.received).toHaveLength(3));
    giveUp(second!);
    expect(await second!.settled).toBe('given up');
    expect(await third!.settled).toBe('cutOff');
    await server.answer(0, 3, []);
    expect(await first!.settled).toEqual(said('first'));
    // The connection that had an answer to lose is gone; another one took its place.
    await vi.waitFor(() => expect(server.clients).toBe(1));
    server.heal();
    expect(await send(link, 'fourth').settled).toEqual(said('fourth'));
    await link.close();
  });

  it('stays open when a request is given up that was not sent yet', async () => {
    const link = await connect({ maxInFlight: 1, connections: 1 });
    const first = send(link, 'first');
    const second = send(link, 'second');
    giveUp(second);
    expect(await second.settled).toBe('given up');
    server.heal();
    expect(await first.settled).toEqual(said('first'));
    expect(server.received.map(String)).toEqual(['first']);
    expect(server.clients).toBe(1);
    await link.close();
  });

  it('ends when it cannot replace a connection that a given-up request has cost', async () => {
    const link = await connect();
    const first = send(link, 'first');
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    await rm(path);
    giveUp(first);
    expect(await link.closed).toMatchObject({ error: { code: 'LINK_LOST' } });
    expect(await send(link, 'second').settled).toBe('notSent');
    await link.close();
  });

  it('goes on when the server closes a connection that owes nothing, and replaces it when it is needed', async () => {
    const link = await connect({ connections: 2 });
    const [first, second] = await occupyTwo(link);
    await server.answer(1, 1, []);
    expect(await second.settled).toEqual(said('second'));
    const before = pipes();
    server.hangUp(1);
    // Both ends are gone, ours too.
    await vi.waitFor(() => expect(pipes()).toBe(before - 2));
    expect(server.clients).toBe(1);
    const third = send(link, 'third');
    await vi.waitFor(() => expect(server.received).toHaveLength(3));
    expect(server.clients).toBe(2);
    server.heal();
    expect(await first.settled).toEqual(said('first'));
    expect(await third.settled).toEqual(said('third'));
    await link.close();
  });

  it('goes on with the connections it has while one cannot be replaced', async () => {
    const link = await connect({ connections: 2 });
    const [first, second] = await occupyTwo(link);
    await rename(path, `${path}.away`);
    giveUp(second);
    await vi.waitFor(() => expect(server.clients).toBe(1));
    // No other connection can be had: it goes behind the first.
    const third = send(link, 'third');
    await vi.waitFor(() => expect(server.received).toHaveLength(3));
    expect(server.clients).toBe(1);
    await rename(`${path}.away`, path);
    await delay(1100);
    const fourth = send(link, 'fourth');
    await vi.waitFor(() => expect(server.clients).toBe(2));
    server.heal();
    expect(await first.settled).toEqual(said('first'));
    expect(await third.settled).toEqual(said('third'));
    expect(await fourth.settled).toEqual(said('fourth'));
    await link.close();
  });

  it('takes no more requests when a connection is lost that owes answers, and gives those that others owe', async () => {
    const link = await connect({ connections: 2 });
    const [first, second] = await occupyTwo(link);
    server.hangUp(1);
    expect(await second.settled).toBe('cutOff');
    await link.retiring;
    expect(await send(link, 'third').settled).toBe('notSent');
    server.heal();
    expect(await first.settled).toEqual(said('first'));
    expect(await link.closed).toMatchObject({ error: { message: 'the other side closed the connection' } });
    await vi.waitFor(() => expect(server.clients).toBe(0));
    expect(server.received).toHaveLength(2);
    await link.close();
  });

  it('ends the connections that still owe answers when it is closed', async () => {
    const link = await connect({ connections: 2 });
    const [first, second] = await occupyTwo(link);
    server.hangUp(1);
    expect(await second.settled).toBe('cutOff');
    await link.close();
    expect(await first.settled).toBe('cutOff');
    await vi.waitFor(() => expect(server.clients).toBe(0));
  });

  it('ends with its last connection', async () => {
    const link = await connect({ connections: 2 });
    const calls = await occupyTwo(link);
    await server.answer(0, 1, []);
    await server.answer(1, 1, []);
    await Promise.all(calls.map(({ settled }) => settled));
    server.hangUp(1);
    server.hangUp(0);
    expect(await link.closed).toMatchObject({ error: { message: 'the other side closed the connection' } });
    await link.close();
  });

  it('has no more requests in flight than allowed, and spreads them over its connections', async () => {
    const link = await connect({ connections: 2, maxInFlight: 3 });
    const requests = Array.from({ length: 10 }, (_, index) => send(link, `${index}`));
    await vi.waitFor(() => expect(server.received).toHaveLength(6));
    await delay(20);
    expect(server.received).toHaveLength(6);
    expect(server.clients).toBe(2);
    server.heal();
    expect(await Promise.all(requests.map(({ settled }) => settled))).toEqual(requests.map(({ text }) => said(text)));
    await link.close();
  });

  it('carries more than the buffers of its sockets hold', async () => {
    const link = await connect({ maxInFlight: 1000 });
    const large = 'x'.repeat(64 * 1024);
    const requests = Array.from({ length: 200 }, (_, index) => send(link, `${index}${large}`));
    server.heal();
    const outcomes = await Promise.all(requests.map(({ settled }) => settled));
    expect(outcomes).toEqual(requests.map(({ text }) => said(text)));
    await link.close();
  });

  it('tells what became of requests when it is closed', async () => {
    const link = await connect({ connections: 1, maxInFlight: 1 });
    const [sent, waiting] = [send(link, 'sent'), send(link, 'waiting')];
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    await link.close();
    expect(await sent.settled).toBe('cutOff');
    expect(await waiting.settled).toBe('notSent');
    expect(await link.closed).toEqual({});
  });

  it.each([
    [
      'an answer that nobody asked for',
      framed(Buffer.from('hello')),
      'The server sent an answer that nobody had asked for',
    ],
    [
      'the length of a web page',
      Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'A frame claims to have 1213486160 bytes',
    ],
  ])('ends on %s', async (_name, bytes, message) => {
    const link = await connect();
    await vi.waitFor(() => expect(server.clients).toBe(1));
    server.send(0, bytes);
    expect(await link.closed).toMatchObject({
      error: { code: 'PROTOCOL_ERROR', message: expect.stringContaining(message) },
    });
    await link.close();
  });

  it.each([
    ['is whole', framed(Buffer.from('unasked'))],
    ['has begun', framed(Buffer.from('unasked')).subarray(0, 6)],
    ['is a part of a length', framed(Buffer.from('unasked')).subarray(0, 1)],
  ])('takes what came in one piece with an answer, and %s, for no answer to a later request', async (_name, more) => {
    const link = await connect({ connections: 1, maxInFlight: 1 });
    const [first, second] = [send(link, 'first'), send(link, 'second')];
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    server.send(0, Buffer.concat([framed(Buffer.from('first')), more]));
    expect(await first.settled).toEqual(said('first'));
    expect(await second.settled).toBe('notSent');
    expect(await link.closed).toMatchObject({ error: { code: 'PROTOCOL_ERROR' } });
    expect(server.received).toHaveLength(1);
    await link.close();
  });

  it('takes an answer that cannot be read for that of one call, and sends nothing more on its connection', async () => {
    const link = await connect({ connections: 1 });
    const [first, second, third] = ['first', 'second', 'third'].map((text) => send(link, text));
    await vi.waitFor(() => expect(server.received).toHaveLength(3));
    server.send(0, Buffer.concat(['first', unreadable, 'third'].map((text) => framed(Buffer.from(text)))));
    expect(await first!.settled).toEqual(said('first'));
    expect(await second!.settled).toBe('refused');
    expect(await third!.settled).toEqual(said('third'));
    const fourth = send(link, 'fourth');
    await vi.waitFor(() => expect(server.received).toHaveLength(4));
    expect(server.clients).toBe(1);
    server.send(0, framed(Buffer.from('fourth')));
    expect(await fourth.settled).toEqual(said('fourth'));
    await link.close();
  });

  it('lets an answer that nobody asked for cost its own connection alone', async () => {
    const link = await connect({ connections: 2 });
    const [first, second] = await occupyTwo(link);
    await server.answer(1, 1, []);
    await second.settled;
    server.send(1, framed(Buffer.from('unasked')));
    await vi.waitFor(() => expect(server.clients).toBe(1));
    server.heal();
    expect(await first.settled).toEqual(said('first'));
    expect(await send(link, 'third').settled).toEqual(said('third'));
    await link.close();
  });

  it.each([1, 7, 65_536])('reads past an answer that is too large, in pieces of %d bytes', async (pieceBytes) => {
    const link = await connect({ connections: 1, maxMessageBytes: 1000 });
    const large = framed(Buffer.alloc(20_000, 'x'));
    const pending = link.request(callOf('first'), { signal: never }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    const second = send(link, 'second');
    for (let at = 0; at < large.length; at += pieceBytes) server.send(0, large.subarray(at, at + pieceBytes));
    expect(await pending).toMatchObject({
      outcome: 'refused',
      message: 'the answer has 20000 bytes, a message may have 1000; it was read past',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    await vi.waitFor(() => expect(server.received).toHaveLength(2));
    server.send(0, framed(Buffer.from('second')));
    expect(await second.settled).toEqual(said('second'));
    expect(server.clients).toBe(1);
    await link.close();
  });

  it('reads past an answer of 20 MiB and holds nothing of it', async () => {
    const link = await connect({ connections: 1 });
    const pending = link.request(callOf('first'), { signal: never }).catch((error: unknown) => error);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(20 << 20);
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    server.send(0, header);
    const piece = Buffer.alloc(1 << 20);
    for (let count = 0; count < 20; count++) server.send(0, piece);
    expect(await pending).toMatchObject({ cause: { code: 'MESSAGE_TOO_LARGE' } });
    const second = send(link, 'second');
    await vi.waitFor(() => expect(server.received).toHaveLength(2));
    server.send(0, framed(Buffer.from('second')));
    expect(await second.settled).toEqual(said('second'));
    await link.close();
  });

  it('does not send a request that is too large', async () => {
    const link = await connect({ maxMessageBytes: 1000 });
    server.heal();
    const large = link.request(callOf('x'.repeat(1001)), { signal: never }).catch((error: unknown) => error);
    expect(await large).toMatchObject({ outcome: 'refused', cause: { code: 'MESSAGE_TOO_LARGE' } });
    expect(await send(link, 'y'.repeat(1000)).settled).toEqual(said('y'.repeat(1000)));
    expect(server.received).toHaveLength(1);
    await link.close();
  });

  it('holds about as many bytes as came of a frame that comes byte by byte', () => {
    const reader = new FrameReader(() => true);
    const held = (): number => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = held();
    const header = Buffer.alloc(4);
    header.writeUInt32BE(16 << 20);
    for (const byte of header) reader.push(Buffer.from([byte]));
    for (let count = 0; count < 1 << 21; count++) reader.push(Buffer.alloc(1));
    expect(reader.isInFrame).toBe(true);
    expect(held() - before).toBeLessThan(40 << 20);
  });

  it('sets no memory aside for a frame that only claims to be long', async () => {
    const link = await connect();
    await vi.waitFor(() => expect(server.clients).toBe(1));
    const request = send(link, 'first');
    const before = process.memoryUsage().arrayBuffers;
    const header = Buffer.alloc(4);
    header.writeUInt32BE(16 * 1024 * 1024);
    server.send(0, header);
    await delay(50);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
    await link.close();
    expect(await request.settled).toBe('cutOff');
  });
});
