import type { ShownValue } from '../../feed/feed-invocations.js';
import type { Fingerprints } from './fingerprints.js';
import type { KnownKeys } from './known-keys.js';
import { shownText } from './shown-text.js';

/** Characters that a masked value shows. */
const unmasked = 4;
/** Characters of a key above which it is taken for data. */
const longestKey = 64;
/** Values that are gone through for a fingerprint. */
const mostNodes = 2_000;

/** How values are shown: as what they are and a fingerprint, or themselves. What is hidden never leaves this process. */
export class ValueView {
  readonly isShown: boolean;
  readonly fingerprints: Fingerprints;

  constructor(payloads: 'redacted' | 'shown', fingerprints: Fingerprints) {
    this.isShown = payloads === 'shown';
    this.fingerprints = fingerprints;
  }

  /** @param isMasked shows four characters at most, also where payloads are shown */
  show(value: unknown, isMasked = false): ShownValue {
    const { type, length, text } = describe(value);
    const shown = { type, ...(length !== undefined && { length }), fp: this.fingerprint(value) };
    if (!this.isShown || type === 'binary') return shown;
    return { ...shown, text: isMasked ? masked(text()) : shownText(text()) };
  }

  /** Of a whole value, of huge ones of the beginning. */
  fingerprint(value: unknown): string {
    const { text, isWhole } = boundedJson(value, mostNodes);
    return this.fingerprints.of(isWhole ? text : `${text}…`);
  }

  /** A key as a path has it. */
  key(name: string, known: KnownKeys): string {
    if (name.length > longestKey || (!this.isShown && !known.has(name))) return `#${this.fingerprints.of(name)}`;
    return shownText(name, longestKey);
  }
}

function masked(text: string): string {
  return text.length <= unmasked ? '…' : `${shownText(text.slice(0, unmasked))}…`;
}

interface Described {
  readonly type: ShownValue['type'];
  readonly length: number | undefined;
  readonly text: () => string;
}

function describe(value: unknown): Described {
  switch (typeof value) {
    case 'string':
      return { type: 'string', length: value.length, text: () => value };
    case 'number':
    case 'bigint':
      return { type: 'number', length: undefined, text: () => String(value) };
    case 'boolean':
      return { type: 'boolean', length: undefined, text: () => String(value) };
    case 'object':
      if (value === null) return { type: 'null', length: undefined, text: () => 'null' };
      if (ArrayBuffer.isView(value)) return { type: 'binary', length: value.byteLength, text: () => '' };
      if (Array.isArray(value)) return { type: 'array', length: value.length, text: () => jsonText(value) };
      return { type: 'object', length: Object.keys(value).length, text: () => jsonText(value) };
    default:
      return { type: 'null', length: undefined, text: () => typeof value };
  }
}

function jsonText(value: object): string {
  const { text, isWhole } = boundedJson(value, mostNodes);
  return isWhole ? text : `${text}…`;
}

/** JSON of a value of which no more than so many parts are looked at, for comparing and showing; never throws. */
function boundedJson(value: unknown, nodes: number): { readonly text: string; readonly isWhole: boolean } {
  let left = nodes;
  const write = (part: unknown, depth: number): string => {
    if (left-- <= 0 || depth > 32) return '…';
    if (typeof part === 'string') return JSON.stringify(part);
    if (typeof part !== 'object' || part === null) return String(part);
    if (ArrayBuffer.isView(part)) return `(${part.byteLength} bytes)`;
    if (Array.isArray(part)) {
      const items: string[] = [];
      for (const item of part as readonly unknown[]) {
        if (left <= 0) break;
        items.push(write(item, depth + 1));
      }
      return `[${items.join(',')}]`;
    }
    const entries: string[] = [];
    for (const key in part) {
      if (left <= 0) break;
      if (Object.hasOwn(part, key)) entries.push(`${JSON.stringify(key)}:${write(Reflect.get(part, key), depth + 1)}`);
    }
    return `{${entries.join(',')}}`;
  };
  try {
    return { text: write(value, 0), isWhole: left > 0 };
  } catch {
    return { text: '(cannot be read)', isWhole: false };
  }
}
