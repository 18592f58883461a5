import { isRecord, setOwn } from '../../json/records.js';

/** How far into a value a walk goes. What is beyond is not looked at, and a guard must not let it pass unseen. */
export interface WalkLimits {
  /** Levels of lists and objects; the value itself is level 0. */
  readonly depth: number;
  /** Values of all kinds, in all. */
  readonly values: number;
  /** Members of one list or object. Default: as many as values. */
  readonly members?: number;
}

/** The part of a value where a text stands: keys and list indexes, outermost first. */
export type TextPath = readonly (string | number)[];

/** What a walk calls for every text, keys of objects not included. What it gives back stands in the text's place. */
export type TextVisitor = (text: string, path: TextPath) => string;

/** Why a walk did not see all of a value. */
export class ValueTooLargeError extends Error {}

/**
 * A value of JSON with its texts replaced; the very same value where none changed, so that `!==` tells whether any did.
 * Neither depth nor width of a value can overflow the stack or the time: both end at the limits.
 *
 * @throws ValueTooLargeError for a value that goes beyond the limits
 */
export function replaceTexts(value: unknown, visit: TextVisitor, limits: WalkLimits): unknown {
  let left = limits.values;
  const path: (string | number)[] = [];
  const replaced = (part: unknown): unknown => {
    if (--left < 0) throw new ValueTooLargeError(`it has more than ${limits.values} values`);
    if (typeof part === 'string') return visit(part, path);
    if (!Array.isArray(part) && !isRecord(part)) return part;
    const members = Array.isArray(part) ? part.length : Object.keys(part).length;
    if (members > 0 && path.length >= limits.depth)
      throw new ValueTooLargeError(`it is nested deeper than ${limits.depth} levels`);
    if (limits.members !== undefined && members > limits.members)
      throw new ValueTooLargeError(`it has a list or object of more than ${limits.members} members`);
    return Array.isArray(part) ? list(part) : record(part);
  };
  const at = (key: string | number, part: unknown): unknown => {
    path.push(key);
    const made = replaced(part);
    path.pop();
    return made;
  };
  const list = (parts: readonly unknown[]): readonly unknown[] => {
    let copy: unknown[] | undefined;
    for (const [index, part] of parts.entries()) {
      const made = at(index, part);
      if (made !== part) (copy ??= [...parts])[index] = made;
    }
    return copy ?? parts;
  };
  const record = (parts: Record<string, unknown>): Record<string, unknown> => {
    let copy: Record<string, unknown> | undefined;
    for (const [key, part] of Object.entries(parts)) {
      const made = at(key, part);
      if (made !== part) setOwn((copy ??= { ...parts }), key, made);
    }
    return copy ?? parts;
  };
  return replaced(value);
}
