import {
  ErrorCode,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../errors.js';
import { isRecord } from '../../json/records.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { deferred } from '../../time/deferred.js';
import { busyCode } from '../server-load.js';
import type { McpRequest } from './mcp-service.js';
import { RpcError } from './rpc-error.js';

/** Questions that one client may have open at once: each waits for a person, or for a model. */
const mostOpen = 64;

/** Says something to a client, for one request or unasked; false if nobody hears it. @throws GatechartError MESSAGE_TOO_LARGE */
export type Say = (message: JSONRPCNotification | JSONRPCRequest) => boolean;

interface OpenQuestion {
  /** The JSON-RPC answer of the client. */
  answered(answer: Readonly<Record<string, unknown>>): void;
  /** Nobody wants the answer any more. */
  withdraw(reason: unknown): void;
}

/** What one client was asked and has not answered. Each question settles once, whichever way it ends. */
export class OpenQuestions {
  readonly #open = new Map<number, OpenQuestion>();
  #lastId = 0;
  /** Why nothing is asked any more. */
  #closed: RpcError | undefined;

  /**
   * Asks, and settles with the client's `result`. Any of the signals withdraws the question, which the client is told, and
   * the promise rejects with the signal's reason.
   *
   * @throws RpcError what the client answered instead, or why it cannot be asked
   */
  ask({ method, params }: McpRequest, say: Say, signals: readonly CancelSignal[]): Promise<Result> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted !== undefined) return Promise.reject(reasonOf(aborted));
    if (this.#open.size >= mostOpen) return Promise.reject(tooMany());
    const id = ++this.#lastId;
    let heard: boolean;
    try {
      heard = say({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) });
    } catch (error) {
      return Promise.reject(reasonOf({ reason: error }));
    }
    return heard ? this.#wait(id, method, say, signals) : Promise.reject(unheard(method));
  }

  /** Takes a client's answer; false if no question with its id is open. */
  settle(answer: Readonly<Record<string, unknown>>): boolean {
    const { id } = answer;
    const question = typeof id === 'number' ? this.#open.get(id) : undefined;
    question?.answered(answer);
    return question !== undefined;
  }

  /** Withdraws all questions; further ones are refused for the same reason. */
  close(reason: RpcError): void {
    this.#closed ??= reason;
    for (const question of this.#open.values()) question.withdraw(reason);
  }

  #wait(id: number, method: string, say: Say, signals: readonly CancelSignal[]): Promise<Result> {
    const { promise, resolve, reject } = deferred<Result>();
    const listeners = signals.map((signal) => {
      const listener = (): void => withdraw(reasonOf(signal));
      signal.addEventListener('abort', listener);
      return () => signal.removeEventListener('abort', listener);
    });
    const end = (): boolean => {
      if (!this.#open.delete(id)) return false;
      for (const stop of listeners) stop();
      return true;
    };
    const withdraw = (reason: unknown): void => {
      if (!end()) return;
      say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason: messageOf(reason) } });
      reject(reason);
    };
    const answered = (answer: Readonly<Record<string, unknown>>): void => {
      if (!end()) return;
      const { result, error } = answer;
      if (isRecord(result) && error === undefined) resolve(result);
      else reject(errorOf(method, answer));
    };
    this.#open.set(id, { answered, withdraw });
    return promise;
  }
}

function errorOf(method: string, { result, error }: Readonly<Record<string, unknown>>): RpcError {
  if (result === undefined && isRecord(error)) {
    const { code, message, data } = error;
    if (typeof code === 'number' && typeof message === 'string') return new RpcError(code, message, data);
  }
  return new RpcError(ErrorCode.InternalError, `What the client answered to ${method} is no JSON-RPC answer`);
}

function reasonOf({ reason }: { readonly reason: unknown }): Error {
  return reason instanceof Error ? reason : new Error(messageOf(reason));
}

function unheard(method: string): RpcError {
  return new RpcError(
    ErrorCode.ConnectionClosed,
    `The client cannot be asked ${method}: it is gone, has no stream open, or does not read what it is sent`,
  );
}

function tooMany(): RpcError {
  return new RpcError(busyCode, `The client has ${mostOpen} questions open already; try again later`);
}
