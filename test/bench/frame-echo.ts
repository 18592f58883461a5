import { connect } from 'node:net';
import type { FrameSizes } from './frame-sizes.js';

/** A client of `server/echo.js` that does as little as one can. */
export interface FrameEcho {
  /** Writes a frame of its own and waits until its answer has come; answers come in order. */
  readonly call: () => Promise<void>;
  close(): void;
}

/** Calls with frames of the sizes that calls of ours have. */
export function frameEcho(path: string, { request, answer }: FrameSizes): FrameEcho {
  const socket = connect({ path });
  const waiting: { readonly call: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
    [];
  const head = Buffer.alloc(4);
  let bytes = 0;
  let call = 0;
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(answer - bytes, chunk.length - at);
      if (bytes < head.length) chunk.copy(head, bytes, at, at + taken);
      bytes += taken;
      at += taken;
      if (bytes < answer) return;
      bytes = 0;
      const first = waiting.shift();
      const answered = head.readUInt32BE();
      if (first?.call === answered) first.resolve();
      else first?.reject(new Error(`the answer to call ${first.call} was that to call ${answered}`));
    }
  });
  return {
    call: () =>
      new Promise((resolve, reject) => {
        const frame = Buffer.allocUnsafe(request);
        frame.writeUInt32BE(request, 0);
        frame.writeUInt32BE(answer, 4);
        frame.writeUInt32BE(++call, 8);
        waiting.push({ call, resolve, reject });
        socket.write(frame);
      }),
    close: () => void socket.destroy(),
  };
}
