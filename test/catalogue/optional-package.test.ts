import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingPackage } from '../../src/catalogue/optional-package.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatechart-optional-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Imports a name as a module outside of the project would. */
async function importFromOutside(name: string): Promise<unknown> {
  const importer = join(folder, `${name.replaceAll(/\W/g, '-')}.mjs`);
  await writeFile(importer, `export * from '${name}';`);
  return import(/* @vite-ignore */ pathToFileURL(importer).href);
}

async function install(name: string, code: string): Promise<void> {
  const home = join(folder, 'node_modules', name);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), JSON.stringify({ name, type: 'module', exports: './index.js' }));
  await writeFile(join(home, 'index.js'), code);
}

it('a package that is there is loaded', async () => {
  await install('there', 'export const answer = 42;');
  await expect(importFromOutside('there').catch(missingPackage('there'))).resolves.toMatchObject({ answer: 42 });
});

it('one that is missing is named, with what installs it', async () => {
  await expect(importFromOutside('not-there').catch(missingPackage('not-there'))).rejects.toThrow(
    'needs the package not-there: npm install not-there',
  );
});

it('one that is there and lacks a package of its own fails with what it said', async () => {
  await install('lacking', "import 'of-its-own';");
  await expect(importFromOutside('lacking').catch(missingPackage('lacking'))).rejects.toThrow(
    /Cannot find package 'of-its-own'/,
  );
});

it('one that throws fails with what it threw', async () => {
  await install('throwing', "throw new Error('it is broken');");
  await expect(importFromOutside('throwing').catch(missingPackage('throwing'))).rejects.toThrow('it is broken');
});
