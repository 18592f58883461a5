import { excerpt } from '../../json/excerpt.js';
import { type Path, pathText } from '../problem.js';

/** Keys in a file may be of any length. */
const longestKey = 100;

/** A path in a file, for messages. */
export function shownPath(path: Path): string {
  return pathText(path.map((segment) => (typeof segment === 'string' ? excerpt(segment, longestKey) : segment)));
}
