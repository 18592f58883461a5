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
  /** Those it had. */
  readonly keys: readonly string[];
  /** As they were: parts of their own for what is an object or a list. */
  readonly #values: readonly unknown[];

  /** @param given becomes the copy */
  private constructor(given: Record<string, unknown>, room: Room) {
    this.given = given;
    this.keys = Object.keys(given);
    room.left -= this.keys.length;
    const values: unknown[] = [];
    for (const key of this.keys) {
      if (room.left < 0) break;
      const value = given[key];
      values.push(copyPart(value, room) ?? value);
    }
    this.#values = values;
    // Not before: what is no small copy after all stays as it is.
    if (room.left >= 0) this.#giveParts();
  }

  /**
   * Undefined for a record that is large, or has other than plain data in it.
   *
   * @param record nobody else's, with values of its own alone: becomes the copy, or stays as it is
   */
  static of(record: Record<string, unknown>): SmallCopy | undefined {
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
    if (Object.getPrototypeOf(record) !== Object.prototype) room.left = -1;
    return new SmallCopy({ ...record }, room);
  }

  /**
   * Whether a value is what the copy was given for this key, and nothing was written to it at any depth.
   *
   * @param at where the key probably was
   */
  keeps(key: string, value: unknown, at: number): boolean {
    const index = this.keys[at] === key ? at : this.keys.indexOf(key);
    return index >= 0 && isKept(value, this.#values[index]);
  }

  get isUntouched(): boolean {
    const { given, keys } = this;
    if (Object.keys(given).length !== keys.length) return false;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] ?? '';
      if (!Object.hasOwn(given, key) || !isKept(given[key], this.#values[index])) return false;
    }
    return true;
  }

  #giveParts(): void {
    for (let index = 0; index < this.keys.length; index++) {
      const part = this.#values[index];
      if (isPart(part)) setOwn(this.given, this.keys[index] ?? '', part.given);
    }
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
  return isPart(was) ? value === was.given && was.isUntouched : Object.is(value, was);
}

function isPart(was: unknown): was is SmallCopy | SmallList {
  return typeof was === 'object' && was !== null && (was instanceof SmallCopy || was instanceof SmallList);
}
