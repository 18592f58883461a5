import type { TraceParent } from '../../observability/spans.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { longestDurationMs } from '../../time/duration.js';
import { methodPath, type PackageName } from '../../wire/protobuf/grpc-packages.js';
import type { PluginCall } from '../../wire/protobuf/plugin-messages.js';
import { isUnimplemented } from './grpc-outcome.js';
import type { PackageMemory } from './package-memory.js';

/** Sends one message to a method and settles with the answer. Rejects with a LinkError, or with the signal's reason. */
type Send = (path: string, bytes: Uint8Array, options: SendOptions, signal: CancelSignal) => Promise<Uint8Array>;

/** What goes with a message. */
export interface SendOptions {
  /** Milliseconds since 1970. */
  readonly deadline?: number;
  readonly traceParent?: TraceParent;
}

/** Milliseconds that a server's deadline is later than ours, so that ours decides what is reported. */
const deadlineSlackMs = 250;

/** Further off, a server is told of no deadline: the wire rounds it up, and then its timers may not hold it any more. */
const longestToldMs = longestDurationMs - 60 * 60 * 1000;

/** The plugin service of one server, asked under the package name that the server has. */
export class PluginServiceClient {
  readonly #send: Send;
  readonly #packages: PackageMemory;

  constructor(send: Send, packages: PackageMemory) {
    this.#send = send;
    this.#packages = packages;
  }

  /** Asks under one package name, and under the other if the server does not know the first. */
  async ask(call: PluginCall, signal: CancelSignal): Promise<Uint8Array> {
    let name = this.#packages.current;
    let answer: Uint8Array;
    try {
      answer = await this.#askUnder(name, call, signal);
    } catch (error) {
      if (!isUnimplemented(error)) throw error;
      // A plugin may say so too, and then it has run.
      if (call.method === 'InvokeHook' && (await this.#serves(name, signal))) throw error;
      name = this.#packages.next(name);
      answer = await this.#askUnder(name, call, signal);
    }
    this.#packages.settle(name);
    return answer;
  }

  #askUnder(name: PackageName, call: PluginCall, signal: CancelSignal): Promise<Uint8Array> {
    const toldMs = call.timeoutMs + deadlineSlackMs;
    const { traceParent } = call;
    const options = {
      ...(toldMs <= longestToldMs && { deadline: Date.now() + toldMs }),
      ...(traceParent !== undefined && { traceParent }),
    };
    return this.#send(methodPath(name, call.method), call.bytes, options, signal);
  }

  /** Whether the server has the service under this name. Asking for the configuration of no plugin changes nothing there. */
  async #serves(name: PackageName, signal: CancelSignal): Promise<boolean> {
    try {
      await this.#send(methodPath(name, 'GetPluginConfig'), Buffer.alloc(0), {}, signal);
      return true;
    } catch (error) {
      return !isUnimplemented(error);
    }
  }
}
