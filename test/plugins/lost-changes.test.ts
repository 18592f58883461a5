import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  definePlugin,
  Plugin,
  type PluginContext,
  type PluginModeName,
  type PluginResult,
  type ToolPreInvokePayload,
} from '../../src/index.js';
import { readyMadeKinds } from '../../src/catalogue/index.js';
import { pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { losesChanges } from '../../src/plugins/lost-changes.js';
import { check } from '../fixtures/config/check.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { writtenIn } from '../fixtures/manager/bad-plugins.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const losing: readonly PluginModeName[] = ['audit', 'concurrent', 'fire_and_forget'];
const hooks = ['tool_pre_invoke'];

const mask = definePlugin({
  changesPayloads: ({ config }) => config['masks'] !== false,
  hooks: { tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, args: {} } }) },
});

class Mask extends Plugin {
  override changesPayloads(): boolean {
    return this.setup.config['masks'] !== false;
  }

  toolPreInvoke(payload: ToolPreInvokePayload, _: PluginContext): PluginResult<ToolPreInvokePayload> {
    return { modifiedPayload: { ...payload, args: {} } };
  }
}

const doubtful = {
  create: () => ({ handler: () => () => ({}), changesPayloads: () => Reflect.get({}, 'said') as never }),
};
const broken = {
  create: () => ({
    handler: () => () => ({}),
    changesPayloads: (): boolean => {
      throw new Error('no settings');
    },
  }),
};
const kinds = { mask, Mask, doubtful, broken };

function config(mode: PluginModeName, kind: string, more: object = {}, settings: object = {}): object {
  return { plugins: [{ name: 'M', kind, hooks, mode, ...more }], plugin_settings: settings };
}

async function warnings(...args: Parameters<typeof config>): Promise<readonly string[]> {
  const logger = recordingLogger();
  const manager = await start({ kinds, config: config(...args), logger });
  await manager.close();
  return logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

const told = (mode: PluginModeName): string =>
  `plugin M changes payloads, and in \`mode: ${mode}\` ${
    mode === 'concurrent' ? 'no change is taken' : 'neither a change nor a block is taken'
  }: what it would mask, replace or remove passes as it came; write \`mode: sequential\` or \`mode: transform\``;

describe('a plugin that changes payloads in a mode that takes no change', () => {
  it.each(losing)('is warned of at the start: %s', async (mode) => {
    for (const kind of ['mask', 'Mask', 'broken', 'search-replace']) {
      const more = kind === 'search-replace' ? { config: { words: [] } } : {};
      expect(await warnings(mode, kind, more)).toEqual([told(mode)]);
    }
  });

  it('does lose its change there, and in no other mode', async () => {
    for (const mode of pluginModeNames) {
      const manager = await start({ kinds, config: config(mode, 'mask') });
      const { modifiedPayload } = await manager.invokeHook(
        'tool_pre_invoke',
        { name: 't', args: { a: 1 } },
        { requestId: '1' },
      );
      const isChanged = modifiedPayload !== undefined;
      expect([mode, isChanged]).toEqual([mode, !losing.includes(mode) && mode !== 'disabled']);
      expect(losesChanges(mode)).toBe(losing.includes(mode));
      if (!losing.includes(mode)) expect(await warnings(mode, 'mask')).toEqual([]);
    }
  });

  it('is nothing to warn of where its settings change nothing, or it says nothing', async () => {
    for (const mode of losing) {
      for (const kind of ['mask', 'Mask']) expect(await warnings(mode, kind, { config: { masks: false } })).toEqual([]);
      expect(await warnings(mode, 'doubtful')).toEqual([]);
      expect(await warnings(mode, 'pii-filter', { config: { block_on_detection: true } })).toEqual([]);
      expect(await warnings(mode, 'deny-list', { config: { words: ['a'] } })).toEqual([]);
    }
  });

  it('fails a strict start, and leaves nothing of it', async () => {
    const started: string[] = [];
    const counted = definePlugin({
      changesPayloads: () => true,
      initialize: () => void started.push('yes'),
      hooks: { tool_pre_invoke: () => ({}) },
    });
    const strict = config('audit', 'counted', {}, { strict: true });
    await expect(start({ kinds: { counted }, config: strict })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: told('audit'),
    });
    expect(started).toEqual([]);
  });

  it('is warned of when its mode changes, once, and under strict keeps the mode that it has', async () => {
    const logger = recordingLogger();
    const manager = await start({ kinds, config: config('sequential', 'mask'), logger });
    const lines = () => logger.lines.filter(({ message }) => message.startsWith('plugin M changes'));
    expect(lines()).toEqual([]);
    await manager.setMode('M', 'concurrent');
    expect(lines()).toEqual([
      { level: 'warn', fields: { plugin: 'M', mode: 'concurrent' }, message: told('concurrent') },
    ]);
    await manager.setMode('M', 'transform');
    expect(lines()).toHaveLength(1);

    const strict = await start({ kinds, config: config('sequential', 'mask', {}, { strict: true }) });
    await expect(strict.setMode('M', 'audit')).rejects.toMatchObject({
      message: expect.stringContaining(told('audit')),
    });
    expect(await callTool(strict, 'x')).toMatchObject({ modifiedPayload: { args: {} } });
  });
});

