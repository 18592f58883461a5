import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { definePlugin, Plugin, type PluginContext, type ToolPreInvokePayload } from '../../src/index.js';
import { callTool, folderWith, start } from '../fixtures/manager/managers.js';

const saying = (word: string): string =>
  `import { definePlugin } from 'gatechart';\nexport const A = definePlugin({ hooks: { tool_pre_invoke: () => ({ metadata: { ${word}: true } }) } });\n`;

describe('a plugin is found', () => {
  it('next to the configuration, in plugin_dirs, and in packages, each by its export', async () => {
    const folder = folderWith({
      'conf/near.js': saying('near'),
      'conf/package.json': '{"type":"module"}',
      'shelf/far.mjs': saying('far'),
      'node_modules/@acme/guards/package.json':
        '{"name":"@acme/guards","type":"module","exports":{".":"./main.js","./deep":"./deep.js"}}',
      'node_modules/@acme/guards/main.js': saying('main'),
      'node_modules/@acme/guards/deep.js': saying('deep'),
      'conf/plugins.yaml': `
plugins:
  - {name: Near, kind: ./near.js#A, hooks: [tool_pre_invoke]}
  - {name: Far, kind: ./far.mjs#A, hooks: [tool_pre_invoke]}
  - {name: Main, kind: "@acme/guards#A", hooks: [tool_pre_invoke]}
  - {name: Deep, kind: "@acme/guards/deep#A", hooks: [tool_pre_invoke]}
plugin_dirs: [../shelf]
`,
    });
    const manager = await start({ config: join(folder, 'conf/plugins.yaml') });
    expect(manager.pluginNames).toEqual(['Near', 'Far', 'Main', 'Deep']);
    expect((await callTool(manager, 't')).metadata).toEqual({ near: true, far: true, main: true, deep: true });
  });

  it('in code, under the kind that the host gave it, definition or class', async () => {
    class Counter extends Plugin<{ step: number }> {
      static override config = z.object({ step: z.number().default(1) });
      #count = 0;
      toolPreInvoke(_payload: ToolPreInvokePayload, _context: PluginContext) {
        return { metadata: { count: (this.#count += this.setup.config.step) } };
      }
    }
    const greeter = definePlugin({
      hooks: { tool_pre_invoke: (_, { plugin }) => ({ metadata: { by: plugin.name } }) },
    });
    const hooks = ['tool_pre_invoke'];
    const manager = await start({
      kinds: { counter: Counter, greeter },
      config: {
        plugins: [
          { name: 'ByTwo', kind: 'counter', hooks, config: { step: 2 } },
          { name: 'Hello', kind: 'greeter', hooks },
        ],
      },
    });
    await callTool(manager, 't');
    expect((await callTool(manager, 't')).metadata).toEqual({ count: 4, by: 'Hello' });
  });

  it('as a class of a second copy of the package, with state of its own for each entry', async () => {
    const folder = folderWith({
      'counter.mjs': `import { Plugin } from 'gatechart';
export class Counter extends Plugin { calls = 0; tool_pre_invoke() { return { metadata: { [this.setup.name]: ++this.calls } }; } }
`,
      'plugins.yaml': `
plugins:
  - {name: one, kind: ./counter.mjs#Counter, hooks: [tool_pre_invoke], conditions: [{tools: [search]}]}
  - {name: two, kind: ./counter.mjs#Counter, hooks: [tool_pre_invoke]}
`,
    });
    const manager = await start({ config: join(folder, 'plugins.yaml') });
    await callTool(manager, 'fetch');
    expect((await callTool(manager, 'search')).metadata).toEqual({ one: 1, two: 2 });
  });
});

it('a file whose name begins with two dots is inside its folder', async () => {
  const folder = folderWith({
    '..dotted.mjs':
      "import { definePlugin } from 'gatechart';\nexport const Dotted = definePlugin({ hooks: { tool_pre_invoke: () => ({ metadata: { dotted: true } }) } });\n",
    'plugins.yaml': 'plugins: [{ name: D, kind: "./..dotted.mjs#Dotted", hooks: [tool_pre_invoke] }]\n',
  });
  const manager = await start({ config: join(folder, 'plugins.yaml') });
  expect((await callTool(manager, 't')).metadata).toEqual({ dotted: true });
});

describe('the methods of a class', () => {
  it('are its hooks by name, in camel case, and as its static map says, which wins', async () => {
    class Mixed extends Plugin {
      static override hooks = { tool_post_invoke: 'afterTool', tool_pre_invoke: 'mapped' };
      mapped() {
        return { metadata: { pre: 'mapped' } };
      }
      tool_pre_invoke() {
        return { metadata: { pre: 'by name' } };
      }
      afterTool() {
        return { metadata: { post: 'mapped' } };
      }
      promptPreFetch() {
        return { metadata: { prompt: 'camel' } };
      }
      resource_pre_fetch() {
        return { metadata: { resource: 'as it is' } };
      }
    }
    const hooks = ['tool_pre_invoke', 'tool_post_invoke', 'prompt_pre_fetch', 'resource_pre_fetch'];
    const manager = await start({
      kinds: { mixed: Mixed },
      config: { plugins: [{ name: 'M', kind: 'mixed', hooks }] },
    });
    const context = { requestId: '1' };
    const metadata = [
      await manager.invokeHook('tool_pre_invoke', { name: 't' }, context),
      await manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, context),
      await manager.invokeHook('prompt_pre_fetch', { promptId: 'p' }, context),
      await manager.invokeHook('resource_pre_fetch', { uri: 'a:b' }, context),
    ].map((outcome) => outcome.metadata);
    expect(metadata).toEqual([{ pre: 'mapped' }, { post: 'mapped' }, { prompt: 'camel' }, { resource: 'as it is' }]);
  });
});

describe('the configuration of a plugin', () => {
  it('reaches it as its schema parsed it, defaults filled in, templates expanded', async () => {
    const folder = folderWith({
      'plugin.mjs': `import { definePlugin } from 'gatechart';
import { z } from 'zod';
export const A = definePlugin({
  config: z.object({ word: z.string(), limit: z.coerce.number(), mask: z.string().default('***') }),
  hooks: { tool_pre_invoke: (_, { plugin }) => ({ metadata: plugin.config }) },
});
`,
      'plugins.yaml': `
plugins:
  - name: A
    kind: ./plugin.mjs#A
    hooks: [tool_pre_invoke]
    config: {word: "{{ env.WORD }}", limit: "{{ env.LIMIT | default('7') }}"}
`,
    });
    const manager = await start({ config: join(folder, 'plugins.yaml'), env: { WORD: 'p&ss <it>' } });
    expect((await callTool(manager, 't')).metadata).toEqual({ word: 'p&ss <it>', limit: 7, mask: '***' });
  });
});
