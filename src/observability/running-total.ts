import type { GatewayFigures } from './figures.js';
import { FigureSums } from './figure-sums.js';
import type { FigureValue } from './instruments.js';

/**
 * A total of all gateways that there are and were. Whoever reads a total that has fallen takes it for one that began anew,
 * and counts what is left of it once more: so what was counted stays, whichever gateway or server goes.
 */
export class RunningTotal {
  readonly #read: (gateway: GatewayFigures) => readonly FigureValue[];
  readonly #sums = new FigureSums();
  /** What each gateway has said last, by attributes. */
  readonly #last = new WeakMap<GatewayFigures, ReadonlyMap<string, number>>();

  constructor(read: (gateway: GatewayFigures) => readonly FigureValue[]) {
    this.#read = read;
  }

  get values(): readonly FigureValue[] {
    return this.#sums.values;
  }

  /** Adds what a gateway has counted since it was asked last. */
  ask(gateway: GatewayFigures): void {
    const before = this.#last.get(gateway);
    const now = new Map<string, number>();
    for (const { value, attributes } of this.#read(gateway)) {
      const key = JSON.stringify(attributes);
      const known = before?.get(key) ?? 0;
      now.set(key, value);
      // A server that was taken away and is back counts from nothing.
      this.#sums.add(attributes, value < known ? value : value - known);
    }
    this.#last.set(gateway, now);
  }
}
