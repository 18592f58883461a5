import { isGatechartError } from '../errors.js';
import type { CommandIo } from './command-io.js';

/** Makes of a command what is run for it: its exit code becomes the program's. */
export type Finish = <Arguments extends unknown[]>(
  command: (...args: Arguments) => Promise<number>,
) => (...args: Arguments) => Promise<void>;

/** A user's mistake is a message, not a stack trace. */
export function finishIn({ stderr }: Pick<CommandIo, 'stderr'>): Finish {
  return (command) =>
    async (...args) => {
      try {
        process.exitCode = await command(...args);
      } catch (error) {
        if (!isGatechartError(error)) throw error;
        stderr.write(`${error.message}\n`);
        process.exitCode = 2;
      }
    };
}
