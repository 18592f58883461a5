import { describe, expect, it } from 'vitest';
import { definePlugin, PluginError, silentLogger } from '../../src/index.js';
import { createManager } from '../../src/manager/create-manager.js';
import { afterOn } from '../../src/testing/after.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { RecordingObservability } from '../../src/testing/recording-observability.js';
import { servedOver, serveHost } from '../fixtures/hosting/served-plugins.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];
const entryOf = (name: string, timeout?: number) => ({ name, kind: 'slow', hooks, ...(timeout && { timeout }) });

/** A manager with plugins that never answer; each may take 30 seconds where its entry does not say. */
async function slowPlugins(entries: readonly ReturnType<typeof entryOf>[]) {
  const clock = new ManualClock();
  const observability = new RecordingObservability();
  const started: string[] = [];
  const slow = definePlugin({
    hooks: { tool_pre_invoke: () => new Promise<undefined>(() => undefined) },
    initialize: ({ name }) => void started.push(name),
  });
  const manager = await createManager({
    config: { plugins: entries },
    kinds: { slow },
    clock,
    observability,
    logger: silentLogger,
    env: {},
  });
  const failure = () => {
    const failed = rejection(manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' }));
    return afterOn(clock)(60_000, failed);
  };
  return { manager, clock, observability, started, failure };
}

describe('the timeout of an entry', () => {
  it.each([
    [0.25, '0.25s'],
    [45, '45s'],
    [undefined, '30s'],
  ])('of %s seconds holds in place of plugin_timeout, shorter or longer', async (timeout, shown) => {
    const { manager, failure, observability } = await slowPlugins([entryOf('a', timeout)]);
    const error = await failure();
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ code: 'PLUGIN_TIMEOUT', message: `Plugin a exceeded ${shown} timeout` });
    const told = observability.spans.flatMap(({ attributes }) => attributes['plugin.timeout'] ?? []);
    expect(told).toEqual([timeout ?? 30]);
    await manager.close();
  });

  it('changes without a new start of its plugin', async () => {
    const { manager, failure, started } = await slowPlugins([entryOf('a')]);
    expect(await manager.reload({ plugins: [entryOf('a', 2)] })).toMatchObject({ changed: ['a'], replaced: [] });
    expect(await failure()).toMatchObject({ message: 'Plugin a exceeded 2s timeout' });
    expect(started).toEqual(['a']);
    await manager.close();
  });

  it('is told with the entry', async () => {
    const { manager } = await slowPlugins([entryOf('a', 0.0015)]);
    expect(manager.configs[0]).toMatchObject({ timeoutMs: 1.5, written: { timeout: 0.0015 } });
    await manager.close();
  });
});

describe.each(servedOver)('the timeout of a plugin over %s', (transport) => {
  it('is that of whoever waits, and each side keeps to its own', async () => {
    const slow = definePlugin({ hooks: { tool_pre_invoke: () => new Promise<undefined>(() => undefined) } });
    const reached = async (served: object) =>
      serveHost(
        await start({ kinds: { slow }, config: { plugins: [{ name: 'Guard', kind: 'slow', hooks, ...served }] } }),
        transport,
      );
    const impatient = await start({ config: { plugins: [{ ...(await reached({})), timeout: 0.2 }] } });
    expect(await rejection(callTool(impatient, 't'))).toMatchObject({ code: 'PLUGIN_TIMEOUT' });
    const patient = await start({ config: { plugins: [{ ...(await reached({ timeout: 0.2 })), timeout: 20 }] } });
    expect(await rejection(callTool(patient, 't'))).toMatchObject({
      message: expect.stringContaining('exceeded 0.2s timeout') as string,
    });
  });
});
