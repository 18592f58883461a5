import { deferred } from '../time/deferred.js';
import type { Clock, TimerHandle } from '../time/clock.js';
import { Listeners } from '../transports/listeners.js';
import type { Link, LinkClosed, RequestOptions } from '../transports/transport.js';
import type { CloseBehaviour, PingBehaviour, RequestBehaviour, Script } from './scripted-behaviour.js';
import { ScriptedRequest } from './scripted-request.js';

/** What a link is given by its transport. @internal */
export interface ScriptedLinkDependencies<Request, Response> {
  readonly clock: Clock;
  readonly requests: Script<RequestBehaviour>;
  readonly pings: Script<PingBehaviour>;
  readonly closes: Script<CloseBehaviour>;
  readonly reply: (message: Request, link: number) => Response;
}

/** A link that does what a script or a test says. Made by a {@link ScriptedTransport}. */
export class ScriptedLink<Request, Response> implements Link<Request, Response> {
  /** 1 for the first link of its transport, 2 for the next. */
  readonly id: number;
  /** Every request it was given, oldest first. */
  readonly requests: ScriptedRequest<Request, Response>[] = [];
  readonly #closed = deferred<LinkClosed>();
  readonly closed: Promise<LinkClosed> = this.#closed.promise;
  readonly #retiring = deferred();
  readonly retiring: Promise<void> = this.#retiring.promise;
  #state: 'open' | 'retiring' | 'dying' | 'gone' = 'open';
  #isRetired = false;
  #isClosing = false;
  readonly #gone = deferred();
  readonly #timers = new Set<TimerHandle>();
  readonly #traffic = new Listeners<void>();
  readonly #dependencies: ScriptedLinkDependencies<Request, Response>;

  /** @internal */
  constructor(id: number, dependencies: ScriptedLinkDependencies<Request, Response>) {
    this.id = id;
    this.#dependencies = dependencies;
  }

  /**
   * `retiring` while it carries the requests it has and takes no new ones; `dying` from the moment it ends, whoever ended
   * it, until `close` is done.
   */
  get state(): 'open' | 'retiring' | 'dying' | 'gone' {
    return this.#state;
  }

  /** True once its server has retired it, whatever became of it then. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  request(message: Request, { signal }: RequestOptions): Promise<Response> {
    return new Promise((resolve, reject) => {
      const settle = {
        resolve: (response: Response): void => {
          resolve(response);
          this.#endIfDrained();
        },
        reject: (error: unknown): void => {
          reject(error);
          this.#endIfDrained();
        },
      };
      const request = new ScriptedRequest<Request, Response>(message, settle, ({ message }) =>
        this.#dependencies.reply(message, this.id),
      );
      this.requests.push(request);
      if (this.#state !== 'open') {
        request.fail('notSent');
        return;
      }
      const behaviour = this.#dependencies.requests.take();
      const hearsAbort = behaviour.kind !== 'answersLate';
      if (hearsAbort) signal.addEventListener('abort', () => request.abandon(signal.reason), { once: true });
      this.#follow(behaviour, request);
    });
  }

  ping(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (this.#state !== 'open') return reject(new Error('the scripted link is not open'));
      const behaviour = this.#dependencies.pings.take();
      if (behaviour.kind === 'answers') this.#after(behaviour.afterMs, resolve);
      if (behaviour.kind === 'fails') this.#after(behaviour.afterMs, () => reject(new Error('the ping failed')));
      return undefined;
    });
  }

  onTraffic(listener: () => void): () => void {
    return this.#traffic.add(listener);
  }

  /** Something comes from the other side unasked: a notification, a comment that keeps a stream alive. */
  say(): void {
    this.#traffic.tell();
  }

  /** The link ends by itself, with what is in flight cut off: the process died, the stream dropped. */
  end(error: Error = new Error('the scripted link ended')): void {
    this.#die({ error });
  }

  /** The server ends the link gracefully: it takes no new requests, and ends when those it has are settled. */
  retire(): void {
    if (this.#state !== 'open') return;
    this.#state = 'retiring';
    this.#isRetired = true;
    this.#retiring.resolve();
    this.#endIfDrained();
  }

  /** The link ends by itself in `ms` milliseconds. */
  endAfter(ms: number): void {
    this.#after(ms, () => this.end());
  }

  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#die({});
      const behaviour = this.#dependencies.closes.take();
      if (behaviour.kind === 'closes') this.#after(behaviour.afterMs, () => this.finishClosing());
    }
    return this.#gone.promise;
  }

  /** Lets a `close` that waits be done. */
  finishClosing(): void {
    if (!this.#isClosing) return;
    this.#state = 'gone';
    this.#gone.resolve();
  }

  #follow(behaviour: RequestBehaviour, request: ScriptedRequest<Request, Response>): void {
    switch (behaviour.kind) {
      case 'answers':
      case 'answersLate':
        return this.#after(behaviour.afterMs, () => request.answer());
      case 'refuses':
        return this.#after(behaviour.afterMs, () => request.fail('refused'));
      case 'isNotSent':
        return this.#after(behaviour.afterMs, () => request.fail('notSent'));
      case 'losesSession':
        return this.#after(behaviour.afterMs, () => request.fail('sessionLost'));
      case 'isCutOff':
        return this.#after(behaviour.afterMs, () => request.fail('cutOff'));
      case 'endsLink':
        return this.#after(behaviour.afterMs, () => this.end());
      case 'hangs':
      case 'waits':
    }
  }

  #endIfDrained(): void {
    if (this.#state === 'retiring' && this.requests.every(({ outcome }) => outcome !== 'pending')) this.#die({});
  }

  #die(closed: LinkClosed): void {
    if (this.#state !== 'open' && this.#state !== 'retiring') return;
    this.#state = 'dying';
    for (const timer of this.#timers) this.#dependencies.clock.clearTimeout(timer);
    this.#timers.clear();
    this.#closed.resolve(closed);
    for (const request of this.requests) request.fail('cutOff');
  }

  #after(ms: number | undefined, act: () => void): void {
    if (ms === undefined || ms === 0) return act();
    const timer = this.#dependencies.clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}
