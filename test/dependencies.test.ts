import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';

const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const names = z.record(z.string(), z.string()).transform((entries) => Object.keys(entries));
const packageJson = z.object({ dependencies: names, devDependencies: names });

test('every dependency has one row in the reference, under its heading, and nothing else has one', async () => {
  const { dependencies, devDependencies } = packageJson.parse(JSON.parse(await read('package.json')));
  const [, atRunTime = '', forDevelopment = ''] = (await read('docs/reference/dependencies.md')).split(/^## .*$/m);

  expect(namesIn(atRunTime)).toEqual(dependencies.toSorted());
  expect(namesIn(forDevelopment)).toEqual(devDependencies.toSorted());
});

/** The first cell of every row. */
function namesIn(section: string): string[] {
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name).toSorted();
}
