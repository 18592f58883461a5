import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('.venv', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const stamp = `${folder}/made-from`;
const candidates = ['python3.11', 'python3.12', 'python3.13', 'python3'];

/** Milliseconds that one step of making the environment may take. */
const patience = 300_000;

declare module 'vitest' {
  interface ProvidedContext {
    /** The interpreter to use; null where there is no Python of a version that the other implementation takes. */
    python: string | null;
  }
}

/** Runs before all tests of the suite. */
export async function setup({ provide }: Pick<TestProject, 'provide'>): Promise<void> {
  provide('python', await pythonEnvironment());
}

/**
 * The interpreter of an environment with the other implementation in it, made where there is none that matches. Null,
 * said on standard error, where there is no Python 3.11. Fails where Python is there and the environment cannot be made.
 */
export async function pythonEnvironment(): Promise<string | null> {
  const base = await findPython();
  if (base === undefined) {
    console.error(`The interop suite is skipped: none of ${candidates.join(', ')} is Python 3.11 or later.`);
    return null;
  }
  const python = `${folder}/bin/python`;
  const wanted = createHash('sha256')
    .update(base.version)
    .update(await readFile(requirements))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return python;
  console.error(`Making a Python ${base.version} environment for the interop suite …`);
  await rm(folder, { recursive: true, force: true });
  await must('python -m venv', base.command, ['-m', 'venv', folder]);
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
  await must('pip install', python, ['-m', 'pip', 'install', ...quietly, '-r', requirements]);
  await writeFile(stamp, wanted);
  return python;
}

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
