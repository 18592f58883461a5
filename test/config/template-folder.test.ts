import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('nothing but renderTemplate and its result and error is imported from the folder of the template', () => {
  const imports = ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => file.endsWith('.ts') && !file.startsWith(join('src', 'config', 'template')))
      .flatMap((file) => importsOf(file).map((target) => ({ file, target }))),
  );
  expect(imports.length).toBeGreaterThan(1);
  expect(imports.filter(({ target }) => target !== 'template.js')).toEqual([]);
});

function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/from '(?:\.\.?\/)+(?:[\w-]+\/)*template\/([^']+)'/g);
  return [...found].map(([, target = '']) => target);
}
