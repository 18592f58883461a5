import { expect, it, test } from 'vitest';
import { definePlugin, type InvokeOptions } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { start } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

/** A guard that has failed, was disabled, and may be tried again. */
async function restedGuard() {
  let broken = true;
  const guard = definePlugin({
    hooks: {
      tool_pre_invoke: () => {
        if (broken) throw new Error('no database');
        return { continueProcessing: false };
      },
    },
  });
  const clock = new ManualClock();
  const entry = { name: 'guard', kind: 'guard', hooks: ['tool_pre_invoke'], on_error: 'disable' };
  const config = { plugins: [entry], plugin_settings: { disabled_retry_after: 1 } };
  const manager = await start({ kinds: { guard }, config, clock });
  const invoke = (options: InvokeOptions = {}) =>
    manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' }, options);
  await invoke();
  broken = false;
  const whileDisabled = await invoke();
  await clock.run(1000);
  return { manager, invoke, whileDisabled };
}

test('a plugin that is disabled is passed over as such', async () => {
  const { whileDisabled } = await restedGuard();
  expect(whileDisabled.passedOver).toMatchObject([{ pluginName: 'guard', status: 'disabled' }]);
});

/** A signal that can be read, and listened to, so often. */
function failingSignal({ reads, listens }: { readonly reads: number; readonly listens: number }): AbortSignal {
  let [readsLeft, listensLeft] = [reads, listens];
  const signal = {
    get aborted() {
      if (--readsLeft < 0) throw new Error('unreadable');
      return false;
    },
    reason: undefined,
    addEventListener() {
      if (--listensLeft < 0) throw new Error('deaf');
    },
    removeEventListener() {},
  };
  return signal as unknown as AbortSignal;
}

it.each([
  ['was cancelled before it began', () => AbortSignal.abort(), 'INVOCATION_CANCELLED'],
  ['has a signal that cannot be listened to', () => failingSignal({ reads: 9, listens: 1 }), 'CONTEXT_INVALID'],
  ['has a signal that cannot be read', () => failingSignal({ reads: 1, listens: 9 }), 'CONTEXT_INVALID'],
])('a plugin on trial is tried by the next invocation where one %s', async (_what, signal, code) => {
  const { invoke, manager } = await restedGuard();
  expect(await rejection(invoke({ signal: signal() }))).toMatchObject({ code });
  expect(manager.plugins[0]?.state).toBe('running.disabled.rested');
  expect(await invoke()).toMatchObject({ continueProcessing: false });
  expect(manager.plugins[0]?.state).toBe('running.enabled');
});
