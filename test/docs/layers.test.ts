import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import rows from '../../src/layers.json' with { type: 'json' };

/** Each layer may import the ones before it, and its neighbours in the same row. */
const layers = rows.map((row) => Object.keys(row));
const isFile = (layer: string): boolean => layer.endsWith('.ts');
const root = fileURLToPath(new URL('../..', import.meta.url));
const oxlint = createRequire(import.meta.url)
  .resolve('oxlint/package.json')
  .replace('package.json', 'bin/oxlint');
const output = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });

let house: string;
beforeEach(async () => {
  house = await mkdtemp(path.join(tmpdir(), 'gatechart-layers-'));
  for (const file of ['.oxlintrc.json', '.oxlintrc.layers.json']) {
    await copyFile(path.join(root, file), path.join(house, file));
  }
});
afterEach(() => rm(house, { recursive: true }));

test('a file that imports a layer above its own is refused, for every pair of layers', async () => {
  const pairs = layers.flatMap((row, index) =>
    row.flatMap((lower) => layers.slice(index + 1).flatMap((above) => above.map((upper) => [lower, upper] as const))),
  );
  // A layer that is one file imports from beside it.
  const fileOf = (lower: string, upper: string): string =>
    isFile(lower) ? `src/${lower}` : `src/${lower}/deep/imports-${upper.replace('.ts', '')}.ts`;
  for (const [lower, upper] of pairs) {
    await write(fileOf(lower, upper), importing(`${isFile(lower) ? './' : '../../'}${inLayer(upper)}`));
  }

  const refused = await filesRefusedFor('eslint(no-restricted-imports)');

  const expected = pairs.map(([lower, upper]) => fileOf(lower, upper));
  expect(refused).toEqual([...new Set(expected)].toSorted());
});

test('a file that imports its own layer or one below is accepted', async () => {
  for (const [index, row] of layers.entries()) {
    for (const upper of row.filter((name) => !isFile(name))) {
      for (const lower of layers.slice(0, index + 1).flat()) {
        await write(`src/${upper}/imports-${lower.replace('.ts', '')}.ts`, importing(`../${inLayer(lower)}`));
      }
    }
  }
  expect(await filesRefusedFor('eslint(no-restricted-imports)')).toEqual([]);
});

test('machines may import xstate and each other, and neither src, Node nor any other package', async () => {
  const refused = ['../src/errors.js', 'node:fs', 'fs', 'zod', '@modelcontextprotocol/sdk/client/index.js'];
  const accepted = ['xstate', './other.machine.js'];
  for (const [index, target] of [...refused, ...accepted].entries()) {
    await write(`machines/m${index}.ts`, importing(target));
  }
  expect(await filesRefusedFor('eslint(no-restricted-imports)')).toEqual(refused.map((_, at) => `machines/m${at}.ts`));
});

test('nothing inside the library imports its public entry', async () => {
  await write('src/plugins/own.ts', importing('../index.js'));
  expect(await filesRefusedFor('eslint(no-restricted-imports)')).toEqual(['src/plugins/own.ts']);
});

test('an import cycle is refused, also one of types only', async () => {
  await write('src/time/a.ts', "import { b } from './b.js';\nexport const a = (): unknown => b;\n");
  await write('src/time/b.ts', "import { a } from './a.js';\nexport const b = (): unknown => a;\n");
  await write('src/hooks/c.ts', "import type { D } from './d.js';\nexport interface C {\n  d: D;\n}\n");
  await write('src/hooks/d.ts', "import type { C } from './c.js';\nexport interface D {\n  c: C;\n}\n");
  expect(await filesRefusedFor('import(no-cycle)')).toEqual([
    'src/hooks/c.ts',
    'src/hooks/d.ts',
    'src/time/a.ts',
    'src/time/b.ts',
  ]);
});

test('every folder of src, and every file beside them but the public entry, has a place among the layers', async () => {
  const entries = await readdir(path.join(root, 'src'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() || isFile(entry.name)).map(({ name }) => name);
  expect(names.filter((name) => name !== 'index.ts').toSorted()).toEqual(layers.flat().toSorted());
});

/** Something to import from a layer. */
function inLayer(layer: string): string {
  return isFile(layer) ? layer.replace('.ts', '.js') : `${layer}/thing.js`;
}

function importing(target: string): string {
  return `import { thing } from '${target}';\nexport const used: unknown = thing;\n`;
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(path.join(house, file)), { recursive: true });
  await writeFile(path.join(house, file), content);
}

/** Runs the real linter with the project's own rules. */
async function filesRefusedFor(code: string): Promise<string[]> {
  const run = promisify(execFile)(process.execPath, [oxlint, '--format', 'json'], { cwd: house });
  const printed = await run.catch((failure: { stdout: string }) => failure);
  const { diagnostics } = output.parse(JSON.parse(printed.stdout));
  const files = diagnostics.filter((diagnostic) => diagnostic.code === code).map(({ filename }) => filename);
  return [...new Set(files)].toSorted();
}
