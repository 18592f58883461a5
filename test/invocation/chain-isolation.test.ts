import { expect, test } from 'vitest';
import { PluginContexts } from '../../src/context/plugin-contexts.js';
import type { GlobalContext } from '../../src/context/global-context.js';
import type { HookHandler, PluginDefinition } from '../../src/plugins/plugin.js';
import { createChainHarness } from '../../src/testing/chain-harness.js';

function onTool(handler: HookHandler<unknown, object>): PluginDefinition {
  return { create: () => ({ handler: (hook) => (hook === 'tool_pre_invoke' ? handler : undefined) }) };
}

async function invoke(context: GlobalContext, contexts: PluginContexts, ...plugins: PluginDefinition[]) {
  await using harness = await createChainHarness({
    plugins: plugins.map((plugin, position) => ({ name: `p${position}`, plugin, hooks: ['tool_pre_invoke'] })),
  });
  return await harness.after(
    60_000,
    harness.manager.invokeHook('tool_pre_invoke', { name: 'tool' }, context, { contexts }),
  );
}

test('what a plugin takes from its state into metadata and violations can still be read afterwards', async () => {
  const context: GlobalContext = { requestId: 'r', state: { seen: { count: 1 } } };
  const outcome = await invoke(
    context,
    new PluginContexts(),
    onTool((_payload, { globalContext, state }) => {
      state['notes'] = { at: [1] };
      return {
        continueProcessing: false,
        metadata: { seen: globalContext.state?.['seen'] },
        violation: { reason: 'r', description: 'd', code: 'C', details: { notes: state['notes'] } },
      };
    }),
  );
  expect(outcome.metadata).toEqual({ seen: { count: 1 } });
  expect(outcome.violation?.details).toEqual({ notes: { at: [1] } });
});

test('maps and sets are kept for the next hook, and isolated as objects are', async () => {
  const shared = { tags: new Set(['a']), counts: new Map([['x', { n: 1 }]]) };
  const context: GlobalContext = { requestId: 'r', state: { ...shared } };
  const contexts = new PluginContexts();
  const seen = new Set(['first']);
  const remembers = onTool((_payload, { state }) => {
    if (state['seen'] instanceof Set) state['seen'].add('again');
    else state['seen'] = seen;
  });
  const meddles = onTool((_payload, { globalContext: { state = {} } }) => {
    (state['tags'] as Set<string>).add('b');
    (state['counts'] as Map<string, { n: number }>).get('x')!.n++;
    throw new Error('and fails');
  });
  await using harness = await createChainHarness({
    plugins: [{ name: 'remembers', plugin: remembers, hooks: ['tool_pre_invoke'] }],
  });
  const again = () => harness.manager.invokeHook('tool_pre_invoke', { name: 'tool' }, context, { contexts });
  await harness.after(60_000, again());
  await harness.after(60_000, again());
  await expect(invoke(context, contexts, meddles)).rejects.toMatchObject({ failure: { message: 'and fails' } });
  expect(contexts.entriesOf('r').map(([, { state }]) => state)).toEqual([{ seen: new Set(['first', 'again']) }]);
  expect(seen).toEqual(new Set(['first']));
  expect(context.state).toEqual({ tags: new Set(['a']), counts: new Map([['x', { n: 1 }]]) });
});

test('what a plugin copies from the request into its own notes is still there at the next hook, and back', async () => {
  const context: GlobalContext = { requestId: 'r', state: { user: { groups: ['a'] } } };
  const contexts = new PluginContexts();
  const copies = onTool((_payload, { globalContext, state }) => {
    if (globalContext.state === undefined) return;
    globalContext.state['before'] = state['user'];
    state['user'] = globalContext.state['user'];
  });
  await invoke(context, contexts, copies);
  const [kept] = contexts.entriesOf('r');
  expect(kept?.[1].state).toEqual({ user: { groups: ['a'] } });
  expect(context.state).toEqual({ user: { groups: ['a'] }, before: undefined });
});

test('what a plugin goes on writing to after it has answered changes nothing', async () => {
  const context: GlobalContext = { requestId: 'r' };
  const mine = { list: [1] };
  let seen: unknown;
  const outcome = await invoke(
    context,
    new PluginContexts(),
    onTool((_payload, { globalContext }) => {
      if (globalContext.state !== undefined) globalContext.state['mine'] = mine;
      return { metadata: { mine }, modifiedPayload: { name: 'tool', args: { mine } } };
    }),
    onTool((payload) => {
      mine.list.push(2);
      seen = payload;
    }),
  );
  const untouched = { list: [1] };
  expect(context.state).toEqual({ mine: untouched });
  expect(outcome.metadata).toEqual({ mine: untouched });
  expect(outcome.modifiedPayload).toEqual({ name: 'tool', args: { mine: untouched } });
  expect(seen).toEqual(outcome.modifiedPayload);
});

test('a plugin that writes to its context after it missed its deadline writes to nowhere', async () => {
  const context: GlobalContext = { requestId: 'r', state: { a: 1 } };
  const contexts = new PluginContexts();
  let late: (() => void) | undefined;
  const slow = onTool(
    (_payload, { globalContext, state }) =>
      new Promise(() => {
        late = () => {
          if (globalContext.state !== undefined) globalContext.state['a'] = 2;
          state['b'] = 2;
        };
      }),
  );
  await expect(invoke(context, contexts, slow)).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
  late?.();
  expect(context.state).toEqual({ a: 1 });
  expect(contexts.size).toBe(0);
});

test('notes that contain themselves fail the plugin, not the chain', async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  for (const write of ['local', 'global'] as const) {
    const plugin = onTool((_payload, { globalContext, state }) => {
      const record = write === 'local' ? state : (globalContext.state ?? {});
      record['cyclic'] = cyclic;
    });
    await expect(invoke({ requestId: 'r' }, new PluginContexts(), plugin)).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
    });
  }
});

test('no more than one of the answers of a plugin that answers twice is heard', async () => {
  const twice = onTool(() => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- an ill-behaved plugin
      then(resolve: (value: object) => void): void {
        resolve({ metadata: { answer: 1 } });
        resolve({ metadata: { answer: 2 } });
        throw new Error('and throws');
      },
    };
    return thenable as unknown as Promise<object>;
  });
  const outcome = await invoke(
    { requestId: 'r' },
    new PluginContexts(),
    twice,
    onTool(() => ({ metadata: { next: 1 } })),
  );
  expect(outcome.metadata).toEqual({ answer: 1, next: 1 });
});
