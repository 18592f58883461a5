import { Plugin } from 'gatechart';

/** Counts calls for as long as it lives. */
export class Counter extends Plugin {
  #calls = 0;

  toolPreInvoke() {
    return { metadata: { calls: ++this.#calls } };
  }
}
