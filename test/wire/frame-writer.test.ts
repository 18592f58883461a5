import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FrameWriter } from '../../src/wire/framing/frame-writer.js';
import { framed } from '../fixtures/unix/scripted-server.js';

const frames = Array.from({ length: 10 }, (_, index) => Buffer.alloc(index + 1, index));

/** What is written to a socket, one element for each write. */
function written(): { readonly socket: Socket; readonly writes: Buffer[] } {
  const socket = new Socket();
  const writes: Buffer[] = [];
  vi.spyOn(socket, 'write').mockImplementation((chunk) => writes.push(Buffer.from(chunk)) > 0);
  return { socket, writes };
}

describe('frames of one turn', () => {
  it('are written together when it is over', async () => {
    const { socket, writes } = written();
    const writer = new FrameWriter(socket);
    for (const frame of frames) writer.write(frame, false);
    await Promise.resolve();
    expect(writes).toEqual([]);
    await setImmediate();
    expect(writes).toEqual([Buffer.concat(frames.map(framed))]);
  });

  it('are written at once with one that the other side waits for', async () => {
    const { socket, writes } = written();
    const writer = new FrameWriter(socket);
    for (const [index, frame] of frames.entries()) writer.write(frame, index === 4);
    expect(writes).toEqual([Buffer.concat(frames.slice(0, 5).map(framed))]);
    await setImmediate();
    expect(writes.slice(1)).toEqual([Buffer.concat(frames.slice(5).map(framed))]);
    expect(writer.isDone).toBe(true);
  });
});
