import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { FrameReader } from '../../src/wire/framing/frame-reader.js';
import { encodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';
import { encodeStruct } from '../../src/wire/protobuf/struct-writer.js';

const kib = 1024;
/** Lengths on both sides of those from which on memory is used in another way. */
const length = fc.constantFrom(0, 1, 100, 4 * kib, 63 * kib, 65 * kib, 130 * kib, 1023 * kib, 1025 * kib);

/** A frame of which every byte says where it is, and whose it is. */
function frameOf(bytes: number, seed: number): Buffer {
  const frame = Buffer.allocUnsafe(4 + bytes);
  frame.writeUInt32BE(bytes);
  for (let at = 0; at < bytes; at++) frame[4 + at] = (at * 31 + seed) & 0xff;
  return frame;
}

describe('frames of several sides', () => {
  test.prop([fc.array(fc.tuple(length, length, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 4 })], {
    numRuns: 40,
  })('are read as they were sent, however they come in pieces between each other', (rounds) => {
    const read: Buffer[][] = [[], []];
    const held = [0, 0];
    const readers = [0, 1].map(
      (side) =>
        new FrameReader(
          (frame) => {
            // The bytes are only lent.
            read[side]?.push(Buffer.from(frame));
            expect(held[side]).toBeLessThanOrEqual(Math.max(64 * kib, 2 * frame.length));
            held[side] = 0;
            return true;
          },
          {
            hold: (bytes) => {
              held[side] = (held[side] ?? 0) + bytes;
              return true;
            },
          },
        ),
    );
    const sent = rounds.map(([one, other], seed) => [frameOf(one, seed), frameOf(other, seed + 100)]);
    const streams = [0, 1].map((side) => Buffer.concat(sent.map((frames) => frames[side] ?? Buffer.alloc(0))));
    const pieces = 1 + rounds.reduce((sum, [, , cuts]) => sum + cuts, 0);
    for (let piece = 0; piece < pieces; piece++) {
      for (const [side, stream] of streams.entries()) {
        const at = (share: number): number => Math.floor((stream.length * share) / pieces);
        readers[side]?.push(stream.subarray(at(piece), at(piece + 1)));
      }
    }
    for (const side of [0, 1]) {
      const frames = sent.map((both) => both[side]?.subarray(4));
      expect(read[side]?.map((frame, index) => frames[index]?.equals(frame))).toEqual(frames.map(() => true));
      expect(readers[side]?.isInFrame).toBe(false);
    }
  });
});

describe('a message with a long text', () => {
  const text = fc
    .tuple(fc.constantFrom(0, 10, 4000, 4096, 5000, 70_000), fc.constantFrom('a', 'é', '🙂'))
    .map(([characters, last]) => 'x'.repeat(characters) + last);

  test.prop([text], { numRuns: 100 })('has the bytes that protobufjs gives it', (message) => {
    const payload = { name: 'echo', args: { message } };
    const request = hookCall(
      { hookName: 'tool_pre_invoke', pluginName: 'Echo', payload, context: { global_context: { request_id: 'r' } } },
      1000,
    );
    const expected = encodeMessage(types.invokeHookRequest, {
      hook_type: 'tool_pre_invoke',
      plugin_name: 'Echo',
      payload: encodeStruct(payload),
      context: { global_context: { request_id: 'r' } },
    });
    expect(Buffer.compare(request.bytes, expected)).toBe(0);
    const result = { modified_payload: payload };
    const answer = encodeHookAnswer({ plugin_name: 'Echo', result, context: { state: { kept: 1 } } });
    const context = { state: encodeStruct({ kept: 1 }) };
    const parts = [encodeStruct(result)];
    const answered = encodeMessage(types.invokeHookResponse, { plugin_name: 'Echo', result: parts, context });
    expect(Buffer.compare(answer, answered)).toBe(0);
  });
});
