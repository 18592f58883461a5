import { FairShare, type Full, type Share } from './fair-share.js';

/** JSON-RPC has no code for being busy; this one is widely taken for a limit that is exceeded. */
export const busyCode = -32005;

/** What clients may cost a server. */
export interface LoadLimits {
  /** Calls of all clients that run at once. */
  readonly maxCalls: number;
  /** Calls of one session or connection that run at once. */
  readonly maxSessionCalls: number;
  /** Bytes of requests and unread answers that are held at once, for all clients. */
  readonly maxHeldBytes: number;
}

/** What one session or connection costs. */
export interface SessionLoad {
  readonly calls: Share;
  readonly bytes: Share;
}

/** What the clients of a server cost it, all together. */
export class ServerLoad {
  readonly #limits: LoadLimits;
  readonly #calls: FairShare;
  readonly #bytes: FairShare;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
    this.#calls = new FairShare({ most: limits.maxCalls, mostEach: limits.maxSessionCalls });
    this.#bytes = new FairShare({ most: limits.maxHeldBytes, mostEach: limits.maxHeldBytes });
  }

  open(): SessionLoad {
    return { calls: this.#calls.open(), bytes: this.#bytes.open() };
  }

  /** What a client is told whose call is not taken. */
  tooManyCalls(full: Full): string {
    const { maxCalls, maxSessionCalls } = this.#limits;
    return full === 'ownLimit'
      ? `The server is busy: ${maxSessionCalls} calls of this client are running already; try again later`
      : `The server is busy: ${maxCalls} calls are running already; try again later`;
  }

  /** What a client is told whose message is not taken. */
  tooManyBytes(): string {
    return `The server is busy: it holds ${this.#limits.maxHeldBytes} bytes of messages already; try again later`;
  }
}
