import { expect, it } from 'vitest';
import { createControl } from '../../../src/inspect/live/control/control.js';
import { controlTarget } from '../../../src/inspect/live/control/control-target.js';
import { definePlugin } from '../../../src/index.js';
import { servedPlugin } from '../../fixtures/hosting/served-plugins.js';
import { configFile } from '../../fixtures/inspect/config-file.js';
import { callTool, start } from '../../fixtures/manager/managers.js';
import { rejection } from '../../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];
const block = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: false }) } });
const guard = { name: 'Guard', kind: 'guard', hooks, mode: 'sequential' };
const pidModule = `export const Served = { create: () => ({ handler: () => () => ({ metadata: { pid: process.pid } }) }) };`;

it('a plugin is disabled, enabled, and given another mode, as it was when that was decided', async () => {
  const manager = await start({ kinds: { guard: block }, config: configFile({ plugins: [guard] }) });
  const control = createControl(controlTarget(manager));
  const blocks = async (): Promise<boolean> => !(await callTool(manager, 't')).continueProcessing;
  expect(await blocks()).toBe(true);
  const disable = { do: 'disable', plugin: 'Guard', expect: 'running.enabled' } as const;
  expect(await control(disable, 'session 1')).toMatchObject({ ok: true });
  expect(await blocks()).toBe(false);
  expect(await control(disable, 'session 1')).toEqual({ ok: false, status: 409, now: 'running.disabled.held' });
  const enable = { do: 'enable', plugin: 'Guard', expect: 'running.disabled.held' } as const;
  expect(await control(enable, 'session 1')).toMatchObject({ ok: true });
  expect(await blocks()).toBe(true);

  const mode = { do: 'setMode', plugin: 'Guard', mode: 'audit', expect: 'running.enabled' } as const;
  expect(await control(mode, 'session 1')).toEqual({ ok: true, said: 'the mode of Guard is audit' });
  expect([await blocks(), manager.plugins[0]?.mode]).toEqual([false, 'audit']);
  expect(await control({ ...mode, mode: 'loud' }, 'session 1')).toMatchObject({ ok: false, status: 400 });
  expect(await control({ ...mode, expect: 'off' }, 'session 1')).toMatchObject({ status: 409, now: 'running.enabled' });
  expect(await control({ ...mode, plugin: 'guard' }, 'session 1')).toMatchObject({ status: 404 });
  expect(manager.plugins[0]?.mode).toBe('audit');
});

it('a plugin whose connection is closed is out of reach until a reload, which starts it anew', async () => {
  const served = await servedPlugin('stdio', pidModule, hooks);
  const manager = await start({ config: configFile({ plugins: [served] }) });
  const control = createControl(controlTarget(manager));
  const { pid } = (await callTool(manager, 't')).metadata;
  const state = (): string => manager.connections[0]?.state ?? 'none';
  const close = { do: 'close', actor: 'connection:Served', expect: state() } as const;
  expect(await control(close, 'session 1')).toMatchObject({ ok: true });
  expect(await rejection(callTool(manager, 't'))).toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect(await rejection(callTool(manager, 't'))).toMatchObject({ code: 'CONNECTION_CLOSED' });

  expect(await control({ do: 'reload' }, 'session 1')).toEqual({ ok: true, said: 'plugins: 1 replaced' });
  const again = (await callTool(manager, 't')).metadata;
  expect(again['pid']).not.toBe(pid);
  expect(manager.connections).toHaveLength(1);
  expect(await control({ do: 'reload' }, 'session 1')).toEqual({ ok: true, said: 'plugins: 1 unchanged' });
});

it('what cannot be reloaded is said, and the old stays', async () => {
  const manager = await start({ kinds: { guard: block }, config: { plugins: [guard] } });
  const control = createControl(controlTarget(manager));
  expect(await control({ do: 'reload' }, 'session 1')).toMatchObject({
    ok: false,
    status: 400,
    said: expect.stringContaining('comes from no file'),
  });
  expect((await callTool(manager, 't')).continueProcessing).toBe(false);
});
