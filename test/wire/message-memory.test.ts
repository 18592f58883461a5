import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnixTransport } from '../../src/transports/unix/unix-transport.js';
import { framed, giveBack } from '../../src/wire/framing/message-memory.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import type { PluginCall } from '../../src/wire/protobuf/plugin-messages.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';
import { framed as copied } from '../fixtures/unix/scripted-server.js';

const kib = 1024;

function callWith(message: string): PluginCall {
  const context = { global_context: { request_id: 'r' }, state: {}, metadata: {} };
  return hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload: { args: { message } }, context }, 1000);
}

/** From here on nothing is free but what is given back. */
function useSpareMemory(): void {
  for (let call = 0; call < 2; call++) callWith('a'.repeat(700 * kib));
}

/** Lengths on both sides of those from which on memory is used in another way. */
const length = fc.constantFrom(0, 3900, 4 * kib, 5 * kib, 63 * kib, 65 * kib, 500 * kib, 1023 * kib, 1025 * kib);

describe('messages on their way', () => {
  test.prop([fc.array(fc.tuple(length, fc.nat({ max: 3 })), { maxLength: 12 })], { numRuns: 100 })(
    'stay what they are, whatever is written after them and given back before',
    (steps) => {
      const waiting: { readonly bytes: Uint8Array; readonly copy: Buffer }[] = [];
      for (const [index, [characters, place]] of steps.entries()) {
        const { bytes } = callWith(String.fromCharCode(97 + index).repeat(characters));
        waiting.push({ bytes, copy: Buffer.from(bytes) });
        for (const { bytes: early, copy } of waiting) {
          expect(copy.equals(early)).toBe(true);
          expect(framed(early)?.equals(copied(copy)) ?? true).toBe(true);
        }
        const [answered] = place < waiting.length ? waiting.splice(place, 1) : [];
        if (answered !== undefined) giveBack(answered.bytes);
      }
    },
  );

  it('are written where the last one was, once nobody looks at that', () => {
    useSpareMemory();
    const first = callWith('a'.repeat(900 * kib)).bytes;
    useSpareMemory();
    giveBack(first);
    expect(callWith('b'.repeat(900 * kib)).bytes.buffer === first.buffer).toBe(true);
  });

  it('are not written where something else is', () => {
    useSpareMemory();
    const others = Buffer.alloc(900 * kib, 'a');
    giveBack(others);
    callWith('b'.repeat(700 * kib));
    expect(others.includes('b')).toBe(false);
  });
});

describe('a server that answers what it has not read', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gc-memory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is not sent the bytes of another request', async () => {
    const path = join(folder, 's');
    const sockets: Socket[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket)).listen(path);
    await once(server, 'listening');
    const never = new AbortController().signal;
    const link = await createUnixTransport({ path }).open(never);
    useSpareMemory();
    const call = callWith('a'.repeat(900 * kib));
    const sent = copied(call.bytes);
    useSpareMemory();
    const answer = link.request(call, { signal: never });
    await vi.waitFor(() => expect(sockets.length).toBe(1));
    sockets[0]?.write(copied(encodeHookAnswer({ plugin_name: 'Echo', result: { continue_processing: true } })));
    expect(await answer).toMatchObject({ kind: 'hook' });

    callWith('b'.repeat(900 * kib));
    const received: Buffer[] = [];
    sockets[0]?.on('data', (chunk) => received.push(chunk)).resume();
    await vi.waitFor(() => expect(Buffer.concat(received).length).toBe(sent.length));
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    await link.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
