import type { ControlAnswer, ControlRequest } from '../../feed/feed-control.js';

/** What the host has said to a request that it did not grant. */
export class HostRefusal extends Error {
  readonly status: number;

  constructor(status: number, said: string) {
    super(said);
    this.status = status;
  }
}

/** The requests of the page to its host, with the key that lets it in. */
export class HostRequests {
  readonly #key: () => string | undefined;
  readonly #host: string;

  /** @param host where it is: nothing for the host of the page */
  constructor(key: () => string | undefined, host = '') {
    this.#key = key;
    this.#host = host;
  }

  /**
   * Asks for something and reads its JSON: `/next?actor=…`, `/invocation?id=…`.
   *
   * @throws HostRefusal
   */
  async get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    const response = await this.open(path, signal === undefined ? {} : { signal });
    return (await response.json()) as Answer;
  }

  /** @throws HostRefusal */
  async text(path: string): Promise<string> {
    return (await this.open(path, {})).text();
  }

  /** Asks the host to do something; what it answers is told, whatever it is. */
  async control(request: ControlRequest): Promise<ControlAnswer> {
    const response = await this.#send('/control', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (isControlAnswer(answer)) return answer;
    return { ok: false, status: 500, said: `The host answered with ${response.status}.` };
  }

  /** @throws HostRefusal where the status is none of 200 to 299 */
  async open(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#send(path, init);
    if (response.ok) return response;
    const answer: unknown = await response.json().catch(() => undefined);
    throw new HostRefusal(response.status, refusalOf(answer) ?? `The host answered with ${response.status}.`);
  }

  #send(path: string, init: RequestInit): Promise<Response> {
    const key = this.#key();
    const headers = new Headers(init.headers);
    if (key !== undefined) headers.set('Authorization', `Bearer ${key}`);
    return fetch(this.#host + path, { ...init, headers, credentials: 'omit' });
  }
}

function isControlAnswer(answer: unknown): answer is ControlAnswer {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && typeof answer.ok === 'boolean';
}

function refusalOf(answer: unknown): string | undefined {
  const said = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  return typeof said === 'string' ? said : undefined;
}
