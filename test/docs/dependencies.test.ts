import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const names = z.record(z.string(), z.string()).transform((entries) => Object.keys(entries));
const engines = z.object({ node: z.string().optional() });
const packageJson = z.object({
  dependencies: names,
  devDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.strictObject({ optional: z.literal(true) })),
  engines,
});
const lockFile = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), engines: engines.optional() })),
});

test('every dependency has one row in the reference, under its heading, and nothing else has one', async () => {
  const described = packageJson.parse(JSON.parse(await read('package.json')));
  const { dependencies, devDependencies, peerDependencies } = described;
  const [, atRunTime = '', optional = '', forDevelopment = ''] = (await read('docs/reference/dependencies.md')).split(
    /^## .*$/m,
  );

  expect(namesIn(atRunTime)).toEqual(dependencies.toSorted());
  expect(namesIn(optional)).toEqual(peerDependencies.toSorted());
  // What is optional is installed here as well, for the tests.
  const others = devDependencies.filter((name) => !peerDependencies.includes(name));
  expect(namesIn(forDevelopment)).toEqual(others.toSorted());
});

test('every peer is optional, and nothing is said of packages that are none', async () => {
  const { peerDependencies, peerDependenciesMeta } = packageJson.parse(JSON.parse(await read('package.json')));
  expect(Object.keys(peerDependenciesMeta).toSorted()).toEqual(peerDependencies.toSorted());
});

test('the oldest Node that the package allows is new enough for all that it needs at run time', async () => {
  const least = oldestOf(packageJson.parse(JSON.parse(await read('package.json'))).engines.node ?? '');
  const { packages } = lockFile.parse(JSON.parse(await read('package-lock.json')));
  const installed = Object.entries(packages).filter(([, { dev }]) => dev !== true);
  const wanting = installed.filter(([, { engines }]) => !satisfies(least, engines?.node ?? '>=0'));

  expect(wanting.map(([path, { engines }]) => `${path}: ${engines?.node}`)).toEqual([]);
  expect(await read('README.md')).toContain(`Node ${least.join('.')} or newer`);
});

test('ranges of versions are read as npm reads them', () => {
  for (const range of [
    '>=20.18.1',
    '>= 20',
    '>=20.18',
    '>= 10.x',
    '6.* || >= 10.*',
    '20.*',
    '^20.18',
    '^12.20.0 || >=16',
  ]) {
    expect([range, satisfies([20, 18, 1], range)]).toEqual([range, true]);
  }
  for (const range of ['>=20.18.2', '>=20.19', '>= 22', '6.* || 8.*', '^18.0.0', '^20.19 || ^22']) {
    expect([range, satisfies([20, 18, 1], range)]).toEqual([range, false]);
  }
  expect(() => satisfies([20, 18, 1], '~20.0.0')).toThrow('~20.0.0');
});

type Version = readonly [major: number, minor: number, patch: number];

/** The version that `>=` names. */
function oldestOf(range: string): Version {
  const found = /^>= *(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?$/.exec(range);
  if (found === null) throw new Error(`a form of range that this test cannot read: ${range}`);
  const [, major, minor, patch] = found;
  return [wholeOf(major), wholeOf(minor), wholeOf(patch)];
}

/** What is left out, or any number, begins with 0. */
function wholeOf(part = ''): number {
  return /^\d/.test(part) ? Number(part) : 0;
}

/** The forms of ranges that occur in the lock file; any other is an error. */
function satisfies([major, minor, patch]: Version, range: string): boolean {
  return range.split('||').some((alternative) => {
    const whole = /^(\d+)\.[x*]$/.exec(alternative.trim())?.[1];
    if (whole !== undefined) return Number(whole) === major;
    const caret = /^\^(\d.*)$/.exec(alternative.trim())?.[1];
    if (caret !== undefined && Number.parseInt(caret, 10) !== major) return false;
    const oldest = oldestOf(caret === undefined ? alternative.trim() : `>=${caret}`);
    return (major - oldest[0] || minor - oldest[1] || patch - oldest[2]) >= 0;
  });
}

/** The first cell of every row. */
function namesIn(section: string): string[] {
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name).toSorted();
}
