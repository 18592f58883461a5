import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatIssue } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createManager } from '../../src/index.js';
import { check } from '../fixtures/config/check.js';
import { refusalOf, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';
import { rejection } from '../fixtures/waiting.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function warningsOf(yaml: string, env: NodeJS.ProcessEnv = {}): string[] {
  writeFileSync(join(folder, 'f.yaml'), yaml);
  return loadConfig('f.yaml', { env, cwd: folder }).warnings.map(formatIssue);
}

const plugin = (value: string, more = ''): string =>
  `plugins:\n- name: a\n  kind: k\n  hooks: [tool_pre_invoke]\n  config: {x: "${value}"}\n${more}`;
const unset = (name: string, state = 'not set', column = 16): string =>
  `f.yaml:5:${column}: the variable ${name} is ${state}; set it, or give what holds without it, like {{ env.${name} | default('', true) }}`;

describe('a variable that is not set is a warning with its position', () => {
  it.each<[string, string[]]>([
    ['{{ env.TOKEN }}', [unset('TOKEN')]],
    [
      '{{ TOKEN }}',
      [
        'f.yaml:5:16: the template knows no TOKEN, and puts nothing in its place; write {{ env.TOKEN }} for a variable, or {% raw %}{{TOKEN}}{% endraw %} to leave it as it is',
      ],
    ],
    ['{{ TOKEN | default("x") }}{% if TOKEN is defined %}{{ TOKEN }}{% endif %}{% raw %}{{ TOKEN }}{% endraw %}', []],
    ['{% for t in [env.A] %}{{ t }}{% endfor %}', []],
    ["{{ env['TOKEN'] }}", [unset('TOKEN')]],
    ["{{ env.get('TOKEN') }}", [unset('TOKEN')]],
    ['Bearer {{ env.TOKEN }}', [unset('TOKEN', 'not set', 23)]],
    ['{{ env.A }}{{ env.TOKEN }}{{ env.OTHER }}', [unset('TOKEN', 'not set', 27), unset('OTHER', 'not set', 42)]],
    ['{{ env.EMPTY }}', [unset('EMPTY', 'empty')]],
    ['{{ env.TOKEN | upper }}', [unset('TOKEN')]],
    ["{{ 'Bearer ' ~ env.TOKEN }}", [unset('TOKEN')]],
    ["{{ env.TOKEN if env.A else 'x' }}", [unset('TOKEN')]],
    ['{% set t = env.TOKEN %}{{ t }}', [unset('TOKEN')]],
    ['{% if env.A %}{{ env.TOKEN }}{% endif %}', [unset('TOKEN', 'not set', 30)]],
    ["{% for x in ['a', 'b'] %}{{ env.TOKEN }}{% endfor %}", [unset('TOKEN', 'not set', 41)]],
    ['{{ env.NO or env.TOKEN }}', [unset('TOKEN')]],
  ])('%s', (template, warnings) => {
    expect(warningsOf(plugin(template.replaceAll('"', "'")), { A: 'a', EMPTY: '' })).toEqual(warnings);
  });

  it.each([
    "{{ env.TOKEN | default('x') }}",
    "{{ env.TOKEN | d('x') }}",
    "{{ env.TOKEN | default('') }}",
    "{{ env.EMPTY | default('', true) }}",
    "{{ (env.TOKEN or env.OTHER) | default('x') }}",
    "{{ env.TOKEN | upper | default('x', true) }}",
    "{{ env.get('TOKEN', 'x') }}",
    "{{ env.TOKEN or 'x' }}",
    "{{ env.TOKEN or env.EMPTY or 'x' }}",
    "{{ 'x' if env.TOKEN else 'y' }}",
    "{{ 'x' if env.TOKEN is defined else 'y' }}",
    "{{ 'x' if env.TOKEN == 'on' else 'y' }}",
    '{% if env.TOKEN %}{{ env.TOKEN }}{% endif %}',
    "{% if env.TOKEN is defined and env.TOKEN == 'x' %}y{% endif %}",
    '{% if not env.TOKEN %}y{% endif %}',
    '{% if env.NO %}{{ env.TOKEN }}{% endif %}',
    '{{ env.A }}',
    '{# {{ env.TOKEN }} #}',
    '{% raw %}{{ env.TOKEN }}{% endraw %}',
  ])('but not where something is said of that: %s', (template) => {
    expect(warningsOf(plugin(template), { A: 'a', EMPTY: '' })).toEqual([]);
  });

  it('in plain objects, which are no templates, there are none', () => {
    const plugins = [{ name: 'a', kind: 'k', hooks: ['h'], config: { x: '{{ env.TOKEN }}' } }];
    expect(loadConfig({ plugins, plugin_settings: { strict: true } }, { env: {} }).warnings).toEqual([]);
  });

  it('reaches the logger of a manager', async () => {
    const warned: string[] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (_: object, message: string) => void warned.push(message),
    };
    const file = join(folder, 'm.yaml');
    writeFileSync(file, 'plugins: []\nplugin_dirs: ["{{ env.TOKEN | trim }}x"]\n');
    const manager = await createManager({ config: file, env: {}, logger });
    await manager.close();
    expect(warned).toEqual([expect.stringContaining('the variable TOKEN is not set')]);
  });
});

