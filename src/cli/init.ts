import { relative, resolve } from 'node:path';
import { gatewayFileNames, userFolder } from '../gateway/files/gateway-files.js';
import { type StarterFile, writeStarterFiles } from '../gateway/files/starter-files.js';
import type { CommandIo } from './command-io.js';

const { servers, rules } = gatewayFileNames;
const plugins = 'gatechart.plugins.yaml';

/**
 * `gatechart init [FOLDER]`: writes the files of a gateway that starts with them as they are. What is there is kept.
 *
 * @returns the exit code: 0 if something was written, 1 if all of it was there
 */
export function initFolder(folder: string, io: CommandIo): Promise<number> {
  const start = resolve(folder) === resolve('.') ? '' : `cd ${folder} && `;
  return write(resolve(folder), [servers, rules, plugins], `${start}npx gatechart serve --plugins ${plugins}`, io);
}

/** `gatechart serve --init`: writes the files that are found from everywhere. Nothing is asked. */
export function initUser(io: CommandIo): Promise<number> {
  return write(userFolder(io.env['HOME']), [servers, rules], 'npx gatechart serve', io);
}

function write(folder: string, names: readonly StarterFile[], start: string, io: CommandIo): Promise<number> {
  const { written, kept } = writeStarterFiles(folder, names);
  const shown = (file: string): string => {
    const near = relative('.', file);
    return near.startsWith('..') ? file : near;
  };
  for (const file of written) io.stdout.write(`wrote ${shown(file)}\n`);
  for (const file of kept) io.stdout.write(`kept ${shown(file)}, which was there\n`);
  if (written.length > 0) io.stdout.write(`start the gateway with: ${start}\n`);
  return Promise.resolve(written.length > 0 ? 0 : 1);
}
