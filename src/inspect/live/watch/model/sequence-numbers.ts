/** Numbers for all that is told, events and changes alike: who knows one of them knows all before it. */
export class SequenceNumbers {
  #last = 0;

  get last(): number {
    return this.#last;
  }

  next(): number {
    return ++this.#last;
  }
}
