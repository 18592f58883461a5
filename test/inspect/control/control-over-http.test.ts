import { expect, it } from 'vitest';
import { attachInspector } from '../../../src/inspect/index.js';
import { InspectorClient } from '../../../src/inspect/live/client/inspector-client.js';
import type { ActorState } from '../../../src/inspect/live/feed/feed-states.js';
import type { FeedMessage } from '../../../src/inspect/live/feed/messages.js';
import { silentLogger } from '../../../src/observability/logger.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { servedPlugin } from '../../fixtures/hosting/served-plugins.js';
import { configFile } from '../../fixtures/inspect/config-file.js';
import { callTool, start } from '../../fixtures/manager/managers.js';
import { eventually, rejection } from '../../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];
const pidModule = `export const Served = { create: () => ({ handler: () => () => ({ metadata: { pid: process.pid } }) }) };`;

it('who looks closes a connection, sees it go, reloads, and steers the one that takes its place', async () => {
  const served = await servedPlugin('stdio', pidModule, hooks);
  const manager = await start({ config: configFile({ plugins: [served] }) });
  const inspector = await attachInspector(manager, { port: 0, control: true, logger: silentLogger });
  cleanups.push(() => inspector.close());
  const client = await InspectorClient.open(inspector.url());
  const actors = new Map<string, Partial<ActorState>>();
  const reading = follow(client.messages, actors);
  const connections = (): Partial<ActorState>[] => [...actors.values()].filter(({ kind }) => kind === 'connection');
  const living = (): Partial<ActorState> | undefined => connections().find(({ at = '' }) => !at.startsWith('clos'));
  await eventually('the connection is seen', () => living()?.at?.startsWith('ready') === true);

  const { id = '', at = '' } = living() ?? {};
  expect(await client.control({ do: 'close', actor: id, expect: 'idle.empty' })).toMatchObject({
    status: 409,
    now: at,
  });
  expect(await client.control({ do: 'close', actor: id, expect: at })).toMatchObject({ ok: true });
  await eventually('it is seen to go', () => living() === undefined);
  expect(await rejection(callTool(manager, 't'))).toMatchObject({ code: 'CONNECTION_CLOSED' });

  expect(await client.control({ do: 'reload' })).toEqual({ ok: true, said: 'plugins: 1 replaced' });
  await eventually('another one is seen', () => living()?.at?.startsWith('ready') === true);
  const second = living();
  expect(second?.id).not.toBe(id);
  const again = { do: 'close', actor: second?.id ?? '', expect: second?.at ?? '' } as const;
  expect(await client.control(again)).toMatchObject({ ok: true, said: expect.stringContaining(second?.id ?? '') });
  await eventually('that goes as well', () => living() === undefined);
  await client.close();
  await reading;
});

/** Keeps what the feed tells of actors. */
async function follow(messages: AsyncIterable<FeedMessage>, actors: Map<string, Partial<ActorState>>): Promise<void> {
  for await (const message of messages) {
    if (message.type === 'gone') for (const id of message.ids) actors.delete(id);
    if (message.type !== 'snapshot' && message.type !== 'delta') continue;
    for (const change of message.actors ?? []) {
      const known = Object.entries(change).filter(([, value]) => value !== null);
      actors.set(change.id, { ...actors.get(change.id), ...Object.fromEntries(known) });
    }
  }
}
