import { describe, expect, it } from 'vitest';
import { HookRequest } from '../../src/external/hook-request.js';
import type { ExternalHookCall } from '../../src/external/plugin-codec.js';
import { builtInHooks } from '../../src/hooks/built-in-hooks.js';
import { outgoingText } from '../../src/transports/mcp/outgoing-message.js';
import { hookCodec } from '../../src/wire/hook-codec.js';

const codec = hookCodec(builtInHooks[2]);
const hook = { hookName: 'tool_pre_invoke', pluginName: 'a "guard"', codec, ignored: undefined };
const payload = { name: 'echo', args: { message: 'grüezi' } };
const traceParent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const limits = { name: 'guard', maxMessageBytes: 10_000 };

function requestWith(state: Record<string, unknown>, options: { traced?: boolean } = {}): HookRequest {
  const readable = { globalContext: { requestId: '1', tenantId: null }, state, metadata: {} };
  const context = { ...readable, traceParent: options.traced === true ? traceParent : undefined };
  return new HookRequest({ hook, payload, context, readable } as unknown as ExternalHookCall);
}

function paramsWith(state: Record<string, unknown>): object {
  const context = { state, global_context: { request_id: '1', state: {}, metadata: {} }, metadata: {} };
  const args = { hook_type: 'tool_pre_invoke', plugin_name: 'a "guard"', payload, context };
  return { name: 'invoke_hook', arguments: args };
}

describe('a request for a hook', () => {
  it('is written as JSON.stringify writes it', () => {
    const params = paramsWith({ seen: ['a'] });
    const sent = { jsonrpc: '2.0', id: 7, method: 'tools/call', params };
    expect(outgoingText(7, requestWith({ seen: ['a'] }), limits)).toBe(JSON.stringify(sent));
    const traced = { ...sent, params: { ...params, _meta: traceParent } };
    expect(outgoingText(7, requestWith({ seen: ['a'] }, { traced: true }), limits)).toBe(JSON.stringify(traced));
  });

  it('has the context as the plugin has it, and not the one that is for reading at once', () => {
    const state = { seen: 1 };
    const readable = { globalContext: { requestId: '1' }, state, metadata: {} };
    const context = { ...readable, state: { ...state } };
    const request = new HookRequest({ hook, payload, context, readable } as unknown as ExternalHookCall);
    state.seen = 2;
    expect(JSON.parse(request.paramsText())).toEqual(paramsWith({ seen: 1 }));
    expect(request.params).toEqual(paramsWith({ seen: 1 }));
  });
});

describe('another request', () => {
  it('is written as JSON.stringify writes it', () => {
    const list = { method: 'tools/list' };
    expect(outgoingText(1, list, limits)).toBe(JSON.stringify({ jsonrpc: '2.0', id: 1, ...list }));
    const read = { method: 'resources/read', params: { uri: 'file:///a', _meta: { progressToken: 'mine', more: 1 } } };
    const params = { uri: 'file:///a', _meta: { progressToken: 1, more: 1 } };
    expect(outgoingText(1, read, limits)).toBe(JSON.stringify({ jsonrpc: '2.0', id: 1, method: read.method, params }));
  });

  it('is refused where it is too large', () => {
    const message = 'guard: the request has 66 bytes, a message may have 60; it was not sent';
    const large = { method: 'ping', params: { text: 'x'.repeat(5) } };
    expect(() => outgoingText(1, large, { ...limits, maxMessageBytes: 60 })).toThrow(message);
  });
});
