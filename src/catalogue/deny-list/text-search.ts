import { isRecord } from '../../json/records.js';
import { ValueTooLargeError } from '../values/text-walk.js';

const mostLevels = 128;
const mostValues = 1_000_000;

/**
 * Whether some text in a value of JSON is one that is looked for. Keys are texts as well: a tool may take a word from
 * there.
 *
 * @throws ValueTooLargeError for a value that has too much in it
 */
export function hasText(value: unknown, isWanted: (text: string) => boolean): boolean {
  let left = mostValues;
  const within = (part: unknown, level: number): boolean => {
    if (--left < 0) throw new ValueTooLargeError(`it has more than ${mostValues} values`);
    if (typeof part === 'string') return isWanted(part);
    if (!Array.isArray(part) && !isRecord(part)) return false;
    if (level >= mostLevels) throw new ValueTooLargeError(`it is nested deeper than ${mostLevels} levels`);
    if (Array.isArray(part)) return part.some((inner) => within(inner, level + 1));
    return Object.entries(part).some(([key, inner]) => isWanted(key) || within(inner, level + 1));
  };
  return within(value, 0);
}
