import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { checkConfig } from '../../src/cli/check-config.js';
import { type PluginModeName, pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { orderConflicts } from '../../src/config/sections/phase-order.js';
import { createPluginServer, definePlugin, isGatechartError, silentLogger } from '../../src/index.js';
import { folderWith, start } from '../fixtures/manager/managers.js';
import { cli, freePort, startNode } from '../fixtures/processes/processes.js';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection } from '../fixtures/waiting.js';

const passing = definePlugin({ hooks: { tool_pre_invoke: () => ({}), tool_post_invoke: () => ({}) } });
interface Entry {
  readonly name: string;
  readonly mode?: PluginModeName;
  readonly priority?: number;
  readonly hooks?: readonly string[];
}
const configOf = (...entries: readonly Entry[]) => ({
  plugins: entries.map((entry) => ({ kind: 'passing', hooks: ['tool_pre_invoke'], ...entry })),
});
const gate: Entry = { name: 'Gate', mode: 'concurrent', priority: 10 };
const mask: Entry = { name: 'Mask', mode: 'transform', priority: 50 };
const why =
  'on tool_pre_invoke plugin Gate (concurrent, priority 10) would run before Mask (transform, priority 50), which modes of cpex run the other way round, whatever the priorities; phases are not supported yet, so give priorities that have the same order';

describe('modes of cpex that would run in another order than there keep a manager from starting', () => {
  it('and the message says which plugins, on which hook, and why', async () => {
    const error = await rejection(start({ kinds: { passing }, config: configOf(gate, mask) }));
    expect(isGatechartError(error) && error.code).toBe('CONFIG_INVALID');
    expect(error).toMatchObject({ message: expect.stringContaining(`plugins[0].mode: ${why}`) });
  });

  it.each<[string, Entry[]]>([
    [
      'an audit before a sequential one',
      [
        { name: 'A', mode: 'audit', priority: 1 },
        { name: 'S', mode: 'sequential' },
      ],
    ],
    ['one of 1.0.0 behind a concurrent gate', [gate, { name: 'E', mode: 'enforce', priority: 50 }]],
    ['one without a mode behind a concurrent gate', [gate, { name: 'E' }]],
    [
      'equal priorities in another order',
      [
        { name: 'F', mode: 'fire_and_forget' },
        { name: 'A', mode: 'audit' },
      ],
    ],
    ['one hook of several', [{ ...gate, hooks: ['tool_post_invoke', 'tool_pre_invoke'] }, mask]],
  ])('%s', async (_, entries) => {
    expect(await rejection(start({ kinds: { passing }, config: configOf(...entries) }))).toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it.each<[string, Entry[]]>([
    ['the same order', [{ ...gate, priority: 60 }, mask]],
    ['no hook in common', [{ ...gate, hooks: ['tool_post_invoke'] }, mask]],
    ['one of them disabled', [{ ...gate, mode: 'disabled' }, mask]],
    [
      'modes of 1.0.0 only',
      [
        { name: 'P', mode: 'permissive', priority: 1 },
        { name: 'E', mode: 'enforce' },
      ],
    ],
    [
      'one mode only',
      [
        { ...gate, priority: 90 },
        { name: 'Other', mode: 'concurrent' },
      ],
    ],
  ])('%s is no reason', async (_, entries) => {
    const manager = await start({ kinds: { passing }, config: configOf(...entries) });
    expect(await manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' })).toMatchObject({
      continueProcessing: true,
    });
  });

  it('also where a mode comes from the plugin’s server', async () => {
    const path = join(folderWith({}), 'plugins.sock');
    const served = await start({ kinds: { passing }, config: configOf(gate) });
    const server = await createPluginServer({
      host: served,
      transport: { kind: 'unix', path },
      logger: silentLogger,
    });
    cleanups.push(() => server.close());
    const external = { name: 'Gate', kind: 'external', unix_socket: { path } };
    const { plugins } = configOf(mask);
    const error = await rejection(start({ kinds: { passing }, config: { plugins: [external, ...plugins] } }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) });
    const placed = await start({
      kinds: { passing },
      config: { plugins: [{ ...external, priority: 60 }, ...plugins] },
    });
    expect(placed.pluginNames).toEqual(['Gate', 'Mask']);
  });
});

