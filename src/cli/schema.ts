import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Command } from 'commander';
import { messageOf } from '../errors.js';
import type { CommandIo } from './command-io.js';
import type { Finish } from './exit-code.js';

/** The files that have a JSON Schema. */
export const schemaKinds = ['plugins', 'servers', 'rules', 'http'];

/** Adds `gatechart schema` to the command line. */
export function addSchemaCommand(program: Command, finish: Finish, io: CommandIo): void {
  program
    .command('schema')
    .description('print the JSON Schema of a kind of file, for editors and other checks')
    .argument('<kind>', schemaKinds.join(', '))
    .action(finish((kind: string) => printSchema(kind, io)));
}

/** Prints the JSON Schema of a kind of file, as it is shipped. @returns the exit code: 2 where there is none */
export async function printSchema(kind: string, { stdout, stderr }: CommandIo): Promise<number> {
  if (!schemaKinds.includes(kind)) {
    stderr.write(`there is no schema ${JSON.stringify(kind)}; expected one of ${schemaKinds.join(', ')}\n`);
    return 2;
  }
  try {
    const file = createRequire(import.meta.url).resolve(`gatechart/schemas/${kind}.json`);
    stdout.write(await readFile(file, 'utf8'));
    return 0;
  } catch (error) {
    stderr.write(`the schema of ${kind} cannot be read: ${messageOf(error)}\n`);
    return 2;
  }
}
