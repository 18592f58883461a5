import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Mutation } from './mutations.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
// Inside the repository, so that packages are found from there; nobody's sources are changed.
const folder = path.join(repository, 'node_modules', '.cache', 'gatechart-mutants');

/** How long a mutant is looked for. */
export interface Search {
  readonly seed: number;
  /** Steps of each seed. */
  readonly stepsOfSeed: number;
  /** Steps of all seeds. */
  readonly mostSteps: number;
  /** Milliseconds that it may take; a mutant that makes no progress is found by that. */
  readonly mostMs: number;
}

/** What the simulation says of a mutant. */
export interface Found {
  /** Undefined: it was not found. */
  readonly invariant: string | undefined;
  readonly message: string;
  readonly seed: number;
  readonly steps: number;
}

/** Simulates the library with one bug in it. @throws Error if the text to replace is not there exactly once */
export async function simulateMutant(mutation: Mutation | undefined, search: Search): Promise<Found> {
  await mkdir(folder, { recursive: true });
  const name = (mutation?.name ?? 'none').replaceAll(/[^a-z]+/gi, '-');
  const file = path.join(folder, `${name}-${process.pid}.mjs`);
  try {
    await build({
      entryPoints: [path.join(repository, 'src/testing/simulation/simulate.ts')],
      outfile: file,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20.18',
      logLevel: 'silent',
      plugins: mutation === undefined ? [] : [replacing(mutation)],
    });
    return await searched(file, search);
  } finally {
    await rm(file, { force: true });
  }
}

function replacing({ file, text, instead }: Mutation): Plugin {
  const mutated = path.join(repository, file);
  return {
    name: 'mutation',
    setup: (bundling) => {
      let isReplaced = false;
      bundling.onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== mutated) return undefined;
        const source = await readFile(mutated, 'utf8');
        const pieces = source.split(text);
        if (pieces.length !== 2) throw new Error(`${file} has the text ${pieces.length - 1} times: ${text}`);
        isReplaced = true;
        return { contents: pieces.join(instead), loader: 'ts' };
      });
      bundling.onEnd(() => {
        if (!isReplaced) throw new Error(`${file} is not part of the simulation, or its text was not found`);
      });
    },
  };
}

function searched(file: string, search: Search): Promise<Found> {
  const runner = fileURLToPath(new URL('search.mjs', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, file, JSON.stringify(search)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), search.mostMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const line = output.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) return resolve(JSON.parse(line) as Found);
      if (signal === 'SIGKILL') {
        const seed = Number(/seed (\d+)/g.exec(line)?.[1] ?? search.seed);
        return resolve({ invariant: 'progress', message: 'the simulation does not go on', seed, steps: 0 });
      }
      return reject(new Error(`the search ended with ${String(code ?? signal)}: ${errors.slice(-2_000)}`));
    });
  });
}
