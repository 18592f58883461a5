import { expect, test } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { createChainHarness } from '../../src/testing/index.js';

test('what runs after the answer sees the request as it was then, whatever its host does to it', async () => {
  let release = (): void => undefined;
  const answered = new Promise<void>((resolve) => (release = resolve));
  let seen: object = {};
  const later = definePlugin({
    hooks: {
      async tool_pre_invoke(_payload, { globalContext }) {
        await answered;
        const { state, metadata, user, userContext } = globalContext;
        seen = JSON.parse(JSON.stringify([state, metadata?.['trace'], user, userContext])) as object;
        return {};
      },
    },
  });
  await using harness = await createChainHarness({
    plugins: [{ name: 'later', plugin: later, hooks: ['tool_pre_invoke'], mode: 'fire_and_forget' }],
  });
  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  const context = {
    requestId: '1',
    user: { email: 'a@example.com', tags: ['a'] },
    userContext: { userId: 'a', groups: ['a'] },
    state: { budget: { left: 1 } },
    metadata: { cyclic, trace: { spans: ['a'] } },
  };
  const { state, metadata, user, userContext } = structuredClone(context);
  const outcome = await harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, context);
  context.state.budget.left = 0;
  context.metadata.trace = { spans: ['b'] };
  context.user.tags.push('b');
  context.userContext.groups.push('b');
  release();
  expect(await outcome.background).toMatchObject([{ plugin: 'later', status: 'completed' }]);
  expect(seen).toEqual([state, metadata.trace, user, userContext]);
});
