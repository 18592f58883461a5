import type { pino as Pino } from 'pino';
import { lazyPackage } from '../lazy-package.js';

const pino = lazyPackage<typeof Pino>('pino', (require) => require('pino'));

/** What the library needs of a logger; a pino logger is one. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Bytes that wait for somebody who reads standard error, above which lines are dropped. */
const mostWaiting = 1024 * 1024;

/** A pino logger that writes JSON lines to standard error (standard output belongs to stdio transports). */
export function createLogger(level: string): Logger {
  const { stderr } = process;
  // Who reads standard error may have gone away, or never read: neither may end this process nor keep it from ending.
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore);
  const write = (line: string): void => {
    if (stderr.writableLength < mostWaiting) stderr.write(line);
  };
  const made = (): Logger => pino()({ name: 'gatechart', level }, { write });
  const least = levels.indexOf(level);
  // What pino knows and we do not, or nobody knows.
  if (least < 0) return made();
  let logger: Logger | undefined;
  const at = (name: keyof Logger): Logger[keyof Logger] =>
    levels.indexOf(name) < least
      ? silence
      : (fields, message) => {
          logger ??= made();
          logger[name](fields, message);
        };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** From what is said most often to what is said never. */
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function ignore(): void {}

/** One for all that say nothing, so that they are known by it. */
function silence(): void {}

/** Says nothing. */
export const silentLogger: Logger = { debug: silence, info: silence, warn: silence, error: silence };

/** What unfailing loggers write to. */
const targets = new WeakMap<Logger, Logger>();

/** False where a line of this level would be written nowhere, so that nobody need put it together. Never throws. */
export function isHeard(logger: Logger, level: keyof Logger): boolean {
  try {
    const target = targets.get(logger);
    return target === undefined ? logger[level] !== silence : isHeard(target, level);
  } catch {
    return true;
  }
}

/** The same logger, but that what it throws goes no further: a denial must not get lost because its log line did. */
export function unfailingLogger(logger: Logger): Logger {
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void => {
      try {
        logger[level](fields, message);
      } catch {
        // There is nobody left to tell.
      }
    };
  const unfailing = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  targets.set(unfailing, logger);
  return unfailing;
}
