import { pino } from 'pino';

/** What the library needs of a logger; a pino logger is one. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A pino logger that writes JSON lines to standard error (standard output belongs to stdio transports). */
export function createLogger(level: string): Logger {
  return pino({ name: 'gatechart', level }, pino.destination({ dest: 2, sync: false }));
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
