import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { mergePluginConfig } from '../../src/config/remote-plugin-config.js';
import { refusalOf, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function loadFile(yaml: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder, 'good.yaml'), yaml);
  return loadConfig('good.yaml', { env, cwd: folder });
}

const many = 20_000;
const times = (make: (index: number) => string, between = ''): string =>
  Array.from({ length: many }, (_, index) => make(index)).join(between);
const inConfig = (yaml: string): string => `plugins:\n- name: a\n  kind: k\n  hooks: [h]\n  config:\n${yaml}\n`;

/** Took from seconds to minutes where the time grew with the square; the time-out of a test is bound enough. */
const patience = 20_000;

describe('a file is refused or read in time that grows with its length', () => {
  it.each<[string, string, number | undefined, RegExp]>([
    ['aliases of one anchor', inConfig(`    x: &a 1\n    y: [${'*a,'.repeat(many)}]`), 7, /more than 100 times over$/],
    ['aliases without an anchor', `plugins: [${times((i) => `*a${i}`, ',')}]`, 1, /has no anchor &a0 before it$/],
    ['keys that nobody knows', times((i) => `k${i}: 1\n`), 1, /k0: unknown key/],
    ['keys that nobody knows, in one line', `{${times((i) => `k${i}: 1`, ',')}}`, 1, /k0: unknown key/],
    ['one key, again and again', inConfig('    k: 1\n'.repeat(many)), 7, /in the map already/],
    ['plugins with unknown keys', `plugins:\n${times(() => '- {nam: p}\n')}`, 2, /plugins\[0\]\.name: is missing/],
    ['plugins of one name', `plugins:\n${times(() => '- {name: p, kind: k, hooks: [h]}\n')}`, 3, /plugins\[1\]\.name/],
    ['unknown tags', times((i) => `k${i}: !foo x\n`), 1, /Unresolved tag: !foo$/],
    ['tabs', `a:\n${'\t- b\n'.repeat(many)}`, 2, /Tabs are not allowed as indentation$/],
    ['digits', `x: ${'9'.repeat(1_000_000)}`, 1, /held exactly/],
    [
      'merged maps',
      `a: &a {${times((i) => `k${i}: 1`, ',')}}\nb: {${'<<: *a,'.repeat(100)}}`,
      2,
      /aliases add more than/,
    ],
    [
      'aliases of aliases of aliases',
      `a0: &a0 [${'x,'.repeat(10)}]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join('\n')}`,
      4,
      /more than 100 times over$/,
    ],
    [
      'a list of many, many times',
      `a: &a [${'x,'.repeat(5_000)}]\nb: [${'*a,'.repeat(90)}]`,
      2,
      /aliases add more than/,
    ],
    ['brackets of YAML', `x: ${'['.repeat(200_000)}${']'.repeat(200_000)}`, 1, /at most 100 levels/],
    ['lists in lists', '- '.repeat(200_000), 1, /at most 100 levels/],
  ])(
    '%s',
    (_, yaml, line, message) => {
      const error = refusalOfFile(folder, yaml);
      expect(error.issues[0]).toMatchObject({ line });
      expect(error.message.split('\n')[1]).toMatch(message);
    },
    patience,
  );

  it.each<[string, string]>([
    ['anchors', inConfig(`    x: [${times((i) => `&a${i} 1`, ',')}]\n    y: [${times((i) => `*a${i}`, ',')}]`)],
    ['keys of a plugin’s own', inConfig(times((i) => `    k${i}: 1\n`))],
    ['plugins', `plugins:\n${times((i) => `- {name: p${i}, kind: k, hooks: [h]}\n`)}`],
    ['tags of the template', times(() => '#{{ env.A }}\n')],
    ['comments', '#\n'.repeat(many)],
  ])(
    '%s',
    (_, yaml) => {
      expect(loadFile(yaml, { A: 'x' }).warnings).toEqual([]);
    },
    patience,
  );

  it('tells the first hundred errors of thousands, and how many there are', () => {
    const error = refusalOfFile(
      folder,
      times((i) => `k${i}: 1\n`),
    );
    expect(error.issues).toHaveLength(100);
    expect(error.unlisted).toBe(many - 100);
    const lines = error.message.split('\n');
    expect([lines[0], lines.length, lines.at(-1)]).toEqual([`f.yaml has ${many} errors`, 102, 'and 19900 more errors']);
  });

  it('tells the errors behind hundreds of warnings', () => {
    const plugins = Array.from({ length: 300 }, (_, i) => ({ name: `p${i}`, kind: 'k' }));
    const error = refusalOf(() => loadConfig({ plugins, plugin_dirs: 3 }, { env: {} }));
    expect(error.message).toBe(
      'the configuration has 1 error\nplugin_dirs: expected a list of strings, found the number 3',
    );
  });

  it('does not copy one value a million times', () => {
    let shared: unknown = 'x';
    for (let depth = 0; depth < 20; depth++) shared = Array.from({ length: 10 }, () => shared);
    const error = refusalOf(() => loadConfig({ plugins: shared }, { env: {} }));
    expect(error.message).toContain('expected at most 1000000 values, found more');
  }, 20_000);

  it('tells the first hundred errors of a server’s configuration', () => {
    const local = loadConfig({ plugins: [{ name: 'a', kind: 'external', unix_socket: { path: '/s' } }] }, { env: {} });
    const [entry] = local.config.plugins;
    const conditions = Array.from({ length: many }, () => ({ tool: ['x'] }));
    const error = refusalOf(() => entry && mergePluginConfig(entry, { conditions }));
    expect([error.issues.length, error.unlisted]).toEqual([100, many - 100]);
  });

  it('does not repeat long keys', () => {
    expect(refusalOfFile(folder, `${'k'.repeat(1_000)}: 1\n`).message.length).toBeLessThan(500);
  });
});