describe('check-config of such a plugin', () => {
  const file = (mode: string, kind: string, more = '') =>
    `plugins:\n- {name: M, kind: "${kind}", hooks: [tool_post_invoke], mode: ${mode}${more}}\n`;

  it.each(losing)('tells the place of the mode, and with --strict fails: %s', async (mode) => {
    const yaml = writtenIn(folderWith({}), file(mode, 'pii-filter'));
    const words = told(mode).replace('plugin M', 'this plugin');
    const { code, out } = await check(yaml);
    expect(code).toBe(0);
    expect(out[0]).toMatch(/:2:\d+ warning plugins\[0\]\.mode: this plugin changes payloads/);
    expect(out[0]).toContain(words);
    expect(await check(yaml, {}, { strict: true })).toMatchObject({
      code: 1,
      out: [
        expect.stringContaining('error plugins[0].mode: this plugin changes payloads'),
        `${yaml}: 1 error, 0 warnings`,
        '',
      ],
    });
  });

  it('follows its settings, and what the file says of strictness', async () => {
    const folder = folderWith({});
    expect(
      await check(writtenIn(folder, file('audit', 'pii-filter', ', config: {block_on_detection: true}'))),
    ).toMatchObject({
      code: 0,
      out: [expect.stringContaining('0 errors, 0 warnings'), ''],
    });
    const strict = `${file('audit', 'pii-filter')}plugin_settings: {strict: true}\n`;
    expect(await check(writtenIn(folder, strict))).toMatchObject({ code: 1 });
  });

  it('knows of a plugin of somebody else where it may be loaded', async () => {
    const module = `export const M = { create: () => ({ handler: () => () => ({}), changesPayloads: () => true }) };\n`;
    const folder = folderWith({ 'm.mjs': module });
    const yaml = writtenIn(folder, file('concurrent', './m.mjs#M'));
    expect((await check(yaml)).out[0]).toContain('0 errors, 0 warnings');
    expect((await check(yaml, {}, { load: true })).out[0]).toContain('warning plugins[0].mode: this plugin changes');
  });
});

it.each(readyMadeKinds)(
  '$name says that it changes payloads if any of its code does, and its page tells where that is lost',
  (kind) => {
    const folder = `src/catalogue/${kind.name}`;
    const code = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    const changes = code.some((text) => text.includes('modifiedPayload'));
    expect(code.some((text) => text.includes('changesPayloads:'))).toBe(changes);
    const page = readFileSync(`docs/reference/plugins/${kind.name}.md`, 'utf8');
    for (const mode of losing)
      expect(page.includes(`\`${mode}\``) && page.includes('../modes.md#changes-that-are-lost')).toBe(changes);
  },
);
