import { excerpt } from '../../json/excerpt.js';

/** Names in a template may be of any length. */
const longestMessage = 500;

/** Thrown when a template cannot be read or filled in. `message` holds no value of the environment. */
export class TemplateError extends Error {
  constructor(
    /** Where in the template, in UTF-16 units. */
    readonly offset: number,
    message: string,
  ) {
    super(excerpt(message, longestMessage));
  }
}
