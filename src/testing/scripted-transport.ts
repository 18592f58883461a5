import type { Clock, TimerHandle } from '../time/clock.js';
import type { Link, Transport } from '../transports/transport.js';
import {
  type CloseBehaviour,
  healthy,
  type OpenBehaviour,
  type PingBehaviour,
  type RequestBehaviour,
  Script,
} from './scripted-behaviour.js';
import { ScriptedLink } from './scripted-link.js';

/** How a {@link ScriptedTransport} is made. */
export interface ScriptedTransportOptions<Request, Response> {
  /** Where its delays are counted. */
  readonly clock: Clock;
  /** What it answers to a message on its `link`-th link. */
  readonly reply: (message: Request, link: number) => Response;
  /** Default `scripted`. */
  readonly target?: string;
  /** Whether each link is to stand for a server of its own, as a child process is. Default false. */
  readonly startsServer?: boolean;
}

/** An attempt to open that is under way. Settles once; what is said after that is not heard. */
export interface ScriptedOpening {
  open(): void;
  reject(error?: Error): void;
}

/**
 * A transport whose links do what a script or a test says, on a clock of the test's: it opens, hangs, fails, opens after
 * it was given up; its links answer, refuse, forget the session, end by themselves, are slow to close. It counts what
 * exists at any time, so that a test can say that there was never more than one.
 *
 * ```ts
 * const transport = new ScriptedTransport({ clock, reply: (message: string) => `re: ${message}` });
 * transport.opens.next({ kind: 'rejects' }, 2);
 * transport.requests.next({ kind: 'losesSession' });
 * ```
 */
export class ScriptedTransport<Request, Response> implements Transport<Request, Response> {
  readonly target: string;
  readonly startsServer: boolean;
  /** What happens to attempts to open, to requests, to pings, and to links that are closed. */
  readonly opens = new Script<OpenBehaviour>(healthy.open);
  readonly requests = new Script<RequestBehaviour>(healthy.request);
  readonly pings = new Script<PingBehaviour>(healthy.ping);
  readonly closes = new Script<CloseBehaviour>(healthy.close);
  /** Every link that was opened, oldest first. */
  readonly links: ScriptedLink<Request, Response>[] = [];
  /** Attempts to open that are under way, oldest first. */
  readonly openings: ScriptedOpening[] = [];
  /** How often it was asked to open. */
  attempts = 0;
  #mostLiving = 0;
  readonly #options: ScriptedTransportOptions<Request, Response>;

  constructor(options: ScriptedTransportOptions<Request, Response>) {
    this.target = options.target ?? 'scripted';
    this.startsServer = options.startsServer ?? false;
    this.#options = options;
  }

  /** Links that are opening, open or dying now, but for those that were retired. */
  get living(): number {
    return this.openings.length + this.links.filter((link) => link.state !== 'gone' && !link.isRetired).length;
  }

  /** Links that were retired and are not gone. */
  get retired(): number {
    return this.links.filter((link) => link.state !== 'gone' && link.isRetired).length;
  }

  /** The most links that ever lived at one time. */
  get mostLiving(): number {
    return this.#mostLiving;
  }

  /** The newest link. */
  get link(): ScriptedLink<Request, Response> | undefined {
    return this.links.at(-1);
  }

  /** From now on everything works at once; what hangs goes on hanging. */
  heal(): void {
    this.opens.always(healthy.open);
    this.requests.always(healthy.request);
    this.pings.always(healthy.ping);
    this.closes.always(healthy.close);
  }

  open(signal: AbortSignal): Promise<Link<Request, Response>> {
    const { clock, reply } = this.#options;
    const behaviour = this.opens.take();
    this.attempts++;
    return new Promise((resolve, reject) => {
      let timer: TimerHandle | undefined;
      const end = (settle: () => void): void => {
        const position = this.openings.indexOf(opening);
        if (position < 0) return;
        this.openings.splice(position, 1);
        clock.clearTimeout(timer);
        settle();
      };
      const opening: ScriptedOpening = {
        open: () =>
          end(() => {
            const { requests, pings, closes } = this;
            const dependencies = { clock, reply, requests, pings, closes };
            const link = new ScriptedLink<Request, Response>(this.links.length + 1, dependencies);
            this.links.push(link);
            resolve(link);
            if (behaviour.kind === 'opens' && behaviour.livesMs !== undefined) link.endAfter(behaviour.livesMs);
          }),
        reject: (error = new Error('the scripted server is down')) => end(() => reject(error)),
      };
      this.openings.push(opening);
      this.#mostLiving = Math.max(this.#mostLiving, this.living);
      const after = (ms = 0, act: () => void): void => {
        if (ms === 0) act();
        else timer = clock.setTimeout(act, ms);
      };
      if (behaviour.kind === 'opens' || behaviour.kind === 'opensLate') after(behaviour.afterMs, () => opening.open());
      if (behaviour.kind === 'rejects') after(behaviour.afterMs, () => opening.reject());
      if (behaviour.kind !== 'opensLate') {
        signal.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true });
      }
    });
  }
}
