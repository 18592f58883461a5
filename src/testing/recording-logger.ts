import type { Logger } from '../observability/logger.js';

/** The levels a {@link RecordingLogger} knows. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of a log. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it is told. */
export class RecordingLogger implements Logger {
  readonly entries: LogEntry[] = [];

  readonly debug = (fields: object, message: string): void => this.#record('debug', fields, message);
  readonly info = (fields: object, message: string): void => this.#record('info', fields, message);
  readonly warn = (fields: object, message: string): void => this.#record('warn', fields, message);
  readonly error = (fields: object, message: string): void => this.#record('error', fields, message);

  /** Messages of one level, oldest first. */
  lines(level: LogLevel): string[] {
    return this.entries.filter((entry) => entry.level === level).map(({ message }) => message);
  }

  #record(level: LogLevel, fields: object, message: string): void {
    this.entries.push({ level, message, fields: { ...fields } });
  }
}
