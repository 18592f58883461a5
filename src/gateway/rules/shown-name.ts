import { excerpt } from '../../json/excerpt.js';

const longestShown = 100;

/** A name that anyone may have made up, for a message: quoted, on one line, and not for ever. */
export function shown(name: string): string {
  return JSON.stringify(excerpt(name, longestShown));
}
