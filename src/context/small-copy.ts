import { setOwn } from '../json/records.js';

/** Keys and elements up to which to copy a record, and to compare it later, costs less than drafts of it. */
const most = 32;

interface Room {
  /** Below 0 once there is something that is not copied. */
  left: number;
}

/** A copy, at every depth, of a record that is small and holds plain data alone; knows what was written to it since. */
export class SmallCopy {
  /** To read and write. */
  readonly given: Record<string, unknown>;
  readonly #keys: readonly string[];
  /** As they were: parts of their own for what is an object or a list. */
  readonly #values: readonly unknown[];

  private constructor(record: object, room: Room) {
    if (Object.getPrototypeOf(record) !== Object.prototype) room.left = -1;
    this.given = { ...record };
    this.#keys = Object.keys(this.given);
    room.left -= this.#keys.length;
    const values: unknown[] = [];
    for (const key of this.#keys) {
      if (room.left < 0) break;
      const value = this.given[key];
      const part = copyPart(value, room);
      if (part !== undefined) setOwn(this.given, key, part.given);
      values.push(part ?? value);
    }
    this.#values = values;
  }

  /** Undefined for a record that is large, or has other than plain data in it. */
  static of(record: Readonly<Record<string, unknown>>): SmallCopy | undefined {
    const room = { left: most };
    try {
      const copied = new SmallCopy(record, room);
      return room.left < 0 ? undefined : copied;
    } catch {
      // A getter threw, which is for whoever reads that part.
      return undefined;
    }
  }

  /** @internal */
  static part(record: object, room: Room): SmallCopy {
    return new SmallCopy(record, room);
  }

  /** Whether a value is what the copy was given for this key, and nothing was written to it at any depth. */
  keeps(key: string, value: unknown): boolean {
    const index = this.#keys.indexOf(key);
    return index >= 0 && isKept(value, this.#values[index]);
  }

  get isUntouched(): boolean {
    const { given } = this;
    return (
      Object.keys(given).length === this.#keys.length &&
      this.#keys.every((key, index) => Object.hasOwn(given, key) && isKept(given[key], this.#values[index]))
    );
  }
}

/** The same of a list. */
class SmallList {
  readonly given: unknown[] = [];
  readonly #values: unknown[] = [];

  constructor(list: readonly unknown[], room: Room) {
    room.left -= list.length;
    // One with holes, or with fields, is left to those who look closer.
    if (room.left >= 0 && !isDense(list)) room.left = -1;
    for (const value of room.left < 0 ? [] : list) {
      const part = copyPart(value, room);
      this.given.push(part === undefined ? value : part.given);
      this.#values.push(part ?? value);
    }
  }

  get isUntouched(): boolean {
    const { given } = this;
    return (
      given.length === this.#values.length &&
      this.#values.every((value, index) => Object.hasOwn(given, index) && isKept(given[index], value))
    );
  }
}

function isDense(list: readonly unknown[]): boolean {
  return Object.getPrototypeOf(list) === Array.prototype && Object.keys(list).length === list.length;
}

/** Undefined for what cannot be written to. */
function copyPart(value: unknown, room: Room): SmallCopy | SmallList | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? new SmallList(value, room) : SmallCopy.part(value, room);
}

function isKept(value: unknown, was: unknown): boolean {
  return was instanceof SmallCopy || was instanceof SmallList
    ? value === was.given && was.isUntouched
    : Object.is(value, was);
}
