import type { CommandIo } from './command-io.js';

/** Hears of outputs that cannot be written: what nobody reads is no fault of the command. */
export function watchOutputs(command: NodeJS.Process, io: CommandIo): void {
  command.stdout.on('error', (error) => {
    // Whoever reads has heard enough.
    if ('code' in error && error.code === 'EPIPE') return;
    io.stderr.write(`standard output cannot be written: ${error.message}\n`);
    command.exitCode = 2;
  });
  // Nobody is left to be told, which is no other end of the command.
  command.stderr.on('error', () => undefined);
}
