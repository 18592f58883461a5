import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { userFolder } from '../gateway/files/gateway-files.js';
import { starterAgent, starterFiles } from '../gateway/files/starter-files.js';
import type { CommandIo } from './command-io.js';
import { writeNewFiles } from './new-files.js';
import { kindIn, pluginPackageFiles } from './plugin-package.js';
import { starterConfig, starterPluginFiles, starterTest } from './starter-plugin.js';

/**
 * `gatechart init [FOLDER]`: writes the files of a gateway that starts with them as they are, with a plugin and its test.
 * What is there is kept.
 *
 * @returns the exit code: 0 if something was written, 1 if all of it was there
 * @throws GatechartError CONFIG_UNREADABLE if the folder cannot be written to
 */
export function initFolder(folder: string, io: CommandIo): Promise<number> {
  const isInstalled = foundFrom(folder, 'gatechart/package.json');
  const steps = [
    ...(isInstalled ? [] : ['install what the plugin imports: npm install gatechart']),
    `test the plugin with: node --test ${inShell(join(folder, starterTest))}`,
    `start the gateway with: ${inFolder(folder)}npx gatechart serve --agent ${starterAgent} --plugins ${starterConfig}`,
  ];
  return write(folder, { ...starterFiles, ...starterPluginFiles(schemaFrom(folder, isInstalled)) }, steps, io);
}

/**
 * `gatechart init --plugin [FOLDER]`: writes a package with a plugin of one's own, named after the folder.
 *
 * @returns as {@link initFolder}
 * @throws GatechartError CONFIG_UNREADABLE; CONFIG_INVALID for a folder that no package can be named after
 */
export function initPackage(folder: string, io: CommandIo): Promise<number> {
  const isInstalled = foundFrom(folder, 'gatechart/package.json') && foundFrom(folder, 'zod');
  const steps = [
    `test it with: ${inFolder(folder)}${isInstalled ? '' : 'npm install && '}npm test`,
    'pack it with: npm pack',
    `where it is installed, a configuration names it: kind: "${kindIn(resolve(folder))}"`,
  ];
  return write(folder, pluginPackageFiles(resolve(folder)), steps, io);
}

/** `gatechart serve --init`: writes the files that are found from everywhere. Nothing is asked. */
export function initUser(io: CommandIo): Promise<number> {
  const steps = [`start the gateway with: npx gatechart serve --agent ${starterAgent}`];
  return write(userFolder(io.env['HOME']), starterFiles, steps, io);
}

function write(
  folder: string,
  texts: Readonly<Record<string, string>>,
  steps: readonly string[],
  io: CommandIo,
): Promise<number> {
  const { written, kept } = writeNewFiles(resolve(folder), texts);
  const shown = (file: string): string => {
    const near = relative('.', file);
    return near.startsWith('..') ? file : near;
  };
  for (const file of written) io.stdout.write(`wrote ${shown(file)}\n`);
  for (const file of kept) io.stdout.write(`kept ${shown(file)}, which was there\n`);
  if (written.length > 0) for (const step of steps) io.stdout.write(`${step}\n`);
  return Promise.resolve(written.length > 0 ? 0 : 1);
}

function inFolder(folder: string): string {
  return resolve(folder) === resolve('.') ? '' : `cd ${inShell(folder)} && `;
}

function inShell(word: string): string {
  return /^[\w./~@%+:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Whether a module in a folder could import something of a package. */
function foundFrom(folder: string, name: string): boolean {
  try {
    createRequire(join(resolve(folder), 'index.js')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Where an editor that has a file of the folder open finds the schema of it. */
function schemaFrom(folder: string, isInstalled: boolean): string {
  // Through the link that a package manager made, and not to where it leads.
  const links = parents(resolve(folder)).map((parent) => join(parent, 'node_modules', 'gatechart'));
  const link = isInstalled ? links.find((path) => existsSync(path)) : undefined;
  const near = link === undefined ? join('node_modules', 'gatechart') : relative(resolve(folder), link);
  const path = join(near, 'dist', 'schemas', 'plugins.json').split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** A folder, and those that it is in. */
function parents(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...parents(above)];
}
