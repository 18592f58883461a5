import { GatechartError } from '../errors.js';
import { suggestionFor } from './suggestion.js';

/**
 * Checks the names of options that were given in code.
 *
 * @throws GatechartError CONFIG_INVALID: an option that nobody knows would be a setting that is not followed.
 */
export function checkOptionNames(options: unknown, known: readonly string[], owner: string): void {
  if (typeof options !== 'object' || options === null)
    throw invalid(
      `${owner} was given ${options === null ? 'null' : options === undefined ? 'nothing' : `a ${typeof options}`}, expected an object`,
    );
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const meant = suggestionFor(key, known);
    const hint = meant === undefined ? `, expected ${known.join(', ')}` : `; did you mean ${meant}?`;
    throw invalid(`${owner} has no option ${key.slice(0, 100).toWellFormed()}${hint}`);
  }
}

export function invalid(problem: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', problem.endsWith('?') ? problem : `${problem}.`);
}
