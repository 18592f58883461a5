import { describe, expect, it } from 'vitest';
import type { PluginState } from '../../../src/inspect/live/feed/feed-states.js';
import { modeOrder, otherModes, switchOrder } from '../../../src/inspect/live/page/plugins/plugin-orders.js';
import { inOrder, pluginsVerdict, stateText } from '../../../src/inspect/live/page/plugins/plugin-words.js';
import { samplePlugins } from '../../fixtures/inspect/sample-world.js';

const plugins = samplePlugins(400_000);
const [first] = plugins as [PluginState, ...PluginState[]];
const at = (state: string, fields: Partial<PluginState> = {}): PluginState => ({ ...first, at: state, ...fields });
const error = { code: 'PLUGIN_TIMEOUT', message: 'no answer within 500 ms', t: 0 };

describe('the verdict over all plugins', () => {
  it('counts those that run, and those that do not', () => {
    expect(pluginsVerdict(plugins)).toBe('9 plugins run, 2 are off.');
    expect(pluginsVerdict([first])).toBe('1 plugin runs.');
    expect(pluginsVerdict([at('running.disabled.held')])).toBe('No plugin runs, 1 is off.');
    expect(pluginsVerdict([first, at('failed'), at('loading.awaited'), at('draining')])).toBe(
      '1 plugin runs, 1 could not be loaded, 1 is starting, 1 is ending.',
    );
    expect(pluginsVerdict([])).toBe('No plugin is configured.');
  });
});

it.each([
  ['running.enabled', {}, 'runs'],
  ['running.disabled.held', {}, 'off'],
  ['running.disabled.held', { error }, 'off after an error'],
  ['running.disabled.coolingDown', { error }, 'off after an error'],
  ['running.disabled.rested', { error }, 'off, the next call tries it'],
  ['running.disabled.trial', { error }, 'off, one call tries it'],
  ['off', { mode: 'disabled' }, 'off by its mode'],
  ['loading.awaited', {}, 'is starting'],
  ['retiring', {}, 'is ending'],
  ['stopped', {}, 'stopped'],
  ['failed', { error }, 'could not be loaded'],
])('%s with %j reads: %s', (state, fields, text) => {
  expect(stateText(at(state, fields))).toBe(text);
});

it('plugins stand in the order in which they run', () => {
  expect(inOrder(plugins.toReversed())).toEqual(plugins);
});

describe('what can be done with a plugin', () => {
  it('is to disable one that runs, with what that means', () => {
    expect(switchOrder(first)).toEqual({
      label: 'Disable',
      title: 'Disable RateLimit?',
      request: { do: 'disable', plugin: 'RateLimit', expect: 'running.enabled' },
      consequence: 'Chains leave RateLimit out until somebody enables it: what it would block goes through.',
      grave: true,
    });
  });

  it('is to enable one that is off, in the state in which it was seen', () => {
    expect(switchOrder(at('running.disabled.coolingDown'))).toMatchObject({
      label: 'Enable',
      request: { do: 'enable', expect: 'running.disabled.coolingDown' },
      grave: false,
    });
  });

  it.each(['failed', 'loading.awaited', 'draining', 'off'])('is nothing in %s', (state) => {
    expect(switchOrder(at(state))).toBeUndefined();
  });

  it('is to give it another mode of its generation', () => {
    expect(otherModes(first)).toEqual(['disabled', 'transform', 'audit', 'concurrent', 'fire_and_forget']);
    expect(otherModes(at('running.enabled', { mode: 'enforce' }))).toEqual([
      'enforce_ignore_error',
      'permissive',
      'disabled',
    ]);
    expect(otherModes(at('running.enabled', { mode: 'disabled' }))).toHaveLength(8);
    expect(otherModes(at('running.enabled', { mode: 'unheard of' }))).toEqual([]);
  });

  it.each([
    ['sequential', 'audit', 'it can no longer block or change a payload', true],
    ['sequential', 'transform', 'it can no longer block', true],
    ['audit', 'sequential', 'from the next invocation on', false],
    ['sequential', 'disabled', 'it is shut down, and its chains go without it', true],
  ] as const)('says what it means to go from %s to %s', (mode, to, means, grave) => {
    expect(modeOrder(at('running.enabled', { mode }), to)).toMatchObject({
      consequence: `RateLimit goes from ${mode} to ${to}: ${means}.`,
      grave,
    });
  });
});
