import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const run = promisify(execFile);
const candidates = ['python3.11', 'python3.12', 'python3.13', 'python3'];

/** Milliseconds that one step of making an environment may take. */
const patience = 300_000;

/** What an environment is made of. */
interface Recipe {
  /** Beside this file. */
  readonly folder: string;
  readonly requirements: string;
  /** Further arguments of `pip install`. */
  readonly install: readonly string[];
  /** A package whose source distribution has a folder that its wheel has not. */
  readonly sources?: { readonly requirement: string; readonly folder: string };
}

/** Each in an environment of its own: they need different generations of the MCP SDK. */
const recipes = {
  cpex: { folder: '.venv/cpex', requirements: 'requirements.txt', install: [] },
  '1.0.0': {
    folder: '.venv/1.0.0',
    requirements: 'requirements-1.0.0.txt',
    install: ['--no-deps'],
    sources: { requirement: 'mcp-contextforge-gateway==1.0.0', folder: 'plugins' },
  },
  // It says that it needs Python 3.12, and uses nothing of that.
  'agent-mcp-gateway': {
    folder: '.venv-gateway',
    requirements: 'requirements-gateway.txt',
    install: ['--ignore-requires-python'],
  },
  servers: { folder: '.venv-servers', requirements: 'requirements-servers.txt', install: [] },
} satisfies Record<string, Recipe>;

/** What this one is compared with, or works with. */
type Environment = keyof typeof recipes;

/** An implementation of the plugin framework that this one is compared with. */
export type Implementation = Exclude<Environment, 'agent-mcp-gateway' | 'servers'>;

declare module 'vitest' {
  interface ProvidedContext {
    /** The interpreter with `cpex`; null where there is no Python of a version that the other implementation takes. */
    python: string | null;
    /** The interpreter of each implementation. */
    pythons: Readonly<Record<Implementation, string>> | null;
    /** The interpreter with `agent-mcp-gateway`. */
    gatewayPython: string | null;
    /** The interpreter with MCP servers and the FastMCP that is newer than the one of `agent-mcp-gateway`. */
    serversPython: string | null;
  }
}

/** Runs before all tests of the suite. */
export async function setup({ provide }: Pick<TestProject, 'provide'>): Promise<void> {
  // One after the other: what both need is fetched once.
  const cpex = await pythonEnvironment('cpex');
  const older = cpex === null ? null : await pythonEnvironment('1.0.0');
  provide('gatewayPython', cpex === null ? null : await pythonEnvironment('agent-mcp-gateway'));
  provide('serversPython', cpex === null ? null : await pythonEnvironment('servers'));
  provide('python', cpex);
  provide('pythons', cpex === null || older === null ? null : { cpex, '1.0.0': older });
}

/**
 * The interpreter of an environment with the other implementation in it, made where there is none that matches. Null,
 * said on standard error, where there is no Python 3.11. Fails where Python is there and the environment cannot be made.
 */
export async function pythonEnvironment(implementation: Environment = 'cpex'): Promise<string | null> {
  const { folder: place, requirements: list, install, sources }: Recipe = recipes[implementation];
  const folder = fileURLToPath(new URL(place, import.meta.url));
  const requirements = fileURLToPath(new URL(list, import.meta.url));
  const base = await findPython();
  if (base === undefined) {
    console.error(`The interop suite is skipped: none of ${candidates.join(', ')} is Python 3.11 or later.`);
    return null;
  }
  const python = `${folder}/bin/python`;
  const stamp = `${folder}/made-from`;
  const wanted = createHash('sha256')
    .update(base.version)
    .update(await readFile(requirements))
    .update(JSON.stringify(sources ?? ''))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return python;
  console.error(`Making a Python ${base.version} environment with ${implementation} for the interop suite …`);
  await rm(folder, { recursive: true, force: true });
  await must('python -m venv', base.command, ['-m', 'venv', folder]);
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
  await must('pip install', python, ['-m', 'pip', 'install', ...quietly, ...install, '-r', requirements]);
  if (sources !== undefined) {
    const download = ['download', ...quietly, '--no-deps', '--no-binary', ':all:', '--dest', `${folder}/download`];
    await must('pip download', python, ['-m', 'pip', ...download, sources.requirement]);
    await must('unpack', python, ['-c', unpack, `${folder}/download`, `${folder}/source`, sources.folder]);
  }
  await writeFile(stamp, wanted);
  return python;
}

/** Takes one folder out of the only archive of a folder. */
const unpack = `
import os, sys, tarfile
archives, target, wanted = sys.argv[1:]
[name] = os.listdir(archives)
with tarfile.open(os.path.join(archives, name)) as archive:
    for member in archive.getmembers():
        _, _, path = member.name.partition("/")
        if path.split("/")[0] == wanted:
            member.name = path
            archive.extract(member, target)
`;

async function findPython(): Promise<{ command: string; version: string } | undefined> {
  for (const command of candidates) {
    const code = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';
    const version = await run(command, ['-c', code]).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major === 3 && minor >= 11) return { command, version };
  }
  return undefined;
}

async function must(step: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args, { timeout: patience });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`The interop suite cannot make its Python environment: ${step} failed:\n${said}`, { cause: error });
  }
}
