import { isRecord } from '../../json/records.js';
import { type ErrorCode, isGatechartError, messageOf } from '../../errors.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { refusalOfAnswer, type WireMessage } from './json-rpc.js';
import { IdTable } from './id-table.js';
import type { McpRequest, McpResponse } from './mcp-messages.js';
import { type CallListener, LinkError, type RequestOptions } from '../transport.js';

const deadlineCodes: ReadonlySet<ErrorCode> = new Set(['CALL_TIMEOUT', 'PLUGIN_TIMEOUT']);

/** What others see of a request that waits for its answer. */
export interface OpenRequest {
  readonly id: number;
  readonly message: McpRequest;
  readonly on: CallListener | undefined;
}

/** Hears what becomes of requests. */
export interface UnansweredRequestsListener {
  /** Nobody waits any more for the answer to one, of which the other side is to know. */
  gaveUp(request: OpenRequest, reason: unknown): void;
  /** One that has a listener has come to its end; told before it settles. */
  ended(id: number): void;
}

/** One request that waits for its answer. It is its own abort listener, so that settling it can take the listener off. */
class UnansweredRequest implements OpenRequest {
  constructor(
    readonly id: number,
    readonly message: McpRequest,
    readonly signal: CancelSignal,
    readonly on: CallListener | undefined,
    readonly resolve: (response: McpResponse) => void,
    readonly reject: (reason: unknown) => void,
    readonly owner: UnansweredRequests,
  ) {}

  handleEvent(): void {
    this.owner.abort(this);
  }
}

/**
 * The requests of one link, by their JSON-RPC id. The SDK's client has such a table too, but it arms a timer for each
 * request, validates each answer three times and never takes its listener off the signal, so that a late abort cancels
 * a request that was answered long ago. Ids start at 1: the SDK's client has used 0 for `initialize`.
 */
export class UnansweredRequests {
  readonly #entries = new IdTable<UnansweredRequest>();
  readonly #listener: UnansweredRequestsListener;
  #nextId = 1;

  constructor(listener: UnansweredRequestsListener) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(id: unknown): id is number {
    return typeof id === 'number' && this.#entries.get(id) !== undefined;
  }

  /** The one with this id, which may have come back as text. */
  find(id: unknown): OpenRequest | undefined {
    const own = this.ownId(id);
    return own === undefined ? undefined : this.#entries.get(own);
  }

  /** Oldest first. */
  open(): OpenRequest[] {
    return this.#entries.entries().map(([, entry]) => entry);
  }

  /** The id of ours that `id` is meant to be, whether somebody still waits for it or not; some servers answer it as text. */
  ownId(id: unknown): number | undefined {
    const number = typeof id === 'string' && String(Number(id)) === id ? Number(id) : id;
    return typeof number === 'number' && Number.isInteger(number) && number >= 1 && number < this.#nextId
      ? number
      : undefined;
  }

  /** Registers a request and hands it with its id to `send`, which may throw when it has sent nothing. */
  start(
    message: McpRequest,
    { signal, on }: RequestOptions,
    send: (id: number, message: McpRequest) => void,
  ): Promise<McpResponse> {
    return new Promise((resolve, reject) => {
      const entry = new UnansweredRequest(this.#nextId++, message, signal, on, resolve, reject, this);
      this.#entries.add(entry.id, entry);
      signal.addEventListener('abort', entry, { once: true });
      try {
        send(entry.id, message);
      } catch (error) {
        this.fail(entry.id, unwritten(error));
      }
    });
  }

  /** Settles the request that `message` answers; false if nobody waits for it. */
  answer(message: WireMessage): boolean {
    const id = this.ownId(message.id);
    if (!this.has(id)) return false;
    // Both are against the specification, and in doubt it is not a result. `error: null` is what older servers write.
    if (isRecord(message.result) && (message.error === undefined || message.error === null))
      this.#take(id)?.resolve(message.result);
    else this.fail(id, refusalOfAnswer(message));
    return true;
  }

  /** Rejects one request; nothing happens if it is settled. */
  fail(id: number, error: LinkError): void {
    this.#take(id)?.reject(error);
  }

  failAll(errorFor: () => LinkError): void {
    for (const [id] of this.#entries.entries()) this.fail(id, errorFor());
  }

  /** @internal */
  abort(entry: UnansweredRequest): void {
    const { reason } = entry.signal;
    this.#take(entry.id)?.reject(reason);
    this.#listener.gaveUp(entry, reason);
  }

  #take(id: number): UnansweredRequest | undefined {
    const entry = this.#entries.take(id);
    if (entry === undefined) return undefined;
    entry.signal.removeEventListener('abort', entry);
    if (entry.on !== undefined) this.#listener.ended(id);
    return entry;
  }
}

/** Why a request was not written: what was thrown, if that says what became of it. */
export function unwritten(thrown: unknown): LinkError {
  if (thrown instanceof LinkError) return thrown;
  return new LinkError('refused', `the request cannot be written as JSON: ${messageOf(thrown)}`, { cause: thrown });
}

/**
 * The `reason` of a `notifications/cancelled`: a short text without a stack. Errors of ours may quote addresses and what
 * servers wrote to stderr, which is not for the other side.
 */
export function cancelReason(reason: unknown): string {
  if (!isGatechartError(reason)) return messageOf(reason);
  return deadlineCodes.has(reason.code) ? 'deadline passed' : 'cancelled';
}
