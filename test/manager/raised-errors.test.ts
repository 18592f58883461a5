import { expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

const failing = definePlugin({
  hooks: {
    tool_pre_invoke() {
      throw new Error('boom');
    },
  },
});
const context = () => ({ globalContext: { requestId: '1' }, state: {}, metadata: {} });

it.each([
  ['enforce', undefined, true],
  ['enforce', 'ignore', false],
  ['permissive', undefined, false],
  ['audit', 'fail', true],
  ['fire_and_forget', undefined, false],
])(
  'by name, errors of a plugin in mode %s with on_error %s are raised: %s, or always',
  async (mode, on_error, raised) => {
    const plugin = { name: 'P', kind: 'failing', hooks: ['tool_pre_invoke'], mode, on_error };
    const manager = await start({ kinds: { failing }, config: { plugins: [plugin] } });
    const call = (options?: { raiseErrors?: boolean }) =>
      manager.invokeHookForPlugin('P', 'tool_pre_invoke', { name: 't' }, context(), options);
    const asConfigured = await call().then(
      () => false,
      () => true,
    );
    expect(asConfigured).toBe(raised);
    await expect(call({ raiseErrors: true })).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: 'Plugin P: boom',
    });
    const odd = call({ raiseErrors: 'yes' } as never);
    await expect(odd).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('raiseErrors: found a string, expected true or false'),
    });
  },
);