describe('a template that would use up the stack or the memory is refused at its place', () => {
  const wide = (open: string, close = ''): string => `${open.repeat(100_000)}1${close.repeat(100_000)}`;
  it.each<[string, string]>([
    ['brackets', wide('[', ']')],
    ['parentheses', wide('(', ')')],
    ['maps', wide('{1: ', '}')],
    ['brackets, fewer of them', `${'['.repeat(200)}1${']'.repeat(200)}`],
    ['sums', wide('1 + ')],
    ['signs', wide('- ')],
    ['negations', wide('not ')],
    ['conditions', `${'1 if 1 else '.repeat(50_000)}1`],
    ['members', `env${'.a'.repeat(100_000)}`],
    ['filters', `env.A${' | upper'.repeat(100_000)}`],
    ['arguments', `env.A | replace(${'1,'.repeat(100_000)} 1)`],
    ['a wide directive', "'%999999999d' | format(1)"],
    ['a wide indent', "'a' | indent(999999999)"],
    ['zeros', '1.5 | round(999999999)'],
  ])(
    '%s',
    (_, expression) => {
      const error = refusalOfFile(folder, `plugins: []\nx: "{{ ${expression} }}"\n`, { A: 'a' });
      expect(error.issues[0]).toMatchObject({ line: 2, severity: 'error' });
      expect(error.message).not.toMatch(/call stack|string length|Invalid/);
    },
    patience,
  );

  it.each<[string, string]>([
    ['blocks', `${'{% if 1 %}'.repeat(many)}x${'{% endif %}'.repeat(many)}`],
    ['branches', `{% if 0 %}${'{% elif 0 %}'.repeat(many)}{% endif %}`],
    ['loops', `{% set l = env.L.split(',') %}${'{% for a in l %}'.repeat(4)}x${'{% endfor %}'.repeat(4)}`],
    [
      'text that doubles',
      `{% set n = namespace(a='x') %}{% for a in env.L.split(',') %}{% set n.a = n.a ~ n.a %}{% endfor %}`,
    ],
    [
      'lists that double',
      `{% set n = namespace(a=[1]) %}{% for a in env.L.split(',') %}{% set n.a = n.a + n.a %}{% endfor %}`,
    ],
  ])(
    '%s',
    (_, template) => {
      const error = refusalOfFile(folder, template, { L: ','.repeat(100) });
      expect(error.issues).toEqual([expect.objectContaining({ line: 1, severity: 'error' })]);
      expect(error.message).not.toMatch(/call stack|string length/);
    },
    patience,
  );
});

describe('aliases and merge keys', () => {
  const config = (yaml: string): unknown => {
    const { plugins } = loadFile(inConfig(yaml.replace(/^/gm, '    '))).config;
    return plugins[0]?.config;
  };

  // Made with PyYAML 6.0.3.
  it.each<[string, unknown]>([
    ['a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}', { a: { x: 1, y: 2 }, b: { x: 1, y: 3 } }],
    ['a: &a {x: 1}\nb: {x: 2, <<: *a}', { a: { x: 1 }, b: { x: 2 } }],
    ['a: &a {x: 1}\nb: &b {x: 2}\nc: {<<: [*a, *b]}', { a: { x: 1 }, b: { x: 2 }, c: { x: 1 } }],
    ['a: &a {x: 1}\nb: &b {x: 2}\nc: {<<: *a, <<: *b}', { a: { x: 1 }, b: { x: 2 }, c: { x: 2 } }],
    ['c: {<<: {x: 1}, y: 2}', { c: { x: 1, y: 2 } }],
    ['a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}', { a: { x: 1 }, b: { x: 1, y: 2 }, c: { x: 1, y: 2 } }],
    ['a: &a 1\nb: &a 2\nc: *a', { a: 1, b: 2, c: 2 }],
    ['a: &k x\nb: {*k : 1}', { a: 'x', b: { x: 1 } }],
    ['c: {"<<": 1}', { c: { '<<': 1 } }],
  ])('%s', (yaml, data) => {
    expect(config(yaml)).toEqual(data);
  });

  it.each<[string, string]>([
    ['c: {<<: 1}', '6:9: `<<` takes a map or a list of maps, found something else'],
    ['c: {<<: [1]}', '6:9: `<<` takes a map or a list of maps, found something else'],
    ['c: {[1]: 1}', '6:9: expected a key that is text, found a list or a map'],
    ['c: {~: 1}', '6:9: expected a key that is text, found nothing'],
    [
      'c: {1: a, "1": b}',
      '6:15 plugins[0].config.c.1: this key is in the map already, on line 6; remove one of the two',
    ],
    [
      'c: {yes: a, "true": b}',
      '6:17 plugins[0].config.c.true: this key is in the map already, on line 6; remove one of the two',
    ],
    ['c: !!binary aGk=', '6:8: Unresolved tag: tag:yaml.org,2002:binary'],
    ['c: !!int x', '6:8: expected a value that its tag fits'],
  ])('%s is refused', (yaml, message) => {
    const error = refusalOfFile(folder, inConfig(`    ${yaml}`));
    expect(error.message.split('\n').slice(1)).toEqual([`f.yaml:${message}`]);
  });
});
