import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { LineSplitter } from '../../wire/framing/line-splitter.js';

const longestLineBytes = 64 * 1024;
const longestShown = 500;
const tailLines = 20;
const linesPerSecond = 50;

/** Writes a child's standard error to the log, so many lines a second, and keeps the last lines for error messages. */
export class StderrLog {
  readonly #splitter = new LineSplitter(
    longestLineBytes,
    (line) => this.#line(line),
    () => ({ push() {}, end: () => this.#line(`(a line of more than ${longestLineBytes} bytes)`) }),
  );
  readonly #tail: string[] = [];
  readonly #options: { logger: Logger; clock: Clock; name: string };
  #windowStart = -Infinity;
  #logged = 0;
  #dropped = 0;

  constructor(options: { logger: Logger; clock: Clock; name: string }) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.flush();
    this.#reportDropped();
  }

  /** The last lines, oldest first. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  #line(text: string): void {
    if (text.trim() === '') return;
    const line = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
    this.#tail.push(line);
    if (this.#tail.length > tailLines) this.#tail.shift();
    const { clock, logger, name } = this.#options;
    const now = clock.now();
    if (now - this.#windowStart >= 1000) {
      this.#reportDropped();
      this.#windowStart = now;
      this.#logged = 0;
    }
    if (++this.#logged > linesPerSecond) this.#dropped++;
    else logger.info({ connection: name, stderr: line }, 'stderr of MCP server');
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    const { logger, name } = this.#options;
    logger.warn(
      { connection: name, dropped: this.#dropped },
      'lines on stderr of MCP server not logged: too many a second',
    );
    this.#dropped = 0;
  }
}