describe('strict', () => {
  const noHooks =
    'plugins:\n- name: a\n  kind: k\n- name: b\n  kind: k\n  hooks: []\n- name: c\n  kind: k\n  mode: disabled\n';
  const strict = (value: string): string => `plugin_settings: {strict: ${value}}\n`;

  it('is off unless asked for', () => {
    expect(warningsOf(noHooks)).toHaveLength(2);
    expect(warningsOf(noHooks + strict('false'))).toHaveLength(2);
  });

  it.each(['true', 'yes', '"true"', '"1"', '"{{ env.STRICT }}"'])(
    '%s makes errors of plugins that never run',
    (value) => {
      expect(refusalOfFile(folder, noHooks + strict(value), { STRICT: 'true' }).message.split('\n')).toEqual([
        'f.yaml has 2 errors',
        'f.yaml:2:3 plugins[0]: this plugin never runs: it lists no `hooks`',
        'f.yaml:4:3 plugins[1]: this plugin never runs: it lists no `hooks`',
      ]);
    },
  );

  it('makes an error of an unset variable, told with the others', () => {
    const error = refusalOfFile(folder, plugin('{{ env.TOKEN }}', `${strict('true')}plugin_dirs: 3\n`));
    expect(error.message.split('\n')).toEqual([
      'f.yaml has 2 errors',
      unset('TOKEN'),
      'f.yaml:7:14 plugin_dirs: expected a list of strings, found the number 3',
    ]);
  });

  it('that is no flag is refused', () => {
    expect(refusalOfFile(folder, strict('sometimes')).message).toContain(
      'plugin_settings.strict: expected true or false, found the string "sometimes"',
    );
  });

  it('holds for objects and can be asked for by the caller', () => {
    const plugins = [{ name: 'a', kind: 'k' }];
    expect(
      refusalOf(() => loadConfig({ plugins, plugin_settings: { strict: true } }, { env: {} })).issues,
    ).toHaveLength(1);
    expect(refusalOf(() => loadConfig({ plugins }, { env: {}, strict: true })).issues).toHaveLength(1);
    expect(
      loadConfig({ plugins, plugin_settings: { strict: true } }, { env: {}, strict: false }).warnings,
    ).toHaveLength(1);
  });

  it('fails the start of a manager', async () => {
    const config = { plugins: [{ name: 'a', kind: 'k' }], plugin_settings: { strict: true } };
    expect(await rejection(createManager({ config, env: {} }))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('is an option of check-config', async () => {
    const file = join(folder, 'c.yaml');
    writeFileSync(
      file,
      plugin('{{ env.TOKEN }}')
        .replace('kind: k', 'kind: external')
        .replace(/ {2}config.*/, '  unix_socket: {path: "/{{ env.TOKEN }}"}'),
    );
    expect((await check(file)).code).toBe(0);
    const { code, out } = await check(file, {}, { strict: true });
    expect(code).toBe(1);
    expect(out[0]).toMatch(/:5:25 error: the variable TOKEN is not set/);
  });
});
