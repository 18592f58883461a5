import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-positions-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The errors of a file, without its folder. */
function errorsOf(yaml: string, env: NodeJS.ProcessEnv = {}): string[] {
  writeFileSync(join(folder, 'f.yaml'), yaml);
  try {
    loadConfig('f.yaml', { env, cwd: folder });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n').slice(1);
    throw error;
  }
  return [];
}

const bad = 'plugin_dirs: 3\n';
const complaint = (position: string): string[] => [
  `f.yaml:${position} plugin_dirs: expected a list of strings, found the number 3`,
];

describe('lines and columns are those of the file as written', () => {
  it.each<[string, string, NodeJS.ProcessEnv, string]>([
    ['without a template', `\n# c\n${bad}`, {}, '3:14'],
    ['in a file with CRLF', `# c\r\n\r\n${bad}`, {}, '3:14'],
    ['after a comment tag over several lines', `{# one\ntwo\nthree #}\n${bad}`, {}, '4:14'],
    ['after a branch that is left out', `{% if env.NO %}\nplugins: []\n{% endif %}\n${bad}`, {}, '4:14'],
    ['after a loop', `{% for i in [1, 2, 3] %}\n# {{ i }}\n{% endfor %}\n${bad}`, {}, '4:14'],
    ['after tags that strip lines', `{%- if true -%}\n\n\n{%- endif -%}\n\n${bad}`, {}, '6:14'],
    ['after a value with newlines', `plugin_settings: {{ env.A }}\n${bad}`, { A: '\n  plugin_timeout: 3\n' }, '2:14'],
    ['after an expression over several lines', `plugins: {{ env.A\n  | default("[]") }}\n${bad}`, {}, '3:14'],
    ['behind an expression on the same line', `{{ env.A }}plugin_dirs: 3`, { A: '' }, '1:25'],
  ])('%s', (_, yaml, env, position) => {
    expect(errorsOf(yaml, env)).toEqual(complaint(position));
  });

  it('points at what holds a section that is not there, and names what is missing in it', () => {
    expect(errorsOf('plugins:\n- name: a\n', {})).toEqual([
      'f.yaml:2:3 plugins[0].kind: is missing; expected a string',
    ]);
  });

  it('points at the expression when the value came from it', () => {
    expect(errorsOf('plugins: []\nplugin_dirs: {{ env.A }}\n', { A: '\n\n  - 1' })).toEqual([
      'f.yaml:2:14 plugin_dirs[0]: expected a string, found a number; put it in quotes',
    ]);
  });

  it('points at the anchor of a merged key', () => {
    const yaml = 'plugins:\n- &a {name: a, kind: b, prioriti: 1}\n- {<<: *a, name: c}\n';
    expect(errorsOf(yaml)).toEqual([
      'f.yaml:2:25 plugins[0].prioriti: unknown key; did you mean `priority`?',
      'f.yaml:2:25 plugins[1].prioriti: unknown key; did you mean `priority`?',
    ]);
  });

  it('names a position also when a filter over a block makes it move, or none at all', () => {
    const yaml = `{% filter replace("#", "##") %}\n# x\n${bad}{% endfilter %}`;
    expect(errorsOf(yaml)).toEqual(complaint('3:14'));
    const counted = `{% set x %}ab{% endset %}plugin_dirs: {{ x | length }}\n`;
    expect(errorsOf(counted)).toEqual(['f.yaml plugin_dirs: expected a list of strings, found a number']);
  });
});

describe('values that may be secrets are not shown', () => {
  const secret = 'hunter2-hunter2';

  it.each([
    ['a value from the template', 'plugins: "{{ env.S }}"'],
    ['a value that is partly from the template', 'plugins: "x{{ env.S }}y"'],
    ['a value that took a detour', '{% set x = env.S %}plugins: "{{ x }}"'],
    ['a value from a loop', '{% for x in env.S.split("|") %}plugins: {{ x }}\n{% endfor %}'],
    ['a value from a macro', '{% macro m() %}{{ env.S }}{% endmacro %}plugins: {{ m() }}'],
    ['a value reached by an alias', 'plugin_dirs: [&x "{{ env.S }}"]\nplugins: *x'],
    ['an unknown key', '"{{ env.S }}": 1'],
    ['a plugin name', 'plugins: [{name: "{{ env.S }}", kind: k}, {name: "{{ env.S }}", kind: k}]'],
    ['a password in the file', `server_settings: {tls: {keyfile_password: [${secret}]}}`],
    [
      'a variable of a child process',
      `plugins: [{name: a, kind: external, mcp: {proto: STDIO, cmd: [x], env: {A: {b: ${secret}}}}}]`,
    ],
    [
      'a URL with credentials',
      `plugins: [{name: a, kind: external, mcp: {proto: STREAMABLEHTTP, url: "http://u:${secret}@h/"}}]`,
    ],
    ['broken YAML', 'plugins: {{ env.S }}: "x'],
    ['an unresolved tag', 'plugins: !{{ env.S }} x'],
    ['an unresolved alias', 'plugins: *{{ env.S }}'],
    ['a template that fails', '{{ env.S | nope }}'],
  ])('%s', (_, yaml) => {
    const errors = errorsOf(yaml, { S: secret });
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.join('\n')).not.toContain(secret);
  });
});
