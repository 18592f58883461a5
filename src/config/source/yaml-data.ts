import type { Alias, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Path } from '../problem.js';
import { isAlias, isMap, isScalar, isSeq, yamlPackage } from './yaml-package.js';

/** How often aliases may multiply a value, and how many values all of them together may add. */
const mostUses = 100;
const mostAdded = 100_000;

/** A node of the document as data, and what it costs where it is used again. */
interface Read {
  readonly data: unknown;
  /** Values in it, aliases expanded. */
  readonly size: number;
  /** How often aliases inside it multiply. */
  readonly weight: number;
}

/** What is wrong with a node. */
export interface NodeProblem {
  readonly message: string;
  /** The same with what stands in the file. */
  readonly named?: string;
  /** The way to the node, where it stands twice: its place alone would not say which map it is in. */
  readonly path?: Path;
  /** What stands in its place already. */
  readonly first?: unknown;
}

export type ReportNode = (node: unknown, problem: NodeProblem) => void;

const nothing: Read = { data: null, size: 1, weight: 1 };

/**
 * Turns a YAML document into data in one pass: aliases, merge keys and keys that are there twice take time in proportion
 * to the file. Merging is PyYAML's: own keys win over merged ones, the first map of a list wins, the last `<<` wins.
 */
export class YamlData {
  readonly data: unknown;
  readonly #report: ReportNode;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  readonly #reads = new Map<Node, Read>();
  readonly #pairs = new Map<unknown, Map<string, Pair>>();
  readonly #uses = new Map<Node, number>();
  /** The way to what is being read. */
  readonly #path: (string | number)[] = [];
  #added = 0;
  #stopped = false;

  constructor(contents: unknown, report: ReportNode) {
    this.#report = (node, problem) => {
      // What follows from data that was left out is no further mistake.
      if (!this.#stopped) report(node, problem);
    };
    this.data = this.#read(contents).data;
  }

  /** What an alias stands for; anything else stands for itself. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  /** The pair of a map, merged ones included, that a key of the data comes from. */
  pairAt(map: unknown, key: string): Pair | undefined {
    return this.#pairs.get(map)?.get(key);
  }

  #read(node: unknown): Read {
    if (this.#stopped) return nothing;
    if (isAlias(node)) return this.#readAlias(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return nothing;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return { ...nothing, data: node.value };
    const data: unknown[] | Record<string, unknown> = isSeq(node) ? [] : {};
    // Aliases inside it may lead back to it.
    this.#reads.set(node, { data, size: 1, weight: 1 });
    const read = isSeq(node)
      ? this.#readList(node, data as unknown[])
      : this.#readMap(node, data as Record<string, unknown>);
    this.#reads.set(node, read);
    return read;
  }

  #readAt(segment: string | number, node: unknown): Read {
    this.#path.push(segment);
    const read = this.#read(node);
    this.#path.pop();
    return read;
  }

  #readList(list: YAMLSeq, data: unknown[]): Read {
    let size = 1;
    let weight = 1;
    for (const [index, item] of list.items.entries()) {
      const read = this.#readAt(index, item);
      data.push(read.data);
      size += read.size;
      weight = Math.max(weight, read.weight);
    }
    return { data, size, weight };
  }

  #readMap(map: YAMLMap, data: Record<string, unknown>): Read {
    let size = 1;
    let weight = 1;
    const pairs = new Map<string, Pair>();
    this.#pairs.set(map, pairs);
    const merged: Node[][] = [];
    for (const pair of map.items) {
      const key = isMergeKey(pair.key) ? undefined : this.#keyOf(pair);
      const read = key === undefined ? this.#read(pair.value) : this.#readAt(key, pair.value);
      size += read.size;
      weight = Math.max(weight, read.weight);
      if (isMergeKey(pair.key)) {
        merged.push(this.#sourcesOf(pair));
      } else if (key !== undefined) {
        const first = pairs.get(key)?.key;
        if (first !== undefined) {
          this.#report(pair.key, { message: 'this key is in the map already', path: [...this.#path, key], first });
        }
        pairs.set(key, pair);
        define(data, key, read.data);
      }
    }
    for (const source of merged.reverse().flat()) size += this.#merge(source, data, pairs);
    return { data, size, weight };
  }

  #keyOf(pair: Pair): string | undefined {
    const { data } = this.#read(pair.key);
    if (typeof data === 'string') return data;
    if (typeof data === 'number' || typeof data === 'boolean') return String(data);
    const found = data === null ? 'nothing' : 'a list or a map';
    this.#report(pair.key ?? pair.value, { message: `expected a key that is text, found ${found}` });
    return undefined;
  }

  /** The maps that `<<` names. */
  #sourcesOf(pair: Pair): Node[] {
    const value = this.resolve(pair.value);
    const sources = (isSeq(value) ? value.items : [value]).map((source) => this.resolve(source));
    const maps = sources.filter((source) => isMap(source));
    if (maps.length < sources.length) {
      this.#report(pair.key, { message: '`<<` takes a map or a list of maps, found something else' });
    }
    return maps;
  }

  /** @returns how many values it added */
  #merge(source: Node, data: Record<string, unknown>, pairs: Map<string, Pair>): number {
    let added = 0;
    const inherited = this.#pairs.get(source) ?? new Map<string, Pair>();
    const values = this.#reads.get(source)?.data;
    if (typeof values !== 'object' || values === null || !this.#afford(inherited.size, source)) return 0;
    for (const [key, pair] of inherited) {
      if (pairs.has(key)) continue;
      pairs.set(key, pair);
      define(data, key, Reflect.get(values, key));
      added++;
    }
    return added;
  }

  #readAlias(alias: Alias): Read {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      const message = (name: string): string => `the alias *${name} has no anchor &${name} before it`;
      this.#report(alias, { message: message('name'), named: message(alias.source) });
      return nothing;
    }
    this.#targets.set(alias, target);
    const read = isScalar(target) ? { ...nothing, data: target.value } : (this.#reads.get(target) ?? nothing);
    const uses = (this.#uses.get(target) ?? 1) + 1;
    this.#uses.set(target, uses);
    const weight = uses * read.weight;
    if (weight > mostUses) {
      this.#stop(alias, `aliases are used more than ${mostUses} times over`);
      return nothing;
    }
    return this.#afford(read.size, alias) ? { ...read, weight } : nothing;
  }

  #afford(values: number, node: unknown): boolean {
    this.#added += values;
    if (this.#added > mostAdded) this.#stop(node, `aliases add more than ${mostAdded} values`);
    return !this.#stopped;
  }

  #stop(node: unknown, message: string): void {
    this.#report(node, { message });
    this.#stopped = true;
  }
}

function isMergeKey(key: unknown): boolean {
  return (
    isScalar(key) && key.type === yamlPackage().Scalar.PLAIN && (key.value === '<<' || typeof key.value === 'symbol')
  );
}

/** An own property whatever its name; `__proto__` is refused where it can be told where it is. */
function define(data: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
}
