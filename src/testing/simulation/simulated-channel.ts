import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Clock, TimerHandle } from '../../time/clock.js';
import type { WireMessage } from '../../transports/mcp/json-rpc.js';

/** What is on the far end of a channel. */
export interface ChannelEnd {
  readonly clock: Clock;
  /** Milliseconds that a channel takes to end. */
  readonly closeMs: number;
  /** A message is on its way; `arrive` lets it come through. */
  pass(channel: SimulatedChannel, arrive: () => void): void;
  /** The product has sent something. */
  receive(channel: SimulatedChannel, message: JSONRPCMessage): void;
  /** The product has been told something. */
  told(message: object): void;
  /** The channel has ended. */
  left(channel: SimulatedChannel): void;
}

/**
 * The wire between one link of the product and a scripted server: messages go both ways as objects, are held up while the
 * network is split, and none comes through once either side is gone.
 */
export class SimulatedChannel implements SdkTransport {
  onmessage?: NonNullable<SdkTransport['onmessage']>;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Whether it takes nothing new; it is no connection's one link any more. */
  isRetired = false;
  /** Whether the server still hears and speaks. */
  isAlive = true;
  readonly #server: ChannelEnd;
  readonly #gone: () => void;
  readonly #timers = new Set<TimerHandle>();
  #closing: Promise<void> | undefined;

  /** @param gone is told when nothing is left of it */
  constructor(server: ChannelEnd, gone: () => void) {
    this.#server = server;
    this.#gone = gone;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** The product sends something. */
  send(message: JSONRPCMessage): Promise<void> {
    if (!this.isAlive) return Promise.reject(new Error('the scripted server is gone'));
    this.#server.pass(this, () => this.#server.receive(this, message));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#end();
      const { clock, closeMs } = this.#server;
      const gone = (): void => {
        this.#gone();
        resolve();
      };
      if (closeMs === 0) gone();
      else clock.setTimeout(gone, closeMs);
    });
    return this.#closing;
  }

  /** The server says something in so many milliseconds. @returns what makes it say nothing */
  say(message: object, afterMs: number): () => void {
    return this.after(afterMs, () => this.#server.pass(this, () => this.#deliver(message)));
  }

  /** Something happens on the other side, unless the channel is over by then. @returns what keeps it from happening */
  after(ms: number, act: () => void): () => void {
    const { clock } = this.#server;
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clock.clearTimeout(timer);
    };
  }

  /** The server is gone, all of a sudden. */
  die(): void {
    if (!this.isAlive) return;
    this.#end();
    this.onclose?.();
  }

  #deliver(message: object): void {
    if (!this.isAlive) return;
    this.#server.told(message);
    // Servers say what they like: the product has to take it as it is.
    this.onmessage?.(message as WireMessage as JSONRPCMessage);
  }

  #end(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const timer of this.#timers) this.#server.clock.clearTimeout(timer);
    this.#timers.clear();
    this.#server.left(this);
  }
}
