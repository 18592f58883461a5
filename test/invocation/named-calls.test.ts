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
