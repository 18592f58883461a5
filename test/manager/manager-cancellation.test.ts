import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];

/** A plugin that never answers and tells what its signal says. */
function hangingPlugin() {
  const reasons: unknown[] = [];
  let running = (): void => {};
  const started = new Promise<void>((resolve) => (running = resolve));
  const hanging = definePlugin({
    hooks: {
      tool_pre_invoke(_, { signal }) {
        signal.addEventListener('abort', () => void reasons.push(signal.reason));
        running();
        return new Promise<undefined>(() => {});
      },
    },
  });
  return { hanging, reasons, started };
}

describe('the signal of a caller', () => {
  it('is heard where an inspector aborts it that is told of the invocation', async () => {
    const { hanging } = hangingPlugin();
    const manager = await start({ kinds: { hanging }, config: { plugins: [{ name: 'H', kind: 'hanging', hooks }] } });
    const giveUp = new AbortController();
    manager.inspect(({ type }) => {
      if (type === '@xstate.actor') giveUp.abort();
    });
    const invoked = callTool(manager, 't', {}, { signal: giveUp.signal });
    expect(await rejection(invoked)).toMatchObject({ code: 'INVOCATION_CANCELLED' });
  });

  it('reaches the running plugin, ends the invocation and runs nothing after it', async () => {
    const { hanging, reasons, started } = hangingPlugin();
    let later = 0;
    const manager = await start({
      kinds: { hanging, later: definePlugin({ hooks: { tool_pre_invoke: () => void later++ } }) },
      config: {
        plugins: [
          { name: 'H', kind: 'hanging', hooks },
          { name: 'L', kind: 'later', hooks },
        ],
      },
    });
    const giveUp = new AbortController();
    const invocation = rejection(callTool(manager, 't', {}, { signal: giveUp.signal }));
    await started;
    giveUp.abort(new Error('the user left'));
    expect(await invocation).toMatchObject({
      code: 'INVOCATION_CANCELLED',
      message: 'The invocation of tool_pre_invoke was cancelled.',
      cause: { message: 'the user left' },
    });
    expect(reasons).toMatchObject([{ code: 'INVOCATION_CANCELLED' }]);
    expect(later).toBe(0);
  });

  it('that has aborted before runs nothing', async () => {
    let ran = 0;
    const manager = await start({
      kinds: { counting: definePlugin({ hooks: { tool_pre_invoke: () => void ran++ } }) },
      config: { plugins: [{ name: 'C', kind: 'counting', hooks }] },
    });
    const error = await rejection(callTool(manager, 't', {}, { signal: AbortSignal.abort('early') }));
    expect(error).toMatchObject({ code: 'INVOCATION_CANCELLED', cause: 'early' });
    expect(ran).toBe(0);
  });

  it('that aborts while the invocation begins runs nothing', async () => {
    let ran = 0;
    const giveUp = new AbortController();
    const manager = await start({
      kinds: { counting: definePlugin({ hooks: { tool_pre_invoke: () => void ran++ } }) },
      config: { plugins: [{ name: 'C', kind: 'counting', hooks }] },
      observability: {
        startSpan() {
          giveUp.abort('the tracer says stop');
          return { end: () => undefined };
        },
      },
    });
    const error = await rejection(callTool(manager, 't', {}, { signal: giveUp.signal }));
    expect(error).toMatchObject({ code: 'INVOCATION_CANCELLED', cause: 'the tracer says stop' });
    expect(ran).toBe(0);
  });

  it('reaches a plugin that is called by name', async () => {
    const { hanging, reasons, started } = hangingPlugin();
    const manager = await start({ kinds: { hanging }, config: { plugins: [{ name: 'H', kind: 'hanging', hooks }] } });
    const giveUp = new AbortController();
    const context = { globalContext: { requestId: '1' } };
    const call = rejection(
      manager.invokeHookForPlugin('H', 'tool_pre_invoke', { name: 't' }, context, { signal: giveUp.signal }),
    );
    await started;
    giveUp.abort();
    expect(await call).toMatchObject({ code: 'INVOCATION_CANCELLED' });
    expect(reasons).toHaveLength(1);
  });
});

it('a plugin that misses its deadline is told by its signal, whatever its mode', async () => {
  for (const mode of ['enforce', 'permissive']) {
    const { hanging, reasons } = hangingPlugin();
    const manager = await start({
      kinds: { hanging },
      config: { plugins: [{ name: 'H', kind: 'hanging', hooks, mode }], plugin_settings: { plugin_timeout: 0.05 } },
    });
    const outcome = await callTool(manager, 't').catch((error: unknown) => error);
    expect(outcome).toMatchObject(mode === 'enforce' ? { code: 'PLUGIN_TIMEOUT' } : { continueProcessing: true });
    expect(reasons).toMatchObject([{ code: 'PLUGIN_TIMEOUT', message: 'Plugin H exceeded 0.05s timeout' }]);
  }
});
