import { GatechartError, messageOf } from '../../../errors.js';
import { isRecord } from '../../../json/records.js';
import type { ControlAnswer, ControlRequest } from '../feed/feed-control.js';
import type { InvocationDetail } from '../feed/feed-invocations.js';
import type { NextMessage } from '../feed/feed-next.js';
import type { FeedMessage } from '../feed/messages.js';
import { feedMessages } from './feed-messages.js';
import { readInspectorAddress } from './inspector-address.js';

/** How a feed is read. */
export interface FeedReadingOptions {
  /** Deltas a second. Default 30. */
  readonly rate?: number;
  /** All up to this event is known already; default: everything is told first. */
  readonly from?: number;
}

/** A process that is inspected, seen from another one. */
export class InspectorClient {
  readonly #origin: string;
  readonly #key: string;
  readonly #closing = new AbortController();
  #last: number | undefined;

  private constructor(origin: string, key: string) {
    this.#origin = origin;
    this.#key = key;
  }

  /**
   * Swaps the token of a printed address for a key: the address is of no use to others then.
   *
   * @throws GatechartError CONFIG_INVALID for an address that cannot be used, or was; SERVER_UNAVAILABLE
   */
  static async open(url: string): Promise<InspectorClient> {
    const { origin, token } = readInspectorAddress(url);
    const headers = { 'Content-Type': 'application/json' };
    const response = await asked(`${origin}/session`, { method: 'POST', headers, body: JSON.stringify({ token }) });
    const answer = await jsonOf(response);
    if (isRecord(answer) && typeof answer['key'] === 'string') return new InspectorClient(origin, answer['key']);
    throw refused(response.status, answer);
  }

  /** All up to this event came; undefined where nothing did. */
  get last(): number | undefined {
    return this.#last;
  }

  /** The feed, from the beginning; as {@link feed}. */
  get messages(): AsyncIterable<FeedMessage> {
    return this.feed();
  }

  /**
   * Reads the feed until the process says that it ends, or until {@link close}. It is not opened again where it breaks off:
   * where a process is gone, the next one has another address.
   *
   * @throws GatechartError SERVER_UNAVAILABLE, CONFIG_INVALID, PROTOCOL_ERROR
   */
  async *feed({ rate, from }: FeedReadingOptions = {}): AsyncGenerator<FeedMessage, void> {
    const headers = { Accept: 'text/event-stream', ...(from !== undefined && { 'Last-Event-ID': `${from}` }) };
    const path = rate === undefined ? '/feed' : `/feed?rate=${rate}`;
    const { signal } = this.#closing;
    try {
      const response = await this.#ask(path, { headers });
      if (!response.ok || response.body === null) throw refused(response.status, await jsonOf(response));
      yield* feedMessages(response.body, (seq) => (this.#last = seq));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Ends what is being read or asked for; what is asked for later is not sent. */
  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  /** What an actor would do now with each event; undefined where there is no such actor. @throws as {@link feed} */
  async next(actor: string): Promise<NextMessage | undefined> {
    return this.#read(`/next?actor=${encodeURIComponent(actor)}`, isNext);
  }

  /** Everything of an invocation; undefined where it is no longer held. @throws as {@link feed} */
  async invocation(id: string): Promise<InvocationDetail | undefined> {
    return this.#read(`/invocation?id=${encodeURIComponent(id)}`, isInvocation);
  }

  /** Asks the process to do something. @throws as {@link feed}, where it does not take such requests */
  async control(request: ControlRequest): Promise<ControlAnswer> {
    const headers = { 'Content-Type': 'application/json' };
    const response = await this.#ask('/control', { method: 'POST', headers, body: JSON.stringify(request) });
    const answer = await jsonOf(response);
    if (isControlAnswer(answer)) return answer;
    throw refused(response.status, answer);
  }

  async #read<Answer>(path: string, is: (answer: unknown) => answer is Answer): Promise<Answer | undefined> {
    const response = await this.#ask(path, {});
    const answer = await jsonOf(response);
    if (response.status === 404) return undefined;
    if (response.ok && is(answer)) return answer;
    throw refused(response.status, answer);
  }

  #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...headersIn(init), Authorization: `Bearer ${this.#key}` };
    return asked(`${this.#origin}${path}`, { ...init, headers, signal: this.#closing.signal });
  }
}

async function asked(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error' });
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
    throw new GatechartError(
      'SERVER_UNAVAILABLE',
      `The inspected process cannot be reached at ${new URL(url).origin}: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headersIn({ headers = {} }: RequestInit): Record<string, string> {
  return Object.fromEntries(new Headers(headers));
}

function isNext(answer: unknown): answer is NextMessage {
  return isRecord(answer) && answer['type'] === 'next' && Array.isArray(answer['events']);
}

function isInvocation(answer: unknown): answer is InvocationDetail {
  return isRecord(answer) && typeof answer['id'] === 'string' && Array.isArray(answer['steps']);
}

function isControlAnswer(answer: unknown): answer is ControlAnswer {
  return isRecord(answer) && typeof answer['ok'] === 'boolean';
}

function refused(status: number, answer: unknown): GatechartError {
  const said = isRecord(answer) && typeof answer['error'] === 'string' ? answer['error'] : `status ${status}`;
  const code = status === 401 || status === 400 ? 'CONFIG_INVALID' : 'SERVER_UNAVAILABLE';
  return new GatechartError(code, `The inspected process refuses: ${said}`);
}
