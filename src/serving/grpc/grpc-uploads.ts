import { constants, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { type ServerInterceptor, ServerInterceptingCall, status } from '@grpc/grpc-js';
import type { Share } from '../fair-share.js';

export interface GrpcUploadsDependencies {
  /** What a connection may hold, by its name in the library. */
  readonly shareOf: (peer: string) => Share;
  /** What a client is told whose request is not taken. */
  readonly refusal: () => string;
}

/** What the library keeps of each piece of a request beside its bytes. */
const pieceBytes = 256;

/**
 * Counts requests while they come: the library keeps them in the pieces they come in, as many as a connection has streams,
 * and as large as they are when they are decompressed. Once they have come, their calls count them.
 */
export function countUploads({ shareOf, refusal }: GrpcUploadsDependencies): ServerInterceptor {
  return (_method, call) => {
    const stream = streamOf(call);
    if (stream === undefined) return new ServerInterceptingCall(call);
    const upload = new Upload(shareOf(call.getPeer()));
    const hold = (bytes: number): boolean => {
      if (upload.hold(bytes)) return true;
      call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details: refusal() });
      // What has come of it is let go of with the stream.
      stream.close(constants.NGHTTP2_NO_ERROR);
      return false;
    };
    const end = (): void => upload.end();
    stream.on('data', (piece: Buffer) => void (upload.phase === 'coming' && hold(piece.length + pieceBytes)));
    // Before the library runs the call.
    stream.prependOnceListener('end', end);
    stream.once('close', end);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMessage: (message: Buffer, take: (message: Buffer) => void) => {
            upload.give();
            // A request of many pieces is put together after the last one.
            if (upload.phase === 'come' || hold(message.length)) take(message);
          },
        }),
    });
  };
}

/** A request on its way: it comes, has come whole (or its stream is gone), or was not taken. */
class Upload {
  readonly #share: Share;
  #heldBytes = 0;
  #phase: 'coming' | 'come' | 'refused' = 'coming';

  constructor(share: Share) {
    this.#share = share;
  }

  get phase(): 'coming' | 'come' | 'refused' {
    return this.#phase;
  }

  /** Takes bytes; where they cannot be had, the request is refused. */
  hold(bytes: number): boolean {
    if (this.#phase === 'coming' && this.#share.take(bytes) === undefined) {
      this.#heldBytes += bytes;
      return true;
    }
    this.#phase = 'refused';
    this.give();
    return false;
  }

  give(): void {
    // What a connection held that is gone was given back already.
    this.#share.give(Math.min(this.#heldBytes, this.#share.held));
    this.#heldBytes = 0;
  }

  end(): void {
    if (this.#phase === 'coming') this.#phase = 'come';
    this.give();
  }
}

/** The library has no public way to ask for it. Without it requests count from when they have come. */
function streamOf(call: object): ServerHttp2Stream | undefined {
  const stream: unknown = 'stream' in call ? call.stream : undefined;
  return isStream(stream) ? stream : undefined;
}

function isStream(value: unknown): value is ServerHttp2Stream {
  return value instanceof Duplex && 'close' in value;
}
