import { expect, test } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

const context = () => ({ globalContext: { requestId: '1' } });

test('a plugin that is called by name keeps the violation of a result that does not stop', async () => {
  const violation = { reason: 'odd', description: 'worth a look', code: 'ODD' };
  const Reporter = definePlugin({ hooks: { tool_pre_invoke: () => ({ violation }) } });
  const manager = await start({
    config: { plugins: [{ name: 'Reporter', kind: 'Reporter', hooks: ['tool_pre_invoke'] }] },
    kinds: { Reporter },
  });

  const named = await manager.invokeHookForPlugin('Reporter', 'tool_pre_invoke', { name: 't' }, context());
  const chain = await manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });

  expect(named).toMatchObject({ continueProcessing: true, violation: { ...violation, pluginName: 'Reporter' } });
  expect(chain).toMatchObject({ continueProcessing: true, violation: undefined });
});

test('only a chain says whose decision counted', async () => {
  const Grant = definePlugin({ hooks: { http_auth_check_permission: () => ({ modifiedPayload: { granted: true } }) } });
  const manager = await start({
    config: { plugins: [{ name: 'Grant', kind: 'Grant', hooks: ['http_auth_check_permission'] }] },
    kinds: { Grant },
  });
  const payload = { userEmail: 'ada@example.com', permission: 'tools.read', isAdmin: false };

  const named = await manager.invokeHookForPlugin('Grant', 'http_auth_check_permission', payload, context());
  const chain = await manager.invokeHook('http_auth_check_permission', payload, { requestId: '1' });

  expect(named.metadata).toEqual({});
  expect(chain.metadata).toEqual({ _decision_plugin: 'Grant' });
});

test.each([
  ['fail', true],
  ['ignore', false],
  [undefined, false],
])(
  'a plugin of the background that is called by name and fails is raised where on_error is %s: %s',
  async (on, raised) => {
    const handler = (): never => {
      throw new Error('boom');
    };
    const Logs = definePlugin({ hooks: { tool_pre_invoke: handler } });
    const entry = { name: 'Logs', kind: 'Logs', mode: 'fire_and_forget', hooks: ['tool_pre_invoke'] };
    const manager = await start({
      config: { plugins: [on === undefined ? entry : { ...entry, on_error: on }] },
      kinds: { Logs },
    });

    const named = manager.invokeHookForPlugin('Logs', 'tool_pre_invoke', { name: 't' }, context());

    if (raised) await expect(named).rejects.toThrow('boom');
    else expect(await named).toMatchObject({ continueProcessing: true });
  },
);
