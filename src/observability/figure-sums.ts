import type { FigureValue, MeasuredAttributes } from './instruments.js';
import { LabelValues } from './label-values.js';
import { mostValues } from './measures.js';

/** Values by their attributes. What things are called is one of a few; states are those of a machine. */
export class FigureSums {
  readonly #names = new LabelValues(mostValues.servers);
  readonly #byKey = new Map<string, { value: number; attributes: MeasuredAttributes }>();

  get values(): readonly FigureValue[] {
    return [...this.#byKey.values()];
  }

  countStates(label: string, things: readonly { readonly name: string; readonly state: string }[]): void {
    for (const { name, state } of things) {
      // What state those beyond the most are in would be one of none.
      if (this.#names.of(name) === name) this.#sum({ [label]: name, state }, 1);
    }
  }

  add(attributes: MeasuredAttributes, value: number): void {
    const told = Object.entries(attributes).map(([label, name]): [string, string] => [label, this.#names.of(name)]);
    this.#sum(Object.fromEntries(told), value);
  }

  #sum(attributes: MeasuredAttributes, value: number): void {
    const key = JSON.stringify(attributes);
    const sum = this.#byKey.get(key);
    if (sum === undefined) this.#byKey.set(key, { value, attributes });
    else sum.value += value;
  }
}
