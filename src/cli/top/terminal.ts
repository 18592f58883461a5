import { writeSync } from 'node:fs';

/** What the screen needs of a terminal. */
export interface Terminal {
  readonly columns: number;
  readonly height: number;
  write(text: string): void;
  /** Hears what is typed, of another size, and of being told to end. Returns what ends that. */
  listen(hearer: TerminalHearer): () => void;
}

export interface TerminalHearer {
  typed(text: string): void;
  resized(): void;
  /** Told to end by a signal. */
  ended(signal: NodeJS.Signals): void;
}

/** A screen of its own, the cursor hidden, and no line that runs into the next one. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
/** The same backwards, from wherever it was. */
const leave = '\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

const standardOutput = 1;

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** The streams of the process, as far as a terminal needs them. */
export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly process: NodeJS.Process;
}

/**
 * The terminal of this process. While it is listened to it is drawn on; it is left as it was whatever ends that: the
 * caller, a signal, the end of the process, an error that nobody catches.
 */
export function processTerminal({ stdin, stdout, process }: TerminalStreams): Terminal {
  return {
    get columns() {
      return stdout.columns;
    },
    get height() {
      return stdout.rows;
    },
    write: (text) => void stdout.write(text),
    listen: (hearer) => {
      let isLeft = false;
      const restore = (): void => {
        if (isLeft) return;
        isLeft = true;
        stdin.setRawMode(false);
        // At once: the process may be at its end, and what it prints comes after this.
        writeAtOnce(leave);
      };
      const typed = (text: string): void => hearer.typed(text);
      const resized = (): void => hearer.resized();
      const ended = (signal: NodeJS.Signals): void => hearer.ended(signal);
      stdout.write(enter);
      stdin.setRawMode(true);
      stdin.setEncoding('utf8').on('data', typed).resume();
      stdout.on('resize', resized);
      for (const signal of signals) process.on(signal, ended);
      process.on('exit', restore);
      process.on('uncaughtExceptionMonitor', restore);
      return () => {
        stdin.off('data', typed).pause();
        stdout.off('resize', resized);
        for (const signal of signals) process.off(signal, ended);
        restore();
        process.off('exit', restore);
        process.off('uncaughtExceptionMonitor', restore);
      };
    },
  };
}

function writeAtOnce(text: string): void {
  try {
    writeSync(standardOutput, text);
  } catch {
    // A terminal that is gone has nothing to be restored.
  }
}
