import { expect, it } from 'vitest';
import { definePlugin, PluginViolationError } from '../../../src/index.js';
import { createLiveSource } from '../../../src/inspect/live/watch/create-live-source.js';
import { ReaderOfFeed } from '../../fixtures/inspect/reader-of-feed.js';
import { callTool, http, start, stdio } from '../../fixtures/manager/managers.js';
import { outcomeOf } from '../../fixtures/manager/outcomes.js';
import { serve } from '../../fixtures/transports/http-links.js';

const local = definePlugin({
  hooks: {
    tool_pre_invoke({ name, args }, { state, globalContext }) {
      state['kept'] = 's3cret-state';
      (globalContext.state ??= {})['kept'] = 's3cret-global';
      const quoted = String(args?.['text']);
      if (name === 'throw') throw new Error(`s3cret-error ${quoted}`);
      if (name === 'deny') {
        const details = { 's3cret-detail-name': 's3cret-detail', path: 'args.text' };
        // Reasons are for people, and told; what they quote of a payload is not.
        throw new PluginViolationError('h', 'p', {
          reason: `it says "${quoted}"`,
          description: quoted,
          code: 'C',
          details,
        });
      }
      return {
        modifiedPayload: {
          name,
          args: { label: 's3cret-modified', 's3cret-key': { 's3cret-inner': ['s3cret-item'] } },
        },
        metadata: { kept: 's3cret-metadata' },
        httpHeaders: { authorization: 's3cret-header' },
      };
    },
  },
});

it('no message has what one plugin put into a payload and another quotes, nor what the address of a resource gives to know', async () => {
  const adds = definePlugin({
    hooks: {
      tool_pre_invoke: ({ name, args }) => ({
        modifiedPayload: { name, args: { ...args, key: 's3cret-of-the-vault-1' } },
      }),
    },
  });
  const quotes = definePlugin({
    hooks: {
      tool_pre_invoke({ args }) {
        throw new PluginViolationError('h', 'p', {
          reason: `found ${String(args?.['key'])}`,
          description: '',
          code: 'C',
          details: {},
        });
      },
      resource_pre_fetch: () => undefined,
    },
  });
  const manager = await start({
    kinds: { adds, quotes },
    config: {
      plugins: [
        { name: 'Adds', kind: 'adds', hooks: ['tool_pre_invoke'], mode: 'transform' },
        { name: 'Quotes', kind: 'quotes', hooks: ['tool_pre_invoke', 'resource_pre_fetch'], mode: 'concurrent' },
      ],
    },
  });
  const source = createLiveSource(manager);
  const reader = new ReaderOfFeed(source);
  await outcomeOf(manager.invokeHook('tool_pre_invoke', { name: 'a', args: {} }, { requestId: '1' }));
  const uri = 'https://me:s3cret-password@a.example/file?key=s3cret-query';
  await outcomeOf(manager.invokeHook('resource_pre_fetch', { uri }, { requestId: '2' }));
  reader.read();
  const details = reader.invocations().map(({ id }) => source.invocation(id));
  expect(new Set(details.map((detail) => detail?.subject))).toEqual(new Set(['a', 'https://a.example/file']));
  expect(details.find((detail) => detail?.subject === 'a')?.violation?.reason).toBe('found …');
  expect(`${reader.text()}${JSON.stringify(details)}`).not.toContain('s3cret');
  source.close();
  await manager.close();
});

for (const payloads of ['redacted', 'shown'] as const) {
  it(`no message has a secret of a configuration, an error, a header or an environment, where payloads are ${payloads}`, async () => {
    const server = await serve();
    const address = new URL(server.url);
    address.searchParams.set('key', 's3cret-query');
    const hooks = ['tool_pre_invoke'];
    const manager = await start({
      kinds: { local },
      config: {
        plugins: [
          { name: 'Local', kind: 'local', hooks, config: { apiKey: 's3cret-config' } },
          { name: 'Child', kind: 'external', hooks, mcp: stdio({ TOKEN: 's3cret-env' }) },
          { name: 'Remote', kind: 'external', hooks, mcp: http(address.href) },
        ],
      },
    });
    const source = createLiveSource(manager, { payloads });
    const reader = new ReaderOfFeed(source);
    const context = {
      requestId: '1',
      user: 's3cret-user',
      state: { kept: 's3cret-request' },
      metadata: { kept: 's3cret-m' },
    };
    for (const name of ['echo', 'throw', 'deny', 'refuse', 'no such tool']) {
      const args = {
        code: 1,
        message: 's3cret-refusal',
        data: 's3cret-data',
        text: 's3cret-payload',
        's3cret-name': 1,
      };
      await outcomeOf(manager.invokeHook('tool_pre_invoke', { name, args }, context));
    }
    reader.read();
    await server.close();
    await outcomeOf(callTool(manager, 'echo', { text: 's3cret-argument' }));
    reader.read();
    const actors = ['connection:Remote', 'connection:Child', 'plugin:Local'];
    const details = reader.invocations().map(({ id }) => source.invocation(id));
    const told = `${reader.text()}${JSON.stringify([source.hello(), details, actors.map((id) => source.next(id))])}`;
    const leaked = new Set(told.match(/s3cret-[a-z-]+/g) ?? []);
    expect(details.map((detail) => detail?.outcome)).toContain('blocked');
    expect(told).toContain('it says');
    if (payloads === 'redacted') expect([...leaked]).toEqual([]);
    // Whoever asks to see payloads sees them, and the words of plugins; the rest stays hidden.
    else
      for (const secret of ['config', 'env', 'query', 'header', 'state', 'global', 'request', 'user', 'm', 'metadata'])
        expect([...leaked]).not.toContain(`s3cret-${secret}`);
    source.close();
    await manager.close();
  });
}
