import type { SampleMessage } from '../../feed/messages.js';

/** What is always told, sampled or not. */
const alwaysKept = ['blocked', 'failed', 'timedOut', 'aborted', 'slowest'] as const;

/**
 * Draws one in so many, where there are more than can be told: by a hash, so that all of one request is told or nothing of
 * it. What a second allows is never passed, also where all have the same hash.
 */
export class Sampler {
  readonly #of: SampleMessage['of'];
  readonly #perSecond: number;
  #drawn = 1;
  #second = -1;
  #seenInSecond = 0;
  #keptInSecond = 0;
  #seen = 0;
  #sent = 0;

  /** @param perSecond how many are told in a second, about */
  constructor(of: SampleMessage['of'], perSecond: number) {
    this.#of = of;
    this.#perSecond = perSecond;
  }

  /** One in how many is drawn now. */
  get drawn(): number {
    return this.#drawn;
  }

  /** Whether this one is told. @param t milliseconds */
  draws(key: string | number, t: number): boolean {
    const second = Math.floor(t / 1000);
    if (second !== this.#second) this.#turn(second);
    this.#seen++;
    this.#seenInSecond++;
    if (this.#drawn > 1 && (hashOf(key) & (this.#drawn - 1)) !== 0) return false;
    if (this.#keptInSecond >= this.#perSecond) {
      this.#drawn = Math.min(this.#drawn * 2, mostDrawn);
      if (this.#keptInSecond >= 2 * this.#perSecond) return false;
    }
    this.#keptInSecond++;
    this.#sent++;
    return true;
  }

  /** One that was not drawn is told all the same. */
  kept(): void {
    this.#sent++;
  }

  /** What was left out since the last time that this was asked; undefined where nothing was. */
  message(): SampleMessage | undefined {
    const [seen, sent] = [this.#seen, Math.min(this.#sent, this.#seen)];
    this.#seen = this.#sent = 0;
    if (seen === sent) return undefined;
    const keeps = this.#of === 'invocations' ? alwaysKept : ['changes of state'];
    return { v: 1, type: 'sample', of: this.#of, drawn: this.#drawn, keeps, seen, sent };
  }

  #turn(second: number): void {
    // As many as the last second would have asked for; a quiet second between two busy ones does not open the gates.
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, this.#seenInSecond / this.#perSecond)));
    this.#drawn = Math.min(mostDrawn, Math.max(wanted, second === this.#second + 1 ? this.#drawn / 2 : 1));
    this.#second = second;
    this.#seenInSecond = 0;
    this.#keptInSecond = 0;
  }
}

const mostDrawn = 65_536;

function hashOf(key: string | number): number {
  if (typeof key === 'number') return mixed(key);
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return mixed(hash);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (once ^ (once >>> 13)) >>> 0;
}
