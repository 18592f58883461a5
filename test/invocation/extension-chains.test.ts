import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { modeTraits, type PluginModeName } from '../../src/config/sections/plugin-modes.js';
import { accessOf } from '../../src/extensions/extension-access.js';
import { mergeExtensions } from '../../src/extensions/extension-merge.js';
import { readExtensions } from '../../src/extensions/extension-reader.js';
import { viewOf } from '../../src/extensions/extension-view.js';
import { definePlugin, type Extensions, isGatechartError } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';
import { anyCapabilities, anyExtensions } from '../models/extension-scenario.js';

const modes = Object.keys(modeTraits).filter((mode): mode is PluginModeName => mode !== 'disabled');

/** What one plugin may write to, and does. */
const anyPlugin = fc.record({
  mode: fc.constantFrom(...modes),
  capabilities: anyCapabilities,
  written: fc.option(anyExtensions, { nil: undefined }),
  /** Whether it answers what it sees beside what it writes. */
  spreads: fc.boolean(),
  end: fc.constantFrom('passes' as const, 'passes' as const, 'stops' as const, 'throws' as const),
});
type AnyPlugin = typeof anyPlugin extends fc.Arbitrary<infer Value> ? Value : never;

function read(given: Extensions): Extensions {
  const reading = readExtensions(given);
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return reading.extensions;
}

/** What a plugin answers, given what it sees. */
function answerOf({ written, spreads }: AnyPlugin, seen: Extensions | undefined): Extensions | undefined {
  return written && { ...(spreads && seen), ...written };
}

const counts: readonly PluginModeName[] = ['enforce', 'enforce_ignore_error', 'permissive', 'sequential', 'transform'];
const stops: readonly PluginModeName[] = ['enforce', 'enforce_ignore_error', 'sequential', 'concurrent'];
const raises: readonly PluginModeName[] = ['enforce', 'sequential', 'transform', 'concurrent'];

interface Seen {
  readonly plugin: number;
  readonly extensions: Extensions | undefined;
}

/** A loop over the plugins in the order of their phases; written without the chain. */
function expected(plugins: readonly AnyPlugin[], host: Extensions | undefined) {
  const order = plugins
    .map((plugin, index) => ({ ...plugin, index, phase: modeTraits[plugin.mode].phase ?? 0 }))
    .toSorted((one, other) => one.phase - other.phase);
  const before = host && read(host);
  let extensions = before;
  const seen: Seen[] = [];
  let ended: 'halted' | 'failed' | undefined;
  let endedIn: PluginModeName | undefined;
  const end = (mode: PluginModeName, how: 'halted' | 'failed'): void => {
    endedIn ??= mode;
    ended ??= how;
  };
  for (const plugin of order) {
    const { mode, capabilities, index } = plugin;
    // Gates start all at once; what runs after the answer runs behind a block too, but not behind an error.
    const runs = endedIn === mode ? mode === 'concurrent' : ended !== 'failed' && mode === 'fire_and_forget';
    if (ended !== undefined && !runs) continue;
    const shown = extensions && viewOf(extensions, accessOf(capabilities));
    seen.push({ plugin: index, extensions: shown });
    if (plugin.end === 'throws') {
      if (raises.includes(mode)) end(mode, 'failed');
      continue;
    }
    const answer = answerOf(plugin, shown);
    if (answer !== undefined && counts.includes(mode))
      ({ extensions } = mergeExtensions(extensions, shown, read(answer), accessOf(capabilities)));
    if (plugin.end === 'stops' && stops.includes(mode)) end(mode, 'halted');
  }
  return { seen, modified: ended === 'failed' || extensions === before ? undefined : extensions };
}

async function actual(plugins: readonly AnyPlugin[], host: Extensions | undefined) {
  const seen: Seen[] = [];
  await using harness = await createChainHarness({
    plugins: plugins.map((plugin, index) => ({
      name: `p${index}`,
      hooks: ['tool_pre_invoke'],
      mode: plugin.mode,
      capabilities: plugin.capabilities,
      plugin: definePlugin({
        hooks: {
          tool_pre_invoke(_payload, { extensions }) {
            seen.push({ plugin: index, extensions });
            if (plugin.end === 'throws') throw new Error('no');
            return { continueProcessing: plugin.end !== 'stops', modifiedExtensions: answerOf(plugin, extensions) };
          },
        },
      }),
    })),
  });
  try {
    const outcome = await harness.manager.invokeHook(
      'tool_pre_invoke',
      { name: 't' },
      { requestId: '1' },
      { extensions: host },
    );
    await outcome.background;
    return { seen, modified: outcome.modifiedExtensions };
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    return { seen, modified: undefined };
  }
}

it('each plugin of a chain sees what those before it have left, and the caller gets what the last have', async () => {
  const host = fc.option(anyExtensions, { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(anyPlugin, { maxLength: 5 }), host, async (plugins, extensions) => {
      expect(await actual(plugins, extensions)).toEqual(expected(plugins, extensions));
    }),
    { numRuns: 300 },
  );
}, 60_000);
