import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { definePlugin, type GlobalContext, type HookOutcome, type NamedCallContext } from '../../src/index.js';
import { folderOfBadPlugins, hookNames, refusal, writtenIn } from '../fixtures/manager/bad-plugins.js';
import { start } from '../fixtures/manager/managers.js';

let folder: string;
beforeEach(() => {
  folder = folderOfBadPlugins();
});

describe('a configuration that cannot be used', () => {
  const script = 'proto: STDIO, script: /bin/sh';
  it.each<[string, string, string[]]>([
    [
      'malformed YAML',
      'plugins: [\n  - name: x\n',
      [
        'FOLDER/plugins.yaml:2:3: Block collections are not allowed within flow collections',
        'FOLDER/plugins.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'unknown keys',
      'plugns: []\nplugins:\n- {name: A, kind: k, prority: 1}\n',
      [
        'FOLDER/plugins.yaml:1:1 plugns: unknown key; did you mean `plugins`?',
        'FOLDER/plugins.yaml:3:22 plugins[0].prority: unknown key; did you mean `priority`?',
      ],
    ],
    [
      'wrong types',
      'plugins:\n- {name: 5, kind: k, hooks: tool_pre_invoke, priority: high}\n',
      [
        'FOLDER/plugins.yaml:2:10 plugins[0].name: expected a string, found the number 5; put it in quotes',
        'FOLDER/plugins.yaml:2:29 plugins[0].hooks: expected a list of strings, found the string "tool_pre_invoke"',
        'FOLDER/plugins.yaml:2:56 plugins[0].priority: expected an integer, found the string "high"',
      ],
    ],
    [
      'both script and cmd',
      `plugins:\n- {name: A, kind: external, mcp: {${script}, cmd: [sh]}}\n`,
      ['FOLDER/plugins.yaml:2:66 plugins[0].mcp.cmd: STDIO takes either `script` or `cmd`, not both; remove one'],
    ],
    [
      'a duplicate name',
      'plugins:\n- {name: Echo, kind: k}\n- {name: echo, kind: k}\n',
      [
        'FOLDER/plugins.yaml:3:10 plugins[1].name: expected a name no other plugin has (upper and lower case count as the same), found the string "echo" on line 3, as in plugins[0].name on line 2',
      ],
    ],
    [
      'a script that is not there',
      'plugins:\n- {name: A, kind: external, mcp: {proto: STDIO, script: /no/such.py}}\n',
      ['FOLDER/plugins.yaml:2:57 plugins[0].mcp.script: expected a script that exists, found the string "/no/such.py"'],
    ],
  ])('%s', async (_, yaml, lines) => {
    const [code, message] = await refusal(start({ config: writtenIn(folder, yaml) }), folder);
    expect(code).toBe('CONFIG_INVALID');
    const count = lines.length === 1 ? '1 error' : `${lines.length} errors`;
    expect(message.split('\n')).toEqual([`FOLDER/plugins.yaml has ${count}`, ...lines]);
  });

  it('a file that is not there', async () => {
    expect(await refusal(start({ config: join(folder, 'none.yaml') }), folder)).toEqual([
      'CONFIG_UNREADABLE',
      'FOLDER/none.yaml cannot be read: there is no such file; give the path of a configuration file',
    ]);
  });

  it('an object instead of a file', async () => {
    expect(await refusal(start({ config: { plugins: 'x', plugn: 1 } }), folder)).toEqual([
      'CONFIG_INVALID',
      'the configuration has 2 errors\nplugins: expected a list of plugins, found the string "x"\nplugn: unknown key; did you mean `plugins`?',
    ]);
  });

  it('an environment', async () => {
    const env = { PLUGINS_DEFAULT_HOOK_POLICY: 'perhaps', PLUGINS_ENABLED: 'maybe' };
    expect(await refusal(start({ config: {}, env }), folder)).toEqual([
      'CONFIG_INVALID',
      'the environment has 2 errors\nPLUGINS_ENABLED: expected true or false, found the string "maybe"\nPLUGINS_DEFAULT_HOOK_POLICY: expected one of allow, deny, found the string "perhaps"',
    ]);
    expect(await refusal(start({ config: {}, env: { PLUGINS_PLUGIN_TIMEOUT: 'soon' } }), folder)).toEqual([
      'CONFIG_INVALID',
      'the environment has 1 error\nPLUGINS_PLUGIN_TIMEOUT: expected seconds, more than 0, found the string "soon"',
    ]);
  });
});

describe('a call that cannot be made', () => {
  interface Untyped {
    invokeHook(hook: string, payload: unknown, context?: unknown): Promise<HookOutcome>;
    invokeHookForPlugin(plugin: string, hook: string, payload: unknown, context?: unknown): Promise<HookOutcome>;
  }
  const requestId = 'r1';
  const payload = { name: 'search', args: {} };

  /** What a caller without types can do to a manager. */
  async function untyped(): Promise<Untyped & { close(): Promise<void> }> {
    const manager = await start({
      kinds: { quiet: definePlugin({ hooks: { tool_pre_invoke() {}, http_pre_request() {} } }) },
      config: {
        plugins: [{ name: 'Quiet', kind: 'quiet', hooks: ['tool_pre_invoke', 'http_pre_request'] }],
        plugin_settings: { max_payload_size: 100 },
      },
    });
    const runner: {
      invokeHook(hook: string, payload: unknown, context: GlobalContext): Promise<HookOutcome>;
      invokeHookForPlugin(
        plugin: string,
        hook: string,
        payload: unknown,
        context: NamedCallContext,
      ): Promise<HookOutcome>;
    } = manager;
    return {
      invokeHook: (hook, given, context) => runner.invokeHook(hook, given, context as GlobalContext),
      invokeHookForPlugin: (plugin, hook, given, context) =>
        runner.invokeHookForPlugin(plugin, hook, given, context as NamedCallContext),
      close: () => manager.close(),
    };
  }

  const cyclic: { name: string; args: Record<string, unknown> } = { name: 'search', args: {} };
  cyclic.args['self'] = cyclic;

  it.each<[string, (manager: Untyped) => Promise<unknown>, string, string]>([
    [
      'a hook that nobody registered',
      (manager) => manager.invokeHook('tool_invoke', payload, { requestId }),
      'HOOK_UNKNOWN',
      `Nobody registered a hook named "tool_invoke". Known hooks: ${hookNames}.`,
    ],
    [
      'a payload of the wrong shape',
      (manager) => manager.invokeHook('tool_pre_invoke', { nam: 1 }, { requestId }),
      'PAYLOAD_INVALID',
      'The payload of tool_pre_invoke is not valid: nam: unknown field; did you mean `name`? name: Invalid input: expected string, received undefined.',
    ],
    [
      'a payload that is no object',
      (manager) => manager.invokeHook('tool_pre_invoke', 'search', { requestId }),
      'PAYLOAD_INVALID',
      'The payload of tool_pre_invoke is not valid: payload: Invalid input: expected object, received string.',
    ],
    [
      'a wrong value deep inside',
      (manager) =>
        manager.invokeHook('http_pre_request', { path: '/', method: 'GET', headers: { a: 1 } }, { requestId }),
      'PAYLOAD_INVALID',
      'The payload of http_pre_request is not valid: headers.a: Invalid input: expected string, received number.',
    ],
    [
      'an oversize payload',
      (manager) => manager.invokeHook('tool_pre_invoke', { name: 's', args: { a: 'x'.repeat(101) } }, { requestId }),
      'PAYLOAD_TOO_LARGE',
      'The payload of tool_pre_invoke has 103 characters, more than the 100 that max_payload_size allows.',
    ],
    [
      'a cyclic payload',
      (manager) => manager.invokeHook('tool_pre_invoke', cyclic, { requestId }),
      'PAYLOAD_INVALID',
      'The payload of tool_pre_invoke is nested deeper than 500 levels or contains itself.',
    ],
    [
      'a context without requestId',
      (manager) => manager.invokeHook('tool_pre_invoke', payload, {}),
      'CONTEXT_INVALID',
      'The context of tool_pre_invoke has no requestId: found undefined, expected a string.',
    ],
    [
      'a requestId that is a number',
      (manager) => manager.invokeHook('tool_pre_invoke', payload, { requestId: 5 }),
      'CONTEXT_INVALID',
      'The context of tool_pre_invoke has no requestId: found number, expected a string.',
    ],
    [
      'no context',
      (manager) => manager.invokeHook('tool_pre_invoke', payload),
      'CONTEXT_INVALID',
      'The context of tool_pre_invoke has no requestId: found undefined, expected a string.',
    ],
    [
      'no context for a plugin by name',
      (manager) => manager.invokeHookForPlugin('Quiet', 'tool_pre_invoke', payload),
      'CONTEXT_INVALID',
      'The context of tool_pre_invoke has no requestId: found undefined, expected a string.',
    ],
    [
      'a plugin that is not there',
      (manager) => manager.invokeHookForPlugin('Loud', 'tool_pre_invoke', payload, { globalContext: { requestId } }),
      'PLUGIN_NOT_FOUND',
      'Unable to find tool_pre_invoke for plugin Loud.  Make sure the plugin is registered.',
    ],
    [
      'a hook that the plugin is not on',
      (manager) => manager.invokeHookForPlugin('Quiet', 'tool_post_invoke', payload, { globalContext: { requestId } }),
      'PLUGIN_NOT_FOUND',
      'Unable to find tool_post_invoke for plugin Quiet.  Make sure the plugin is registered.',
    ],
  ])('%s', async (_, call, code, message) => {
    expect(await refusal(call(await untyped()))).toEqual([code, message]);
  });

  it('calls after close()', async () => {
    const manager = await untyped();
    await manager.close();
    const expected = ['MANAGER_CLOSED', 'The manager is closed; hooks can no longer be invoked.'];
    expect(await refusal(manager.invokeHook('tool_pre_invoke', payload, { requestId }))).toEqual(expected);
    expect(await refusal(manager.invokeHook('prompt_pre_fetch', {}, { requestId }))).toEqual(expected);
    const named = manager.invokeHookForPlugin('Quiet', 'tool_pre_invoke', payload, { globalContext: { requestId } });
    expect(await refusal(named)).toEqual(expected);
  });
});
