import { expect, test } from 'vitest';
import { definePlugin, PluginContexts } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

test('the contexts that a hook gives back can be printed', async () => {
  const noting = definePlugin({
    hooks: {
      tool_pre_invoke(payload, context) {
        context.state['seen'] = payload.name;
        context.metadata['score'] = 1;
      },
    },
  });
  const manager = await start({
    kinds: { noting },
    config: { plugins: [{ name: 'N', kind: 'noting', hooks: ['tool_pre_invoke'] }] },
  });
  const { contexts } = await manager.invokeHook('tool_pre_invoke', { name: 'search' }, { requestId: '7:x' });
  const [[id] = []] = contexts?.entriesOf('7:x') ?? [];
  expect(JSON.parse(JSON.stringify(contexts))).toEqual({
    '7:x': { [String(id)]: { state: { seen: 'search' }, metadata: { score: 1 } } },
  });
});

test('contexts are printed by request, whatever the requests are called', () => {
  const contexts = new PluginContexts();
  for (const [requestId, pluginId] of [
    ['1', 'a'],
    ['1', 'b'],
    ['12:3', 'a'],
    ['', 'a'],
    ['__proto__', '__proto__'],
  ] as const) {
    contexts.obtain(requestId, pluginId).state['of'] = `${requestId} ${pluginId}`;
  }
  const kept = (of: string) => ({ state: { of }, metadata: {} });
  expect(JSON.stringify(contexts)).toBe(
    JSON.stringify({
      1: { a: kept('1 a'), b: kept('1 b') },
      '12:3': { a: kept('12:3 a') },
      '': { a: kept(' a') },
      ['__proto__']: { ['__proto__']: kept('__proto__ __proto__') },
    }),
  );
});

test('contexts of nobody are an empty object', () => {
  expect(JSON.stringify(new PluginContexts())).toBe('{}');
});
