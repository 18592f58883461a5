import type { Node } from 'jsonc-parser';
import { setOwn } from '../../json/records.js';
import type { Path } from '../problem.js';
import type { JsonFault } from './json-syntax.js';

/** What is wrong in a text that is JSON. */
export interface TreeFault extends JsonFault {
  /** The way to a key that is there twice, and where it stands first. */
  readonly path?: Path;
  readonly first?: number;
}

/** The data of a JSON tree, with the way back to where each piece of it stands. Takes time in proportion to the file. */
export class JsonTree {
  readonly data: unknown;
  /** Keys that are there twice, and numbers that cannot be held. */
  readonly faults: readonly TreeFault[];
  readonly #root: Node;
  readonly #faults: TreeFault[] = [];
  /** The way to what is being read. */
  readonly #path: (string | number)[] = [];
  readonly #properties = new Map<Node, Map<string, readonly [key: Node, value: Node]>>();

  constructor(root: Node) {
    this.#root = root;
    this.data = this.#read(root);
    this.faults = this.#faults;
  }

  /** Where the key or the value at `path` begins, or else the nearest one around it that exists. */
  offset(path: Path, at: 'key' | 'value'): number {
    let node = this.#root;
    let offset = node.offset;
    for (const [index, segment] of path.entries()) {
      const property = typeof segment === 'string' ? this.#properties.get(node)?.get(segment) : undefined;
      const item = typeof segment === 'number' && node.type === 'array' ? node.children?.[segment] : undefined;
      const value = property?.[1] ?? item;
      if (value === undefined) return offset;
      offset = at === 'key' && index === path.length - 1 ? (property?.[0] ?? value).offset : value.offset;
      node = value;
    }
    return offset;
  }

  #read(node: Node): unknown {
    if (node.type === 'array') return (node.children ?? []).map((item, index) => this.#readAt(index, item));
    if (node.type === 'object') return this.#readObject(node);
    const value: unknown = node.value;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#faults.push({ offset: node.offset, message: 'expected a number that can be held, found a larger one' });
    }
    return value;
  }

  #readAt(segment: string | number, node: Node): unknown {
    this.#path.push(segment);
    const data = this.#read(node);
    this.#path.pop();
    return data;
  }

  #readObject(node: Node): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    const properties = new Map<string, readonly [Node, Node]>();
    this.#properties.set(node, properties);
    for (const { children: [key, value] = [] } of node.children ?? []) {
      const name: unknown = key?.value;
      if (key === undefined || value === undefined || typeof name !== 'string') continue;
      const first = properties.get(name)?.[0].offset;
      if (first !== undefined) {
        const message = 'this key is in the object already';
        this.#faults.push({ offset: key.offset, message, path: [...this.#path, name], first });
      }
      properties.set(name, [key, value]);
      setOwn(record, name, this.#readAt(name, value));
    }
    return record;
  }
}
