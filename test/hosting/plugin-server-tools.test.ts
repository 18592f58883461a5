import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../src/errors.js';
import { ToolCalls } from '../../src/hosting/tool-calls.js';
import { silentLogger } from '../../src/observability/logger.js';
import { PluginError } from '../../src/plugins/plugin-error.js';
import { createEchoHost } from '../fixtures/hosting/echo-host.js';
import { builtInHook, describeMemoryConfig, MemoryHost } from '../fixtures/hosting/memory-host.js';

const never = new AbortController().signal;
const toolsOf = (host: MemoryHost) =>
  new ToolCalls({ host, hookOf: builtInHook, describeConfig: describeMemoryConfig, logger: silentLogger });
const tools = toolsOf(createEchoHost());
const context = { state: {}, global_context: { request_id: 'r1', state: {}, metadata: {} }, metadata: {} };

async function textOf(name: string, args: Record<string, unknown>, calls = tools): Promise<string> {
  const { content } = await calls.call(name, args, never);
  const first = content[0];
  return first?.type === 'text' ? first.text : 'no text';
}

async function invoke(
  name: string,
  over: Record<string, unknown> = {},
  calls = tools,
): Promise<Record<string, unknown>> {
  const args = { hook_type: 'tool_pre_invoke', plugin_name: 'Echo', payload: { name }, context, ...over };
  const parsed: unknown = JSON.parse(await textOf('invoke_hook', args, calls));
  return { ...(parsed as object) };
}

const error = (message: string, pluginName = 'Echo', code = '') => ({
  plugin_name: pluginName,
  error: { message, plugin_name: pluginName, code, details: {}, mcp_error_code: -32603 },
});

describe('get_plugin_configs', () => {
  it('gives one text for each plugin, and all of them as structured content', async () => {
    const answer = await tools.call('get_plugin_configs', {}, never);
    const texts = answer.content.map((content): unknown =>
      content.type === 'text' ? JSON.parse(content.text) : undefined,
    );
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatchObject({ name: 'Echo', mode: 'enforce', version: null });
    expect(answer.structuredContent).toEqual({ result: texts });
    expect(answer.isError).toBe(false);
  });
});

describe('get_plugin_config', () => {
  it('finds a plugin whatever the case of its name', async () => {
    expect(JSON.parse(await textOf('get_plugin_config', { name: 'eCHO' }))).toMatchObject({ name: 'Echo' });
  });

  it('gives an empty object for a name nobody has', async () => {
    expect(await textOf('get_plugin_config', { name: 'Nope' })).toBe('{}');
  });
});

describe('invoke_hook', () => {
  it('gives the context back where the plugin keeps something', async () => {
    expect(await invoke('state')).toEqual({
      plugin_name: 'Echo',
      result: {
        continue_processing: true,
        modified_payload: { name: 'state', args: {}, headers: null },
        modified_extensions: null,
        violation: null,
        metadata: { m: 't' },
        http_headers: null,
        retry_delay_ms: 0,
        executions: [],
      },
      context: {
        state: { seen: 't' },
        global_context: {
          request_id: 'r1',
          user: null,
          user_context: null,
          tenant_id: null,
          server_id: null,
          content_type: null,
          state: { g: 1 },
          metadata: {},
        },
        metadata: {},
      },
    });
  });

  it('says what a plugin threw, without its stack', async () => {
    expect(await invoke('boom')).toEqual(error('Error: kaboom'));
  });

  it('gives an error of a plugin as the plugin made it', async () => {
    const failing = new MemoryHost({
      Echo: {
        tool_pre_invoke: () => {
          throw new PluginError({
            message: 'no',
            pluginName: 'Echo',
            code: 'E1',
            details: { a: 1 },
            mcpErrorCode: -32000,
          });
        },
      },
    });
    expect(await invoke('t', {}, toolsOf(failing))).toEqual({
      plugin_name: 'Echo',
      error: { message: 'no', plugin_name: 'Echo', code: 'E1', details: { a: 1 }, mcp_error_code: -32000 },
    });
  });

  it('gives other errors with their code', async () => {
    const failing = new MemoryHost({});
    failing.invokeHookForPlugin = () => Promise.reject(new GatechartError('MANAGER_CLOSED', 'the manager is closed'));
    expect(await invoke('t', {}, toolsOf(failing))).toEqual(error('the manager is closed', 'Echo', 'MANAGER_CLOSED'));
  });

  it('says so when a result cannot be sent as JSON', async () => {
    expect(await invoke('unsendable')).toMatchObject({ error: { message: expect.stringContaining('BigInt') } });
  });

  it.each([
    ['Nope', { plugin_name: 'Nope' }, 'tool_pre_invoke'],
    ['echo', { plugin_name: 'echo' }, 'tool_pre_invoke'],
    ['Idle', { plugin_name: 'Idle' }, 'tool_pre_invoke'],
    ['Echo', { hook_type: 'nope' }, 'nope'],
    ['Echo', { hook_type: 'prompt_pre_fetch', payload: { nothing: 'that fits' } }, 'prompt_pre_fetch'],
  ])('finds nothing for %s with %j', async (plugin, over, hook) => {
    expect(await invoke('t', over)).toEqual(
      error(`Unable to find ${hook} for plugin ${plugin}.  Make sure the plugin is registered.`, plugin),
    );
  });

  it.each([
    [{ payload: { nome: 't' } }, 'payload.name: found nothing, expected a string'],
    [{ context: {} }, 'context.global_context: found nothing, expected an object'],
    [
      { context: { global_context: { request_id: 5 } } },
      'context.global_context.request_id: found a number, expected a string',
    ],
  ])('says what is wrong with %j', async (over, problem) => {
    expect(await invoke('t', over)).toEqual(error(`tool_pre_invoke for plugin Echo: ${problem}`));
  });

  it('takes objects that a client sent as JSON text', async () => {
    expect(await invoke('t', { payload: '{"name":"t"}', context: JSON.stringify(context) })).toMatchObject({
      result: { continue_processing: true },
    });
  });
});

describe('a call that no tool can take', () => {
  it.each([
    ['nope', {}, 'Unknown tool: nope'],
    ['get_plugin_config', {}, 'Error executing tool get_plugin_config: name: found nothing, expected a string'],
    [
      'invoke_hook',
      { hook_type: 1, payload: 'x', context: [] },
      'Error executing tool invoke_hook: hook_type: found a number, expected a string; plugin_name: found nothing, expected a string; payload: found a string, expected an object; context: found a list, expected an object',
    ],
  ])('%s %j is an error result', async (name, args, message) => {
    expect(await tools.call(name, args, never)).toEqual({ content: [{ type: 'text', text: message }], isError: true });
  });
});