const yaml = `plugins:
- {name: Gate, kind: passing, hooks: [tool_pre_invoke], mode: concurrent, priority: 10}
- {name: Mask, kind: passing, hooks: [tool_pre_invoke], mode: transform, priority: 50}
`;

async function check(text: string): Promise<{ code: number; out: string }> {
  const folder = folderWith({ 'plugins.yaml': text });
  let out = '';
  const write = (said: string) => void (out += said);
  const io = { stdout: { write }, stderr: { write }, env: {} };
  const code = await checkConfig(join(folder, 'plugins.yaml'), io);
  return { code, out: out.replaceAll(`${folder}/`, '') };
}

describe('check-config', () => {
  it('says so too, with the position', async () => {
    const { code, out } = await check(yaml);
    expect(code).toBe(1);
    expect(out).toContain(`plugins.yaml:2:63 error plugins[0].mode: ${why}`);
  });

  it('warns of it in the file of a server, whose plugins are called by name', async () => {
    const { code, out } = await check(`${yaml}unix_socket_server_settings: {path: /tmp/plugins.sock}\n`);
    expect(code).toBe(0);
    expect(out).toContain(`warning plugins[0].mode: ${why}`);
  });

  it('leaves to the start what a server may say', async () => {
    const external =
      '- {name: Gate, kind: external, hooks: [tool_pre_invoke], mode: concurrent, unix_socket: {path: /x}}\n';
    expect(
      await check(
        `plugins:\n${external}- {name: Mask, kind: passing, hooks: [tool_pre_invoke], mode: transform, priority: 150}\n`,
      ),
    ).toMatchObject({ code: 0 });
  });
});

test('a plugin server starts with plugins in any order', async () => {
  const folder = folderWith({
    'plugins.yaml': yaml.replaceAll('kind: passing', 'kind: "./passing.mjs#passing"'),
    'passing.mjs':
      'import { definePlugin } from "gatechart"; export const passing = definePlugin({ hooks: { tool_pre_invoke() {} } });\n',
  });
  const port = String(await freePort());
  const args = [cli, 'plugin-server', '--config', join(folder, 'plugins.yaml'), '--transport', 'http', '--port', port];
  const server = startNode(args);
  try {
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}/health`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
  } finally {
    server.child.kill();
  }
});

test('a chain without a conflict is in the order of the phases', () => {
  const phases: Readonly<Record<Exclude<PluginModeName, 'disabled'>, number>> = {
    sequential: 0,
    enforce: 0,
    enforce_ignore_error: 0,
    transform: 1,
    permissive: 1,
    audit: 2,
    concurrent: 3,
    fire_and_forget: 4,
  };
  const older = ['enforce', 'enforce_ignore_error', 'permissive'];
  const mode = fc.constantFrom(...pluginModeNames).filter((name) => name !== 'disabled');
  const plugin = fc.record({ mode, priority: fc.nat(3), hooks: fc.constant(['h']) });
  fc.assert(
    fc.property(fc.array(plugin, { maxLength: 5 }), (drawn) => {
      const plugins = drawn.map((entry, index) => ({ ...entry, name: `${index}` }));
      const phase = (entry: { mode: keyof typeof phases }) => phases[entry.mode];
      const ours = [...plugins].sort((a, b) => a.priority - b.priority);
      const theirs = [...plugins].sort((a, b) => phase(a) - phase(b) || a.priority - b.priority);
      const isOlder = plugins.every((entry) => older.includes(entry.mode));
      const same = ours.every((entry, index) => entry === theirs[index]);
      expect(orderConflicts(plugins).length === 0).toBe(same || isOlder);
    }),
  );
});
