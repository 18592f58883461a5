import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { limits } from '../bench/limits.js';

const folder = 'docs/project';
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join(folder, file));
const read = (page: string) => readFileSync(join(folder, page), 'utf8');

it.each(pages)('every path that %s writes out exists', (page) => {
  const written = [...readFileSync(page, 'utf8').matchAll(/`((?:src|test|machines|docs)\/[^`*\s]*)`/g)];
  expect(written.map(([, path = '']) => path).filter((path) => !existsSync(path))).toEqual([]);
});

it('the page on benchmarks explains every row that has a limit, and no other but what is information', () => {
  const [, rows = ''] = /\n## The rows\n([^]*?)\n## /.exec(read('benchmarks.md')) ?? [];
  const explained = [...rows.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  const limited = explained.filter((name = '') => !name.endsWith(' (information)'));
  expect(new Set(limited)).toEqual(new Set(Object.keys(limits)));
});

it('every row of the last figures says what its ratio may be, as the benchmarks have it', () => {
  const [, table = ''] = /\n## Last figures\n([^]*)$/.exec(read('benchmarks.md')) ?? [];
  const rows = [...table.matchAll(/^\| `(\S+)` \| (\S+) \| (\S+) \| \S+ \| (\S+) \|[^|]*\| ?(\S*?)(: missed)? ?\|$/gm)];
  expect(rows.length).toBeGreaterThan(0);
  for (const [, name = '', ours, reference, ratio, limit = '', missed] of rows) {
    expect([name, limit === '' ? undefined : Number(limit)]).toEqual([name, limits[name]]);
    expect([name, missed !== undefined]).toEqual([name, limit !== '' && Number(ratio) > Number(limit)]);
    // The median of the ratios of all rounds is not quite the ratio of the medians.
    const apart = Math.abs(Number(ours) / Number(reference) - Number(ratio));
    expect([name, apart <= 0.2 * Number(ratio)]).toEqual([name, true]);
  }
});

it('the changelog begins with what is not released, and knows the version of the package', () => {
  const headings = [...read('changelog.md').matchAll(/^## (\S+)/gm)].map(([, heading]) => heading);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(headings[0]).toBe('Unreleased');
  expect(headings).toContain(version);
});

/** A recipe, and the words by which files speak of one example of what it adds. */
it.each([
  ['Add a hook', /agent_post_invoke|AgentPostInvoke/],
  ['Add a mode', /fire_and_forget/],
  ['Add a slot of the extensions', /\bprovenance\b|ProvenanceExtension/],
  ['Add a transport', /unix_socket\b|unixSocket\b|UnixSocketClient|openUnixPlugin|createUnixTransport/],
  ['Add a setting', /allowed_hosts|allowedHosts/],
  ["Add a key to a server's entry", /maxConcurrent/],
  ['Add a failure code', /'OUTCOME_UNKNOWN'/],
])('the recipe “%s” names every file of src that speaks of one like it', (recipe, mentions) => {
  const section =
    read('contributing.md')
      .split('\n### ')
      .find((part) => part.startsWith(`${recipe}\n`)) ?? '';
  const named = [...section.matchAll(/\]\(([^)\s#]+)/g)].map(([, link = '']) => normalize(join(folder, link)));
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const speaking = files.map((file) => join('src', file)).filter((file) => mentions.test(readFileSync(file, 'utf8')));
  expect(speaking.length).toBeGreaterThan(1);
  expect(speaking.filter((file) => !named.includes(file))).toEqual([]);
});
