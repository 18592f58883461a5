import { GatechartError } from '../errors.js';
import { longestDurationMs } from '../time/duration.js';

/** Options that must be more than 0, whatever they are called. */
const positive = new Set([
  'startTimeoutMs',
  'connectTimeoutMs',
  'timeoutMs',
  'keepAliveMs',
  'sessionIdleMs',
  'requestTimeoutMs',
  'idleMs',
]);

/** Counts of which at least one is needed for anything to be done at all. */
const atLeastOne = new Set([
  'max',
  'maxSessions',
  'maxStarts',
  'maxMessageBytes',
  'maxCalls',
  'maxSessionCalls',
  'maxHeldBytes',
  'maxRunning',
]);

/** Options with the defaults for those that are not given, which undefined ones are not. */
export function withDefaults<Options extends object>(
  defaults: Options,
  given: { readonly [Name in keyof Options]?: Options[Name] | undefined } | null | undefined,
): Options {
  return { ...defaults, ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) };
}

/**
 * Checks the numbers among options given in code, by their names: what ends in `Ms` is a duration, `jitter` is a share,
 * and what begins with `max`, or `suspectAfter`, is a count. Undefined values are left to their defaults.
 *
 * @throws GatechartError CONFIG_INVALID naming the option, what was found and what was expected
 */
export function checkOptionNumbers(options: object, where: string): void {
  for (const [name, value] of Object.entries(options)) {
    const expected = value === undefined ? undefined : expectationFor(name, value);
    if (expected === undefined) continue;
    const found = typeof value === 'number' ? `${value}` : value === null ? 'null' : `a ${typeof value}`;
    throw new GatechartError('CONFIG_INVALID', `${where}.${name}: expected ${expected}, found ${found}`);
  }
}

/** What a value should have been; undefined where it is that. */
function expectationFor(name: string, value: unknown): string | undefined {
  const number = typeof value === 'number' ? value : Number.NaN;
  if (name === 'jitter') return number >= 0 && number <= 1 ? undefined : 'a number from 0 to 1';
  if (name === 'suspectAfter' || (name.startsWith('max') && !name.endsWith('Ms'))) {
    const least = atLeastOne.has(name) ? 1 : 0;
    return Number.isSafeInteger(number) && number >= least ? undefined : `an integer, ${least} or more`;
  }
  if (!name.endsWith('Ms')) return undefined;
  if (positive.has(name) ? number > 0 : number >= 0) {
    return number <= longestDurationMs ? undefined : `at most ${longestDurationMs} milliseconds`;
  }
  return positive.has(name) ? 'milliseconds, more than 0' : 'milliseconds, 0 or more';
}
