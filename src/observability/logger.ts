import { pino } from 'pino';

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
  return pino({ name: 'gatechart', level }, { write });
}

function ignore(): void {}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

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
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
