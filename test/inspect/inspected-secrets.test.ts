import { expect, it } from 'vitest';
import { definePlugin, type InspectionEvent, PluginViolationError } from '../../src/index.js';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, http, start, stdio } from '../fixtures/manager/managers.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';

/** Every text that can be reached from a value: properties of any kind, keys, entries of collections, errors. */
function textsIn(root: unknown): Set<string> {
  const texts = new Set<string>();
  const seen = new Set<unknown>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') texts.add(value);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Map) open.push(...value.keys(), ...value.values());
    if (value instanceof Set) open.push(...value);
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'string') texts.add(key);
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property !== undefined && 'value' in property) open.push(property.value);
    }
  }
  return texts;
}

/** Follows everything that inspectors are told, as it is told. */
function watcher() {
  const texts = new Set<string>();
  let events = 0;
  const inspector = (event: InspectionEvent): void => {
    events++;
    for (const text of textsIn(event)) texts.add(text);
    if ('getSnapshot' in event.actorRef) for (const text of textsIn(event.actorRef.getSnapshot())) texts.add(text);
  };
  return { inspector, leaked: () => [...texts].filter((text) => text.includes('s3cret')), events: () => events };
}

it('an inspector sees names and numbers, and no secret of a configuration, a payload, an answer or an error', async () => {
  const { inspector, leaked, events } = watcher();
  const server = await serve();
  const address = new URL(server.url);
  address.searchParams.set('key', 's3cret-query');
  const local = definePlugin({
    hooks: {
      tool_pre_invoke({ name }, { state, globalContext }) {
        state['kept'] = 's3cret-state';
        (globalContext.state ??= {})['kept'] = 's3cret-global';
        if (name === 'throw') throw new Error('s3cret-error');
        if (name === 'deny') {
          throw new PluginViolationError('h', 'p', { reason: 's3cret-reason', description: 'd', code: 'C' });
        }
        return {
          modifiedPayload: { name, args: { label: 's3cret-modified' } },
          metadata: { kept: 's3cret-metadata' },
          httpHeaders: { authorization: 's3cret-header' },
        };
      },
      prompt_pre_fetch: () => new Promise<undefined>(() => undefined),
    },
  });
  const hooks = ['tool_pre_invoke'];
  const manager = await start({
    kinds: { local },
    inspector,
    config: {
      plugins: [
        { name: 'Local', kind: 'local', hooks: [...hooks, 'prompt_pre_fetch'], config: { apiKey: 's3cret-config' } },
        { name: 'Child', kind: 'external', hooks, mcp: stdio({ TOKEN: 's3cret-env' }) },
        { name: 'Remote', kind: 'external', hooks, mcp: http(address.href) },
      ],
    },
  });
  const context = {
    requestId: '1',
    user: 's3cret-user-id',
    state: { kept: 's3cret-request' },
    metadata: { kept: 's3cret-request' },
  };
  for (const name of ['echo', 'throw', 'deny', 'refuse', 'no such tool']) {
    const payload = { name, args: { code: 1, message: 's3cret-refusal', data: 's3cret-data', text: 's3cret-payload' } };
    await outcomeOf(manager.invokeHook('tool_pre_invoke', payload, context));
  }
  expect(await outcomeOf(callTool(manager, 'echo', { text: 's3cret-argument' }))).toMatchObject({ passes: true });
  const cancel = new AbortController();
  const cancelled = manager.invokeHook('prompt_pre_fetch', { promptId: 's3cret-prompt' }, context, {
    signal: cancel.signal,
  });
  cancel.abort(new Error('s3cret-abort'));
  await outcomeOf(cancelled);
  await server.close();
  await outcomeOf(callTool(manager, 'echo', { text: 's3cret-argument' }));
  await manager.close();
  expect(events()).toBeGreaterThan(100);
  expect(leaked()).toEqual([]);
});
