import { basename } from 'node:path';
import { GatechartError } from '../errors.js';
import { packageVersion } from '../package-version.js';

const pluginText = `import { definePlugin } from 'gatechart';
import { z } from 'zod';

/** Blocks tool calls whose arguments contain one of some words. */
export const WordGuard = definePlugin({
  config: z.strictObject({ words: z.array(z.string().min(1)).min(1) }),
  hooks: {
    tool_pre_invoke({ name, args }, { plugin }) {
      const text = JSON.stringify(args ?? {}).toLowerCase();
      const word = plugin.config.words.find((candidate) => text.includes(candidate.toLowerCase()));
      if (word === undefined) return;
      return {
        continueProcessing: false,
        violation: {
          reason: 'Denied word',
          description: \`The arguments of \${name} contain "\${word}".\`,
          code: 'DENIED_WORD',
          details: { word },
        },
      };
    },
  },
});
`;

const testText = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChainHarness } from 'gatechart/testing';
import { WordGuard } from './index.js';

const guard = (config) => ({ name: 'WordGuard', plugin: WordGuard, hooks: ['tool_pre_invoke'], config });
const call = (text) => ({ name: 'echo', args: { text } });

test('a call with a denied word is blocked, and says which', async (t) => {
  const { manager, close } = await createChainHarness({ plugins: [guard({ words: ['secret'] })] });
  t.after(close);
  const outcome = await manager.invokeHook('tool_pre_invoke', call('a Secret'), { requestId: '1' });
  assert.equal(outcome.continueProcessing, false);
  assert.equal(outcome.violation?.code, 'DENIED_WORD');
  assert.deepEqual(outcome.violation?.details, { word: 'secret' });
});

test('any other call passes as it is', async (t) => {
  const { manager, close } = await createChainHarness({ plugins: [guard({ words: ['secret'] })] });
  t.after(close);
  const outcome = await manager.invokeHook('tool_pre_invoke', call('hello'), { requestId: '1' });
  assert.equal(outcome.continueProcessing, true);
});

test('settings that it does not have keep it from starting', async () => {
  await assert.rejects(createChainHarness({ plugins: [guard({ wrods: ['secret'] })] }), { code: 'PLUGIN_LOAD_FAILED' });
});
`;

/**
 * The files of a package with one plugin, named after its folder.
 *
 * @throws GatechartError CONFIG_INVALID for a folder whose name leaves nothing that a package can be called
 */
export function pluginPackageFiles(folder: string): Readonly<Record<string, string>> {
  const name = packageNameOf(folder);
  return {
    'package.json': manifestText(name),
    'index.js': pluginText,
    'index.test.js': testText,
    'README.md': readmeText(name),
  };
}

/** The kind that names the plugin of such a package. */
export function kindIn(folder: string): string {
  return `${packageNameOf(folder)}#WordGuard`;
}

function packageNameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .replace(/-+$/, '');
  // What npm takes at most, and the names that it takes for itself.
  if (name !== '' && name.length <= 214 && name !== 'node_modules' && name !== 'gatechart') return name;
  throw new GatechartError(
    'CONFIG_INVALID',
    `${folder}: the package is named after its folder, and this is no name for one; expected letters, digits and hyphens, as in my-guard`,
  );
}

function manifestText(name: string): string {
  const manifest = {
    name,
    version: '0.1.0',
    description: 'Blocks tool calls whose arguments contain one of some words',
    type: 'module',
    exports: './index.js',
    files: ['index.js'],
    keywords: ['gatechart', 'plugin'],
    scripts: { test: 'node --test' },
    peerDependencies: { gatechart: `^${packageVersion}` },
    dependencies: { zod: '^4.0.0' },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

function readmeText(name: string): string {
  return `# ${name}

A plugin for [gatechart](https://www.npmjs.com/package/gatechart): blocks tool calls whose arguments contain one of some
words.

\`\`\`sh
npm install gatechart ${name}
\`\`\`

\`\`\`yaml
plugins:
  - name: WordGuard
    kind: "${name}#WordGuard"
    hooks: [tool_pre_invoke]
    config:
      words: [secret]
\`\`\`

| setting | default | meaning |
|---|---|---|
| \`words\` | | at least one word; upper and lower case are the same |

A blocked call has the code \`DENIED_WORD\`.
`;
}
