import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chainDifferences } from '../interop/chains/chain-differences.js';
import { differences } from '../interop/differences.js';
import { builtInHooks, type HookDefinition } from '../../src/index.js';

const page = readFileSync('docs/reference/compatibility.md', 'utf8');
const [, proven = ''] = /\n## Proven against the Python implementation\n([^]*?)(?=\n## |$)/.exec(page) ?? [];

const [pairs = '', chains = ''] = proven.split('\n### Generated chains\n');

/** The bullets of a section, each on one line. */
const bulletsOf = (section: string): string[] =>
  [...section.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, text = '']) => text.replaceAll('\n  ', ' '));
const bullets = bulletsOf(pairs);
const chainBullets = bulletsOf(chains);
/** Those that the first list does not have. */
const onlyInChains = chainDifferences.filter(({ name }) => differences.every((other) => other.name !== name));
const nameIn = (text: string): string => /^\*\*(.+?)\*\*: /.exec(text)?.[1] ?? text;

it('the page names every field of which an empty map and none are the same', () => {
  const text = bulletsOf(page).find((bullet) => bullet.includes('Under a policy, `args: {}`'));
  const fields = builtInHooks.flatMap(({ emptyIsAbsent = [] }: HookDefinition) => emptyIsAbsent);
  expect(fields.length).toBeGreaterThan(0);
  expect(fields.filter((field) => !text?.includes(`\`${field}`))).toEqual([]);
});

it('the page names the differences that generated chains may have, all of them, no others, and in their order', () => {
  expect(chainBullets.map(nameIn)).toEqual(onlyInChains.map(({ name }) => name));
});

it.each(onlyInChains.map(({ name, reason }) => [name, reason]))(
  'the page says of %s what generated chains are allowed',
  (name, reason) => {
    expect(chainBullets).toContain(`**${name}**: ${reason}`);
  },
);

it('the page names the differences that the suite allows, all of them, no others, and in their order', () => {
  expect(bullets.map(nameIn)).toEqual(differences.map(({ name }) => name));
});

it.each(differences.map(({ name, reason }) => [name, reason]))(
  'the page says of %s what the suite says',
  (name, reason) => {
    const text = bullets.find((bullet) => bullet.startsWith(`**${name}**: `));
    expect(text?.slice(0, `**${name}**: ${reason}`.length)).toBe(`**${name}**: ${reason}`);
  },
);

it.each(differences.flatMap(({ name, shownBy }) => (shownBy === undefined ? [] : [[name, shownBy] as const])))(
  'the suite shows %s where it says so',
  (_name, { file, text }) => {
    expect(readFileSync(`test/interop/${file}`, 'utf8')).toContain(text);
  },
);
