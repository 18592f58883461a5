import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { differences } from './interop/differences.js';

const page = readFileSync('docs/reference/compatibility.md', 'utf8');
const [, proven = ''] = /\n## Proven against the Python implementation\n([^]*?)(?=\n## |$)/.exec(page) ?? [];

/** The bullets of the section, each on one line. */
const bullets = [...proven.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, text = '']) => text.replaceAll('\n  ', ' '));

it('the page names the differences that the suite allows, all of them, no others, and in their order', () => {
  expect(bullets.map((text) => /^\*\*(.+?)\*\*: /.exec(text)?.[1] ?? text)).toEqual(
    differences.map(({ name }) => name),
  );
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
