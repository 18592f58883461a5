import { expect, it } from 'vitest';
import { definePlugin, type Extensions } from '../../src/index.js';
import { start } from '../fixtures/manager/managers.js';

it('a reload that changes nothing but capabilities gives them to the plugin that runs, or takes them', async () => {
  const seen: (readonly string[] | undefined)[] = [];
  let starts = 0;
  const plugin = definePlugin({
    initialize: () => void starts++,
    hooks: {
      tool_pre_invoke(_payload, { extensions }) {
        seen.push(extensions?.security?.labels);
        return { modifiedExtensions: { security: { labels: ['internal', 'PII'] } } };
      },
    },
  });
  const configuration = (capabilities: readonly string[]) => ({
    plugins: [{ name: 'a', kind: 'plugin', hooks: ['tool_pre_invoke'], capabilities }],
  });
  const manager = await start({ kinds: { plugin }, config: configuration([]) });
  const extensions: Extensions = { security: { labels: ['internal'] } };
  const labels = async (): Promise<readonly string[] | undefined> => {
    const outcome = await manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' }, { extensions });
    return outcome.modifiedExtensions?.security?.labels;
  };

  expect(await labels()).toBeUndefined();
  await manager.reload(configuration(['append_labels']));
  expect(await labels()).toEqual(['internal', 'PII']);
  await manager.reload(configuration(['read_labels']));
  expect(await labels()).toBeUndefined();

  expect(seen).toEqual([undefined, ['internal'], ['internal']]);
  expect(starts).toBe(1);
});
