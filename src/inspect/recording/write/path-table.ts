import type { EventObject } from 'xstate';
import { encodeValue, type Masking } from '../recorded-value.js';
import type { PathLine, StartLine } from '../recording-format.js';
import { PathNode } from './path-node.js';

/** Ways and beginnings that are told once a part; what comes beyond is told each time. */
const most = 10_000;

/** What lines of one part refer to by number. */
export class PathTable {
  readonly root = new PathNode(0, undefined, '');
  readonly #masking: Masking;
  readonly #write: (line: object) => void;
  readonly #starts = new Map<string, number>();
  /** Of inputs that are the same object for many. */
  readonly #inputs = new WeakMap<object, number>();
  #paths = 0;
  #started = 0;

  constructor(masking: Masking, write: (line: object) => void) {
    this.#masking = masking;
    this.#write = write;
  }

  /** The step after `node`; undefined where there are too many. */
  find(node: PathNode, event: EventObject, to: string): PathNode | undefined {
    const e = encodeValue(event, this.#masking);
    const key = `${to} ${JSON.stringify(e)}`;
    const known = node.named(key);
    if (known !== undefined || this.#paths >= most) return known;
    const made = new PathNode(++this.#paths, event, to);
    node.add(key, made);
    this.#write({ path: made.id, after: node.id, e, to } satisfies PathLine);
    return made;
  }

  /** How a life of this name begins; one input is of one name. */
  start(machine: string, name: string, input: unknown): number {
    const isObject = typeof input === 'object' && input !== null;
    const same = isObject ? this.#inputs.get(input) : undefined;
    if (same !== undefined) return same;
    const encoded = encodeValue(input, this.#masking);
    const key = JSON.stringify([machine, name, encoded]);
    let start = this.#starts.get(key);
    if (start === undefined) {
      start = ++this.#started;
      if (this.#starts.size < most) this.#starts.set(key, start);
      this.#write({ start, machine, name, input: encoded } satisfies StartLine);
    }
    if (isObject) this.#inputs.set(input, start);
    return start;
  }
}
