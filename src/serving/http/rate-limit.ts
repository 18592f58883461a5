import ipaddr from 'ipaddr.js';
import type { Clock } from '../../time/clock.js';
import { type Authenticate, isRefusal } from './authentication.js';
import { busy } from './http-answers.js';

/** How many requests one client may make. */
export interface Rate {
  /** In the long run. */
  readonly perSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

/** Clients that are told apart; those beyond them share what one may have. */
const mostClients = 10_000;

/**
 * Counts requests of many clients. For each one number is kept, the time at which all that it has taken will have come back
 * (the generic cell rate algorithm); a client that has everything back is forgotten when there is no room for others.
 */
export class RateLimit {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #most: number;
  /** The one that has taken nothing for the longest time is first. */
  readonly #backAt = new Map<string, number>();
  #othersBackAt = 0;

  constructor({ perSecond, burst }: Rate, clock: Pick<Clock, 'now'>, most = mostClients) {
    this.#intervalMs = 1_000 / perSecond;
    this.#toleranceMs = (burst - 1) * this.#intervalMs;
    this.#clock = clock;
    this.#most = most;
  }

  /** Number of clients that are told apart now. */
  get size(): number {
    return this.#backAt.size;
  }

  /** Takes one request of a client; if it may make none now, gives the milliseconds until it may. */
  take(client: string): number | undefined {
    const now = this.#clock.now();
    const known = this.#backAt.get(client);
    const alone = known !== undefined || this.#hasRoom(now);
    const backAt = Math.max(now, (alone ? known : this.#othersBackAt) ?? now);
    const waitMs = backAt - this.#toleranceMs - now;
    if (waitMs > 0) return waitMs;
    if (!alone) {
      this.#othersBackAt = backAt + this.#intervalMs;
      return undefined;
    }
    this.#backAt.delete(client);
    this.#backAt.set(client, backAt + this.#intervalMs);
    return undefined;
  }

  #hasRoom(now: number): boolean {
    if (this.#backAt.size < this.#most) return true;
    for (const [client, backAt] of this.#backAt) {
      if (backAt > now) return false;
      this.#backAt.delete(client);
      return true;
    }
    return false;
  }
}

/**
 * Limits how often each client is let in, and how often one address fails to prove who it is: 429, with the seconds to wait.
 * Who has proven it is not held up by others at the same address.
 */
export function limitRate(authenticate: Authenticate | undefined, rate: Rate, clock: Pick<Clock, 'now'>): Authenticate {
  // Apart, so that however many addresses fail, those who do not are told apart.
  const proven = new RateLimit(rate, clock);
  const unproven = new RateLimit(rate, clock);
  return async (request) => {
    const answer = await authenticate?.(request);
    const waitMs =
      answer === undefined || isRefusal(answer)
        ? unproven.take(networkOf(request.socket.remoteAddress))
        : proven.take(answer.credentials);
    if (waitMs === undefined) return answer;
    const seconds = Math.ceil(waitMs / 1_000);
    const message = `Too many requests: ${rate.perSecond} a second are taken of one client; try again in ${seconds} s`;
    return { ...busy(429, message), headers: { 'retry-after': `${seconds}` } };
  };
}

const prefixParts = 4;

/** The address of a client; of IPv6 the first 64 bits, because everybody has all addresses behind them. */
function networkOf(address = ''): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, prefixParts).join(':') : parsed.toString();
}
