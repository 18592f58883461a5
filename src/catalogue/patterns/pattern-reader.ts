import { PatternError } from './pattern-error.js';

/** A pattern that is read from the left. */
export class PatternReader {
  at = 0;
  constructor(readonly source: string) {}

  get done(): boolean {
    return this.at >= this.source.length;
  }

  /** Whether the rest begins so. */
  sees(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Goes past the text, if the rest begins so. */
  takes(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.at += text.length;
    return seen;
  }

  /** What the rest begins with, past which it goes. The expression is sticky. */
  matches(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.source);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match;
  }

  /** The next character, which may be two UTF-16 units. */
  next(): number {
    const point = this.source.codePointAt(this.at);
    if (point === undefined) throw this.error('it ends too early');
    this.at += point > 0xffff ? 2 : 1;
    return point;
  }

  error(message: string, at: number = this.at): PatternError {
    return new PatternError(`${message} (at position ${at})`);
  }
}
