import { expect, it } from 'vitest';
import { ConfigError, loadConfig, type PluginOverride } from '../../src/index.js';
import { withOverrides } from '../../src/manager/pool/manager-pool-overrides.js';

const base = loadConfig(
  {
    plugins: [
      { name: 'Deny', kind: 'deny', hooks: ['tool_pre_invoke'], config: { words: ['a'], deep: { x: 1, y: 2 } } },
      { name: 'Idle', kind: 'idle', mode: 'disabled', hooks: [], priority: 7 },
      { name: 'Far', kind: 'external', mcp: { proto: 'STDIO', cmd: ['node', 'x.js'] }, on_error: 'ignore' },
    ],
  },
  { env: {} },
);

const pluginsWith = (overrides: unknown) => withOverrides(base, overrides, 'acme').config.plugins;

function refusal(overrides: unknown, from = base): readonly string[] {
  try {
    withOverrides(from, overrides, 'acme');
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  throw new Error('it was taken');
}

it('leaves what is not overridden as it is, and the base in any case', () => {
  const before = structuredClone(base.config);
  expect(pluginsWith(undefined)).toEqual(base.config.plugins);
  expect(pluginsWith(null)).toEqual(base.config.plugins);
  expect(pluginsWith([])).toEqual(base.config.plugins);
  expect(pluginsWith([{ name: 'Deny' }])).toEqual(base.config.plugins);
  const unset = { config: null, mode: null, onError: null, on_error: null, priority: null };
  expect(pluginsWith([{ name: 'Far', ...unset }])).toEqual(base.config.plugins);
  pluginsWith([{ name: 'Deny', priority: 3, config: { words: [] } }]);
  expect(base.config).toEqual(before);
});

it('lays a config over that of the plugin, key by key', () => {
  const [deny] = pluginsWith([{ name: 'Deny', config: { words: ['b'], deep: { x: 3 }, more: null } }]);
  const config = { words: ['b'], deep: { x: 3 }, more: null };
  expect(deny).toMatchObject({ config, mode: 'enforce', priority: 100 });
  expect(deny?.config).toEqual(config);
  expect(deny?.written['config']).toEqual(config);
});

it.each<[PluginOverride, object, object]>([
  [{ name: 'Far', mode: 'audit' }, { mode: 'audit', onError: 'ignore' }, { mode: 'audit' }],
  [{ name: 'Far', priority: 0 }, { priority: 0 }, { priority: 0 }],
  [{ name: 'Far', onError: 'fail' }, { onError: 'fail' }, { on_error: 'fail' }],
  [{ name: 'Far', on_error: 'disable' }, { onError: 'disable' }, { on_error: 'disable' }],
])('%o wins over the base, and over what the server says', (override, expected, written) => {
  const far = pluginsWith([override])[2];
  expect(far).toMatchObject(expected);
  expect(far?.written).toMatchObject(written);
});

it.each<[unknown, string[]]>([
  [{}, ['expected a list of overrides, found a map']],
  ['x', ['expected a list of overrides, found the string "x"']],
  [[null], ['[0]: expected a map, found null']],
  [[{ mode: 'audit' }], ['[0].name: is missing; expected a string']],
  [
    [{ name: 'Den', mode: 'audit' }],
    ['[0].name: the base has no plugin of this name, found the string "Den"; did you mean `Deny`?'],
  ],
  [
    [{ name: 'Other' }],
    ['[0].name: the base has no plugin of this name, found the string "Other"; expected one of Deny, Idle, Far'],
  ],
  [[{ name: 'Deny', modes: 'audit' }], ['[0].modes: unknown key; did you mean `mode`?']],
  [
    [{ name: 'Deny', hooks: [] }],
    ['[0].hooks: unknown key; expected one of name, config, mode, onError, on_error, priority'],
  ],
  [
    [{ name: 'Deny', mode: '' }],
    [expect.stringMatching(/^\[0\]\.mode: expected one of enforce, .*, found an empty string$/)],
  ],
  [[{ name: 'Deny', priority: 1.5 }], ['[0].priority: expected an integer, found the number 1.5']],
  [[{ name: 'Deny', config: [] }], ['[0].config: expected a map, found an empty list']],
  [[{ name: 'Deny', config: { when: new Date(0) } }], ['[0].config.when: expected JSON data, found a Date object']],
  [[{ name: 'Deny', on_error: 'x' }], ['[0].on_error: expected one of fail, ignore, disable, found the string "x"']],
  [
    [{ name: 'Deny', on_error: 'fail', onError: 'fail' }],
    ['[0].on_error: is the same as `onError`, and only one of them can be given'],
  ],
  [
    [
      { name: 'Deny', priority: 1 },
      { name: 'Deny', mode: 'audit' },
    ],
    ['[1].name: plugin Deny has overrides at [0] already'],
  ],
  [
    [{ name: 'Far', config: { a: 1 } }],
    ['[0].config: an external plugin takes no `config`; it is set where the plugin is served'],
  ],
])('refuses %j', (overrides, messages) => {
  const [summary, ...rest] = refusal(overrides);
  expect(summary).toBe(`the overrides of "acme" have ${messages.length} error${messages.length === 1 ? '' : 's'}`);
  expect(rest).toEqual(messages);
});

it('tells all that is wrong at once, and shows no secret', () => {
  const lines = refusal([
    { name: 'Deny', mode: 'x', priority: 'y' },
    { name: 'Far', config: { apiKey: Number.NaN } },
  ]);
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'the overrides of "acme" have 3 errors',
    '[1].config.apiKey',
    '[0].mode',
    '[0].priority',
  ]);
  const [, ...wrong] = refusal([{ name: 'Nobody' }, { name: 'Far', config: { apiKey: 'hush' } }]);
  expect(wrong).toHaveLength(2);
  expect(wrong.join()).not.toContain('hush');
});

it('warns of what has no effect, and refuses it where the base is strict', () => {
  const { warnings } = withOverrides(base, [{ name: 'Deny', mode: 'fire_and_forget', onError: 'fail' }], 'acme');
  expect(warnings).toMatchObject([{ path: '[0].on_error', message: expect.stringContaining('has no effect') }]);
  const strict = { ...base, config: { ...base.config, settings: { ...base.config.settings, strict: true } } };
  expect(refusal([{ name: 'Idle', mode: 'enforce' }], strict)).toEqual([
    'the overrides of "acme" have 1 error',
    '[0]: this plugin never runs: it lists no `hooks`',
  ]);
});
