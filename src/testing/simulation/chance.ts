import type { Random } from '../../time/clock.js';
import { seededRandom } from '../seeded-random.js';

/** Choices that are the same for the same seed. */
export class Chance {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    // Neighbouring seeds begin alike; a few numbers on they do not.
    for (let skipped = 0; skipped < 4; skipped++) this.random();
  }

  /** An integer from 0 to `end`, without it. */
  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True in so many of a hundred. */
  percent(share: number): boolean {
    return this.random() * 100 < share;
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.below(values.length)] ?? values[0];
  }

  /** One of several, each as often as its weight says. */
  weighted<Value>(rows: readonly [readonly [number, Value], ...(readonly [number, Value])[]]): Value {
    let left = this.random() * rows.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of rows) {
      left -= weight;
      if (left < 0) return value;
    }
    return rows[0][1];
  }

  /** Mostly short, at times long. */
  ms(most: number): number {
    return this.below(1 + this.pick([0, 3, 30, most / 10, most]));
  }
}
