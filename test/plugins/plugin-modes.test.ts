import { describe, expect, it } from 'vitest';
import { pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { loadConfig } from '../../src/index.js';
import { pluginModes } from '../../src/plugins/plugin-mode.js';

const running = pluginModeNames.filter((mode) => pluginModes[mode].schedule !== 'never');

describe.each(running)('what a configuration says of errors in mode %s', (mode) => {
  const carriesOn = !pluginModes[mode].raisesErrors;

  it.each([
    ['ignore', !carriesOn],
    ['fail', carriesOn],
  ])('on_error: %s is warned of only where it has no effect', (on_error, isWarned) => {
    const plugins = [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'], mode, on_error }];
    const { warnings } = loadConfig({ plugins });
    expect(warnings.map(({ path }) => path)).toEqual(isWarned ? ['plugins[0].on_error'] : []);
  });
});
