import { describe, expect, it } from 'vitest';
import {
  type OnError,
  onErrorNames,
  type PluginModeName,
  pluginModeNames,
} from '../../src/config/sections/plugin-modes.js';
import { loadConfig } from '../../src/index.js';
import { pluginModes, rightsOf } from '../../src/plugins/plugin-mode.js';

const running = pluginModeNames.filter((mode) => pluginModes[mode].schedule !== 'never');

const rights = (mode: PluginModeName, onError?: OnError, more: { cpex?: boolean; failOnPluginError?: boolean } = {}) =>
  rightsOf(
    { mode, ...(onError && { onError }) },
    { modeDialect: more.cpex === true ? 'cpex' : 'contextforge', failOnPluginError: more.failOnPluginError === true },
  );

describe.each(running)('errors in mode %s', (mode) => {
  const isBackground = mode === 'fire_and_forget';

  it.each(onErrorNames)(
    'on_error: %s is what it says, and is warned of only where nobody could be told',
    (on_error) => {
      const plugins = [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'], mode, on_error }];
      const { config, warnings } = loadConfig({ plugins });
      expect(config.plugins[0]?.onError).toBe(on_error);
      expect(warnings.map(({ path }) => path)).toEqual(
        isBackground && on_error === 'fail' ? ['plugins[0].on_error'] : [],
      );
      expect(rights(mode, on_error)).toMatchObject({
        onError: on_error,
        raisesErrors: on_error === 'fail' && !isBackground,
      });
    },
  );

  it('they are raised where the settings say so', () => {
    expect(rights(mode, 'ignore', { failOnPluginError: true }).raisesErrors).toBe(!isBackground);
  });
});

describe('the words of 1.0.0', () => {
  const words = ['enforce', 'enforce_ignore_error', 'permissive'] as const;

  it.each(words)('%s runs in the first phase, by priority', (mode) => {
    expect(rights(mode)).toMatchObject({ phase: 0, schedule: 'inTurn' });
  });

  it.each([
    ['enforce', 'sequential', 'fail'],
    ['enforce_ignore_error', 'sequential', 'ignore'],
    ['permissive', 'transform', 'fail'],
  ] as const)('cpex reads %s as %s with on_error: %s', (word, mode, onError) => {
    expect(rights(word, undefined, { cpex: true })).toEqual(rights(mode, onError));
    expect(rights(word, 'disable', { cpex: true })).toEqual(rights(mode, 'disable'));
    expect(rights(word, undefined, { cpex: true })).not.toEqual(rights(word));
  });
});
