import { describe, expect, it } from 'vitest';
import { definePlugin, type Logger, type PluginModeName } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { start } from '../fixtures/manager/managers.js';

function fail(): never {
  throw new Error('the disk is full');
}
const logger: Logger = { debug: fail, info: fail, warn: fail, error: fail };

const invoke = async (mode: PluginModeName, handler: () => unknown, more: object = {}) => {
  const guard = definePlugin({ hooks: { tool_pre_invoke: handler as never } });
  const entry = { name: 'guard', kind: 'guard', hooks: ['tool_pre_invoke'], mode, on_error: 'ignore', ...more };
  const manager = await start({ kinds: { guard }, config: { plugins: [entry] }, logger, clock: new ManualClock() });
  const run = () => manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });
  return { manager, run };
};

describe('a logger that throws', () => {
  it.each(['enforce', 'enforce_ignore_error', 'sequential', 'concurrent'] as const)(
    'keeps no plugin in mode %s from denying',
    async (mode) => {
      const unreadable = Object.defineProperty({}, 'part', { enumerable: true, get: fail });
      for (const odd of [{ metadata: unreadable }, { modifiedPayload: 5 }, { what: 1 }]) {
        const { run } = await invoke(mode, () => ({ continueProcessing: false, ...odd }));
        expect(await run(), JSON.stringify(Object.keys(odd))).toMatchObject({ continueProcessing: false });
      }
    },
  );

  it('keeps no plugin from being disabled', async () => {
    const { manager, run } = await invoke('enforce', fail, { on_error: 'disable' });
    expect(await run()).toMatchObject({ continueProcessing: true });
    expect(manager.plugins[0]).toMatchObject({ state: 'running.disabled.held' });
    manager.enablePlugin('guard');
    expect(manager.plugins[0]).toMatchObject({ state: 'running.enabled' });
  });

  it('breaks nothing off where an inspector throws too', async () => {
    const { manager, run } = await invoke('enforce', () => ({ continueProcessing: false }));
    manager.inspect(fail);
    expect(await run()).toMatchObject({ continueProcessing: false });
  });
});
