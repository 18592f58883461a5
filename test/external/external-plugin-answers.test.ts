import { describe, expect, it } from 'vitest';
import type { CallOptions } from '../../src/connection/connection-api.js';
import { GatechartError } from '../../src/errors.js';
import { PluginError } from '../../src/plugins/plugin-error.js';
import type { McpRequest, McpResponse } from '../../src/transports/mcp/mcp-messages.js';
import { LinkError } from '../../src/transports/transport.js';
import { callPlugin, externalPlugin, type McpConnection, pluginContext } from '../fixtures/external/external-plugin.js';

/**
 * A connection that gives the answers a test wrote down, for answers that no server we have would give. It keeps what
 * was asked.
 */
class ScriptedConnection implements McpConnection {
  readonly name = 'scripted';
  readonly asked: { readonly message: McpRequest; readonly options: CallOptions }[] = [];
  readonly #answer: () => McpResponse;

  constructor(answer: () => McpResponse) {
    this.#answer = answer;
  }

  request(message: McpRequest, options: CallOptions): Promise<McpResponse> {
    this.asked.push({ message, options });
    return new Promise((resolve) => resolve(this.#answer()));
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  status(): ReturnType<McpConnection['status']> {
    const settled = { attempt: 0, lastError: undefined, nextTimerInMs: undefined, waiting: 0, inFlight: 0 };
    return { name: this.name, target: 'scripted://here', state: 'ready.stable', ...settled };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const text = (value: unknown): McpResponse => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const answering = (response: McpResponse) => new ScriptedConnection(() => response);
const go = { continue_processing: true };
const run = (response: McpResponse, context = pluginContext()) =>
  callPlugin(externalPlugin(answering(response)), 'tool_pre_invoke', { name: 't', args: {} }, context);

describe('a hook call', () => {
  it('is one tools/call with the arguments of the wire, replayed as configured', async () => {
    const connection = answering(text({ plugin_name: 'Echo', result: go }));
    const context = pluginContext({ requestId: '1', tenantId: 'x' });
    await callPlugin(externalPlugin(connection), 'tool_pre_invoke', { name: 't', args: { a: 1 } }, context);
    expect(connection.asked[0]?.message).toEqual({
      method: 'tools/call',
      params: {
        name: 'invoke_hook',
        arguments: {
          hook_type: 'tool_pre_invoke',
          plugin_name: 'Echo',
          payload: { name: 't', args: { a: 1 } },
          context: {
            state: {},
            global_context: { request_id: '1', tenant_id: 'x', state: {}, metadata: {} },
            metadata: {},
          },
        },
      },
    });
    expect(connection.asked[0]?.options).toEqual({ timeoutMs: 10_000, signal: context.signal, replay: 'once' });

    const careful = answering(text({ result: go }));
    const mcp = { proto: 'STDIO', reconnectAttempts: 3, reconnectDelayMs: 100, replay: 'never' } as const;
    await callPlugin(externalPlugin(careful, { mcp }), 'tool_pre_invoke', { name: 't' }, pluginContext());
    expect(careful.asked[0]?.options.replay).toBe('never');
  });

  it('cannot be made for a hook nobody registered', () => {
    expect(externalPlugin(answering(text({}))).handler('nope')).toBeUndefined();
  });
});

describe('the context of an answer', () => {
  it('replaces local state, local metadata and global state, deletions included', async () => {
    const context = pluginContext({ requestId: 'r1', state: { old: 1 }, metadata: { ours: 1 } });
    context.state = { old: 1 };
    const global_context = { request_id: 'other', state: { g: 1 }, metadata: { theirs: 1 } };
    await run(text({ result: go, context: { state: { seen: 't' }, metadata: {}, global_context } }), context);
    expect(context.state).toEqual({ seen: 't' });
    expect(context.globalContext).toEqual({ requestId: 'r1', state: { g: 1 }, metadata: { ours: 1 } });
  });

  it('that is missing changes nothing, because the wire cannot say that all was deleted', async () => {
    const context = pluginContext({ requestId: 'r1', state: { kept: 1 } });
    context.state = { kept: 2 };
    await run(text({ result: go }), context);
    expect(context).toMatchObject({ state: { kept: 2 }, globalContext: { state: { kept: 1 } } });
  });

  it('that is not one changes nothing', async () => {
    const context = pluginContext();
    await expect(run(text({ result: go, context: { state: 5 } }), context)).rejects.toThrow(
      'context.state: found a number',
    );
    expect(context.state).toEqual({});
  });
});

describe('an answer that is not one becomes an error that names the plugin', () => {
  const bad = (problem: string): string => `Plugin Echo: its server gave a bad answer to tool_pre_invoke: ${problem}`;

  it.each<[string, McpResponse, string]>([
    ['no content', {}, 'the tool result is none: content: found nothing, expected a list'],
    [
      'an empty content',
      { content: [] },
      'the tool result has no text content among 0 contents; expected JSON as text',
    ],
    [
      'a picture',
      { content: [{ type: 'image', data: 'AA==' }] },
      'the tool result has no text content among 1 contents; expected JSON as text',
    ],
    ['HTML', { content: [{ type: 'text', text: '<html>' }] }, 'the text content is not JSON: <html>'],
    [
      'a failed tool',
      { content: [{ type: 'text', text: 'Unknown tool: invoke_hook' }], isError: true },
      'the tool failed: Unknown tool: invoke_hook',
    ],
    ['a failed tool that is silent', { content: [], isError: true }, 'the tool failed: no reason given'],
    ['a list', text([]), 'found a list, expected an object'],
    ['null', text(null), 'found null, expected an object'],
    ['nothing of use', text({ plugin_name: 'Echo' }), 'found neither result nor error, expected one of them'],
    [
      'a result that is none',
      text({ result: { continue_processing: 1 } }),
      'result.continue_processing: found a number, expected true or false',
    ],
    [
      'a payload that is none',
      text({ result: { modified_payload: {} } }),
      'result.modified_payload.name: found nothing, expected a string',
    ],
    ['an error that is none', text({ error: 'no' }), 'error: found a string, expected an object'],
  ])('%s', async (_, response, problem) => {
    const outcome = run(response);
    await expect(outcome).rejects.toBeInstanceOf(PluginError);
    await expect(outcome).rejects.toMatchObject({ code: 'PLUGIN_FAILED', message: bad(problem) });
  });

  it('long texts are cut', async () => {
    const outcome = run({ content: [{ type: 'text', text: '<'.repeat(5000) }] });
    await expect(outcome).rejects.toThrow(/<{300}… \(5000 characters\)$/);
    await expect(outcome).rejects.toMatchObject({ failure: { code: 'JSON_DECODE_ERROR' } });
  });
});

describe('what else an answer may be', () => {
  it('contents that are not text are skipped, and the first document that says something decides', async () => {
    const content = [
      { type: 'image', data: 'AA==' },
      { type: 'text', text: '{}' },
      { type: 'text', text: '{"result":{"continue_processing":true,"metadata":{"first":true}}}' },
      { type: 'text', text: '{"error":{"message":"second"}}' },
    ];
    expect(await run({ content })).toEqual({ continueProcessing: true, metadata: { first: true } });
  });

  it('an error of the plugin, in its own words', async () => {
    const error = { message: 'no', plugin_name: 'Echo', code: 'E1', details: { a: 1 }, mcp_error_code: -32000 };
    await expect(run(text({ plugin_name: 'Echo', error }))).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: 'Plugin Echo: no',
      failure: { message: 'no', pluginName: 'Echo', code: 'E1', details: { a: 1 }, mcpErrorCode: -32000 },
    });
  });

  it('an error of the protocol, with its code', async () => {
    const cause = new LinkError('refused', 'Method not found', { rpcCode: -32601 });
    const connection = new ScriptedConnection(() => {
      throw new GatechartError('CALL_REFUSED', 'Echo refused: Method not found', { cause });
    });
    const outcome = callPlugin(externalPlugin(connection), 'tool_pre_invoke', { name: 't' }, pluginContext());
    await expect(outcome).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      failure: { mcpErrorCode: -32601, pluginName: 'Echo' },
    });
  });

  it('an error of the connection, which passes as it is', async () => {
    const lost = new GatechartError('CALL_OUTCOME_UNKNOWN', 'cut off');
    const connection = new ScriptedConnection(() => {
      throw lost;
    });
    await expect(
      callPlugin(externalPlugin(connection), 'tool_pre_invoke', { name: 't' }, pluginContext()),
    ).rejects.toBe(lost);
  });
});

describe('the start', () => {
  const start = (response: McpResponse) => externalPlugin(answering(response)).start({ timeoutMs: 1000 });

  it('asks for the configuration and merges it', async () => {
    const connection = answering(text({ name: 'Echo', priority: 7 }));
    const plugin = externalPlugin(connection);
    await plugin.start({ timeoutMs: 1000 });
    expect(connection.asked[0]?.message).toEqual({
      method: 'tools/call',
      params: { name: 'get_plugin_config', arguments: { name: 'Echo' } },
    });
    expect(plugin.config.written).toMatchObject({ priority: 7, kind: 'memory' });
  });

  it.each<[string, McpResponse, string]>([
    [
      '{}',
      text({}),
      "External plugin Echo at scripted://here has no plugin called Echo; use the name that the server's configuration gives it",
    ],
    [
      'null',
      text(null),
      "External plugin Echo at scripted://here has no plugin called Echo; use the name that the server's configuration gives it",
    ],
    [
      'a list',
      text([]),
      'External plugin Echo at scripted://here gave a bad answer to get_plugin_config: found a list, expected an object',
    ],
    [
      'HTML',
      { content: [{ type: 'text', text: '<html>' }] },
      'External plugin Echo at scripted://here gave a bad answer to get_plugin_config: the text content is not JSON: <html>',
    ],
  ])('fails when the server answers %s', async (_, response, message) => {
    await expect(start(response)).rejects.toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message });
  });

  it('fails when the server cannot be reached, and says why', async () => {
    const connection = new ScriptedConnection(() => {
      throw new GatechartError('CONNECTION_FAILED', 'connect ECONNREFUSED');
    });
    await expect(externalPlugin(connection).start({ timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: 'External plugin Echo at scripted://here did not give its configuration: connect ECONNREFUSED',
      cause: { code: 'CONNECTION_FAILED' },
    });
  });
});
