import { expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { MemoryHost } from '../fixtures/hosting/memory-host.js';
import { serveHost, servedPlugin } from '../fixtures/hosting/served-plugins.js';
import { callTool, external, http, start, untypedConfig } from '../fixtures/manager/managers.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';
import { serve as serveLinks } from '../fixtures/transports/http-links.js';
import { rejection, until } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];
const nothing = definePlugin({ hooks: { tool_pre_invoke() {} } });
const pidModule = `export const Served = { create: ({ config }) => ({ handler: () => () => ({ metadata: { pid: process.pid } }) }) };`;

it('a plugin in a process of its own keeps that process, and its connection, through a reload', async () => {
  const children = descendantsOf(process.pid);
  const served = await servedPlugin('stdio', pidModule, hooks);
  const other = (more: object) => ({ name: 'Other', kind: 'nothing', hooks, ...more });
  const manager = await start({ kinds: { nothing }, config: { plugins: [served, other({})] } });
  const { pid } = (await callTool(manager, 't')).metadata;
  expect(pid).not.toBe(process.pid);
  await manager.reload(
    untypedConfig({ plugins: [other({ tags: ['new'] }), { ...served, priority: 3, mode: 'permissive' }] }),
  );
  expect((await callTool(manager, 't')).metadata).toEqual({ pid });
  expect(manager.configs[1]).toMatchObject({ name: 'Served', priority: 3, mode: 'permissive' });

  // Another way to it is another process; the old one is gone when the reload is done.
  const mcp = { ...(served['mcp'] as object), env: { PATH: `${process.env['PATH']}`, NEW: '1' } };
  const report = await manager.reload(untypedConfig({ plugins: [{ ...served, mcp }] }));
  expect(report).toMatchObject({ replaced: ['Served'], removed: ['Other'] });
  const { pid: second } = (await callTool(manager, 't')).metadata;
  expect(second).not.toBe(pid);
  expect(manager.connections.map(({ name, state }) => [name, state.split('.')[0]])).toEqual([['Served#2', 'ready']]);
  expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  await manager.reload(untypedConfig({ plugins: [served] }));
  expect(manager.connections.map(({ name }) => name)).toEqual(['Served']);
  await manager.reload({ plugins: [] });
  expect(manager.connections).toEqual([]);
  expect(descendantsOf(process.pid)).toEqual(children);
});

it('a plugin elsewhere that does not start leaves nothing, and the old one goes on', async () => {
  const children = descendantsOf(process.pid);
  const served = await servedPlugin('stdio', pidModule, hooks);
  const manager = await start({ config: { plugins: [served] } });
  const { pid } = (await callTool(manager, 't')).metadata;
  const running = descendantsOf(process.pid).length;
  const mcp = { proto: 'STDIO', cmd: ['no-such-command'], reconnect_attempts: 1 };
  const error = await rejection(manager.reload(untypedConfig({ plugins: [{ ...served, mcp }] })));
  expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining('no-such-command') });
  expect((await callTool(manager, 't')).metadata).toEqual({ pid });
  expect(manager.connections.map(({ name }) => name)).toEqual(['Served']);
  expect(descendantsOf(process.pid)).toHaveLength(running);
  await manager.close();
  expect(descendantsOf(process.pid)).toEqual(children);
});

it('where the entry says nothing any more, what the server said when the plugin started holds', async () => {
  const host = new MemoryHost({ Guard: { tool_pre_invoke: () => ({}) } }, ['Guard']);
  const entry = await serveHost(host, 'unix');
  const manager = await start({ config: { plugins: [{ ...entry, mode: 'permissive' }] } });
  expect(manager.plugins).toMatchObject([{ name: 'Guard', mode: 'permissive', state: 'running.enabled' }]);
  expect(await manager.reload(untypedConfig({ plugins: [entry] }))).toMatchObject({ removed: ['Guard'] });
  expect(manager.plugins).toMatchObject([{ name: 'Guard', mode: 'disabled', state: 'off' }]);
  expect(manager.connections).toEqual([]);
  expect(await manager.setMode('Guard', 'audit')).toMatchObject({ added: ['Guard'] });
  expect(manager.plugins).toMatchObject([{ name: 'Guard', mode: 'audit', state: 'running.enabled' }]);
});

it('an error of a plugin calls it by its name once, also while an earlier life of it has not ended', async () => {
  const [first, second] = [await serveLinks(), await serveLinks()];
  const manager = await start({ config: external(http(first.url)) });
  await manager.reload(untypedConfig(external(http(second.url, { reconnect_attempts: 1 }))));
  expect(manager.connections.map(({ name }) => name)).toEqual(['Guard#2']);
  await second.close();
  await until('the connection gives up', async () => {
    await callTool(manager, 'echo').catch(() => undefined);
    return manager.connections[0]?.state === 'failed.coolingDown';
  });
  const error = await rejection(callTool(manager, 'echo'));
  expect(error).toMatchObject({
    message: expect.stringContaining(
      `Plugin Guard (${second.url}) cannot be reached. The last error was: ${second.url}: nothing listens there`,
    ),
    // As it is called in `manager.connections`.
    cause: expect.objectContaining({ details: { connection: 'Guard#2', target: second.url } }),
  });
  expect(String(error)).not.toContain('Guard#2');
});
