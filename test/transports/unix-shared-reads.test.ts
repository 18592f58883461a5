import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { createUnixTransport } from '../../src/transports/unix/unix-transport.js';
import { framed } from '../fixtures/unix/scripted-server.js';

const never = new AbortController().signal;

let folder: string;
let servers: Server[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gc-unix-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(folder, { recursive: true });
});

/** A link, and the other end of its connection. */
async function linked(name: string) {
  const path = join(folder, name);
  const server = createServer().listen(path);
  servers.push(server);
  await once(server, 'listening');
  const [link, [socket]] = await Promise.all([
    createUnixTransport({ path }).open(never),
    once(server, 'connection') as Promise<[Socket]>,
  ]);
  socket.resume();
  return { link, socket };
}

/** Where the bytes of an answer are cut, in thousandths. */
const cuts = fc.array(fc.nat({ max: 1000 }), { maxLength: 4 });
/** Lengths of answers, on both sides of what one read brings. */
const length = fc.constantFrom(1, 100, 5_000, 65_532, 65_536, 200_000);

/** The pieces of an answer, as they come. */
function cut(frame: Buffer, at: readonly number[]): Buffer[] {
  const places = [
    0,
    ...at.map((place) => Math.floor((place * frame.length) / 1000)).sort((a, b) => a - b),
    frame.length,
  ];
  return places.slice(1).map((place, index) => frame.subarray(places[index], place));
}

describe('connections that are read at the same time', () => {
  test.prop([fc.array(fc.tuple(length, cuts), { minLength: 2, maxLength: 5 })], { numRuns: 25 })(
    'hear each its own answer, in whatever pieces they come',
    async (plans) => {
      const ends = await Promise.all(plans.map((_, index) => linked(`${index}`)));
      const answers = plans.map(([bytes], index) => Buffer.alloc(bytes, 97 + index));
      const heard = ends.map(({ link }) => {
        let read = '';
        const call = {
          method: 'InvokeHook' as const,
          bytes: Buffer.alloc(8),
          timeoutMs: 60_000,
          read: (answer: Uint8Array) => {
            read = Buffer.from(answer).toString();
            return { kind: 'noOp' as const };
          },
        };
        return link.request(call, { signal: never }).then(() => read);
      });
      const pieces = plans.map(([, at], index) => cut(framed(answers[index] ?? Buffer.alloc(0)), at));
      for (let turn = 0; turn < 5; turn++) {
        for (const [index, { socket }] of ends.entries()) {
          const piece = pieces[index]?.[turn];
          if (piece !== undefined) socket.write(piece);
        }
        await setImmediate();
      }
      const texts = await Promise.all(heard);
      for (const [index, text] of texts.entries()) expect(text === answers[index]?.toString()).toBe(true);
      for (const { link, socket } of ends) {
        await link.close();
        socket.destroy();
      }
      await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    },
  );
});
