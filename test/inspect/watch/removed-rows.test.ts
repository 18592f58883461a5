import { expect, it } from 'vitest';
import { createManager, createServerSet, definePlugin, silentLogger } from '../../../src/index.js';
import { createLiveSource } from '../../../src/inspect/live/watch/create-live-source.js';
import { ManualClock } from '../../../src/testing/index.js';
import { ReaderOfFeed } from '../../fixtures/inspect/reader-of-feed.js';
import type { ServersInput } from '../../../src/downstream/servers-file/servers-input.js';

const Passes = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
const entry = (name: string): object => ({ name, kind: 'Passes', hooks: ['tool_pre_invoke'] });
/** Longer than rows are looked at again after. */
const aWhile = 5_000;

it('a plugin that a reload takes away is taken away at readers, and comes back when it does', async () => {
  const clock = new ManualClock();
  const of = (...names: string[]): object => ({ plugins: names.map(entry) });
  await using manager = await createManager({
    config: of('First', 'Second'),
    kinds: { Passes },
    logger: silentLogger,
    env: {},
    clock,
  });
  const source = createLiveSource(manager);
  const reader = new ReaderOfFeed(source);
  expect(reader.pluginNames()).toEqual(['First', 'Second']);
  for (const names of [['First'], ['First', 'Second'], ['Second']]) {
    await manager.reload(of(...names));
    clock.advance(aWhile);
    reader.read();
    expect(reader.pluginNames().toSorted()).toEqual(names);
  }
  source.close();
});

it('a server that a reload takes away is taken away at readers', async () => {
  const clock = new ManualClock();
  const of = (...names: string[]): ServersInput => ({
    mcpServers: Object.fromEntries(names.map((name) => [name, { url: 'http://127.0.0.1:9/mcp' }])),
  });
  await using servers = await createServerSet({ servers: of('one', 'two'), logger: silentLogger, env: {}, clock });
  const source = createLiveSource(servers);
  const reader = new ReaderOfFeed(source);
  expect(reader.serverNames()).toEqual(['one', 'two']);
  await servers.reload(of('two'));
  clock.advance(aWhile);
  reader.read();
  expect(reader.serverNames()).toEqual(['two']);
  source.close();
});
