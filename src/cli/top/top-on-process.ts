import { inspectedSource } from './inspected-source.js';
import { processTerminal } from './terminal.js';
import { top, type TopCommand } from './top-command.js';

/** Columns of a snapshot where there is no terminal to say. */
const usualColumns = 80;

/** `gatechart top` with the streams of this process. */
export function topOnProcess(command: TopCommand, process: NodeJS.Process): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  return top(command, {
    stdout,
    stderr,
    env,
    terminal: isTerminal ? processTerminal({ stdin, stdout, process }) : undefined,
    columns: stdout.columns ?? usualColumns,
    isTerminal: stdout.isTTY,
    open: inspectedSource,
  });
}
