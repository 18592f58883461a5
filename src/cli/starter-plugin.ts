const pluginText = `import { definePlugin } from 'gatechart';

export const DenyList = definePlugin({
  hooks: {
    tool_pre_invoke({ args }) {
      if (!JSON.stringify(args ?? {}).includes('secret')) return;
      const violation = { reason: 'Denied word', description: 'The arguments contain "secret".', code: 'DENIED' };
      return { continueProcessing: false, violation };
    },
  },
});
`;

const pluginsText = (
  schema: string,
): string => `# Plugins that look at every call. Start with: gatechart serve --plugins gatechart.plugins.yaml

# yaml-language-server: $schema=${schema}
plugins:
  - name: DenyList
    kind: ./deny-list.mjs#DenyList
    hooks: [tool_pre_invoke]
`;

const testText = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChainHarness } from 'gatechart/testing';
import { DenyList } from './deny-list.mjs';

const plugins = [{ name: 'DenyList', plugin: DenyList, hooks: ['tool_pre_invoke'] }];
const call = (path) => ({ name: 'read_text_file', args: { path } });

test('a call with a denied word is blocked, and says why', async (t) => {
  const { manager, close } = await createChainHarness({ plugins });
  t.after(close);
  const outcome = await manager.invokeHook('tool_pre_invoke', call('secret.txt'), { requestId: '1' });
  assert.equal(outcome.continueProcessing, false);
  assert.equal(outcome.violation?.code, 'DENIED');
});

test('any other call passes as it is', async (t) => {
  const { manager, close } = await createChainHarness({ plugins });
  t.after(close);
  const outcome = await manager.invokeHook('tool_pre_invoke', call('notes.txt'), { requestId: '1' });
  assert.equal(outcome.continueProcessing, true);
  assert.equal(outcome.modifiedPayload, undefined);
});
`;

/** The configuration of a gateway's plugins, as it is named on the command line. */
export const starterConfig = 'gatechart.plugins.yaml';

/** The test of the starter plugin, for Node's own test runner. */
export const starterTest = 'deny-list.test.mjs';

/**
 * A plugin, its test, and a configuration that names it. The names say that they are modules, whatever package.json says.
 *
 * @param schema where editors find the JSON Schema of the configuration, as seen from its folder
 */
export function starterPluginFiles(schema: string): Readonly<Record<string, string>> {
  return { [starterConfig]: pluginsText(schema), 'deny-list.mjs': pluginText, [starterTest]: testText };
}
