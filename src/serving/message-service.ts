import type { TraceParent } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';

/** A request that was read and has not begun. */
export interface MessageRequest {
  /**
   * Begins it; settles with the answer, encoded. `signal` aborts when nobody waits any more.
   *
   * @param traceParent the span of the client that it is made in, where that is told beside the message
   */
  answer(signal: CancelSignal, traceParent?: TraceParent): Promise<Uint8Array>;
}

/** Reads a request of one method; throws if it is none. The bytes are only valid while it does. */
export type ReadMessage = (bytes: Uint8Array) => MessageRequest;

/** What is served over gRPC. */
export interface RpcService {
  /** Full names: `package.Service`. Each has all the methods, because clients of different ages look for different names. */
  readonly names: readonly string[];
  readonly methods: Readonly<Record<string, ReadMessage>>;
  /** Full names of health services beside the standard one. They say the same, whatever service they are asked about. */
  readonly healthNames: readonly string[];
}

/** Why a frame is not answered as it asks to be. */
export type FrameRefusal =
  /** It is no request. */
  { readonly kind: 'unknown' } | { readonly kind: 'tooLarge' | 'busy' | 'failed'; readonly message: string };

/** What is served in frames, of which each is one request or one answer. */
export interface FrameService {
  /** Reads a request; undefined if the frame is none. The frame is only valid while it does. */
  read(frame: Uint8Array): FrameRequest | undefined;
  /** The answer to a frame that was not read, encoded. */
  refuse(refusal: FrameRefusal): Uint8Array;
}

export interface FrameRequest extends MessageRequest {
  /** The answer where there is no other, encoded. */
  refuse(refusal: FrameRefusal): Uint8Array;
}
