import { excerpt } from '../../json/excerpt.js';

/** A text of a stranger for messages: JSON of ASCII characters, on one line, and cut. What is hidden in it is seen. */
export function quoted(text: string, length = 200): string {
  return JSON.stringify(excerpt(text, length)).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
