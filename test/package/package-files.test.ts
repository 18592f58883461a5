import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { repository } from '../fixtures/manager/managers.js';

const read = (file: string): string => readFileSync(join(repository, file), 'utf8');

const listing = z.array(z.object({ files: z.array(z.object({ path: z.string() })) }));
const manifest = z.object({
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  bin: z.record(z.string(), z.string()),
});

let files: readonly string[];

beforeAll(async () => {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd: repository, maxBuffer: 16 * 1024 * 1024 });
  files = listing.parse(JSON.parse(stdout))[0]?.files.map(({ path }) => path) ?? [];
}, 60_000);

it('what the README links to is in the package', () => {
  const targets = [...read('README.md').matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].flatMap(
    ([, link, image]) => link ?? image ?? [],
  );
  const local = targets.filter((target) => !/^https?:/.test(target)).map((target) => target.replace(/#.*$/, ''));
  expect(local.length).toBeGreaterThan(20);
  expect(local.filter((target) => !files.includes(target))).toEqual([]);
});

it('what package.json names is in the package', () => {
  const { exports, bin } = manifest.parse(JSON.parse(read('package.json')));
  const named = [...Object.values(exports), ...Object.values(bin)].flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const isShipped = (file: string): boolean => {
    const [before = '', after] = file.replace(/^\.\//, '').split('*');
    return files.some((one) => (after === undefined ? one === before : one.startsWith(before) && one.endsWith(after)));
  };
  expect(named.filter((file) => !isShipped(file))).toEqual([]);
});

it('no source maps are shipped, and no file names one', () => {
  const scripts = files.filter((file) => /^dist\/.*\.js$/.test(file));
  expect(scripts.length).toBeGreaterThan(20);
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
  expect(scripts.filter((file) => /^\/\/# sourceMappingURL=/m.test(read(file)))).toEqual([]);
});

it.each(['zod', 'xstate'])('%s, which is built into the package, comes with its licence', (name) => {
  expect(files).toContain(`dist/chunks/${name}.LICENSE`);
  expect(read(`dist/chunks/${name}.LICENSE`)).toMatch(/MIT License/i);
});
