import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PluginManager } from '../../src/index.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
});
beforeEach(() => exporter.reset());
afterAll(async () => {
  trace.disable();
  context.disable();
  await provider.shutdown();
});

const request = {
  requestId: 'r',
  user: 'u',
  metadata: {
    tool: { name: 'search', original_name: 'find', description: 'finds' },
    gateway: { id: 'g', name: 'n', url: 'https://user:secret@host/mcp?key=secret' },
  },
};

/** A whole call inside a span of the caller's. */
async function traced(manager: PluginManager, result: unknown, headers: Record<string, string> = {}): Promise<void> {
  await trace.getTracer('test').startActiveSpan('caller', async (span) => {
    await manager.invokeHook('tool_pre_invoke', { name: 'search', args: { q: 'x' }, headers }, request);
    await manager.invokeHook('tool_post_invoke', { name: 'search', result }, request);
    span.end();
  });
}

function attributesOf(name: string): Record<string, unknown> | undefined {
  return exporter.getFinishedSpans().find((span) => span.name === name)?.attributes;
}

describe('the telemetry exporter of tools', () => {
  it('writes a span before and after a call, inside that of the caller', async () => {
    await using manager = await managerOf('tools-telemetry-exporter', hooks);
    await traced(manager, { content: [{ type: 'text', text: 'found' }] });

    expect(attributesOf('tool.pre_invoke')).toEqual({
      request_id: 'r',
      user: 'u',
      tenant_id: '',
      server_id: '',
      'target_mcp_server.id': 'g',
      'target_mcp_server.name': 'n',
      'target_mcp_server.url': 'https://host/mcp',
      'tool.name': 'search',
      'tool.target_tool_name': 'find',
      'tool.description': 'finds',
      'tool.invocation.args': '{"q":"x"}',
      headers: '{}',
    });
    expect(attributesOf('tool.post_invoke')).toEqual({
      request_id: 'r',
      user: 'u',
      tenant_id: '',
      server_id: '',
      'tool.invocation.has_error': false,
    });
    const caller = exporter.getFinishedSpans().find(({ name }) => name === 'caller');
    const inner = exporter.getFinishedSpans().filter(({ name }) => name !== 'caller');
    expect(inner.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
      caller?.spanContext().spanId,
      caller?.spanContext().spanId,
    ]);
  });

  it('writes results where it is told to, as much of them as may be, and none that is an error', async () => {
    const config = { export_full_payload: true, max_payload_bytes_size: 9 };
    await using manager = await managerOf('tools-telemetry-exporter', hooks, config);
    await traced(manager, { content: 'four' });
    expect(attributesOf('tool.post_invoke')).toMatchObject({ 'tool.invocation.result': '"four"' });
    exporter.reset();
    await traced(manager, { content: 'much longer' });
    expect(attributesOf('tool.post_invoke')).toMatchObject({ 'tool.invocation.result': '"much lon...<truncated>' });
    exporter.reset();
    await traced(manager, { content: 'four', isError: true });
    expect(attributesOf('tool.post_invoke')).toMatchObject({ 'tool.invocation.has_error': true });
    expect(attributesOf('tool.post_invoke')).not.toHaveProperty(['tool.invocation.result']);
  });

  it('cuts between characters, and says of an empty list that there is nothing', async () => {
    const config = { export_full_payload: true, max_payload_bytes_size: 3 };
    await using manager = await managerOf('tools-telemetry-exporter', hooks, config);
    await traced(manager, { content: '😀😀😀' });
    expect(attributesOf('tool.post_invoke')).toMatchObject({ 'tool.invocation.result': '"😀😀...<truncated>' });
    exporter.reset();
    await traced(manager, { content: '😀' });
    expect(attributesOf('tool.post_invoke')).toMatchObject({ 'tool.invocation.result': '"😀"' });
    exporter.reset();
    await traced(manager, { content: [] });
    expect(attributesOf('tool.post_invoke')).toMatchObject({ 'tool.invocation.result': '<No content in result>' });
  });

  it('writes of headers that carry secrets nothing but their names', async () => {
    await using manager = await managerOf('tools-telemetry-exporter', hooks);
    const secrets = [
      'Authorization',
      'COOKIE',
      'x-api-key',
      'apikey',
      'X-Vault-Tokens',
      'x-auth-token',
      'client_secret',
      'PRIVATE-TOKEN',
      'X-Amz-Security-Token',
      'x-goog-api-key',
      'Ocp-Apim-Subscription-Key',
      'X-Forwarded-Authorization',
      'Cf-Access-Jwt-Assertion',
    ];
    await traced(manager, {}, Object.fromEntries([...secrets.map((name) => [name, 'hidden']), ['accept', 'all']]));
    const headers = JSON.parse(String(attributesOf('tool.pre_invoke')?.['headers'])) as Record<string, string>;
    expect(headers).toEqual({ ...Object.fromEntries(secrets.map((name) => [name, '******'])), accept: 'all' });
  });

  it('writes nothing where nobody traces', async () => {
    await using manager = await managerOf('tools-telemetry-exporter', hooks);
    await manager.invokeHook('tool_pre_invoke', { name: 't', args: {} }, request);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('takes whatever a tool answers, and changes nothing', async () => {
    await using manager = await managerOf('tools-telemetry-exporter', hooks, { export_full_payload: true });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (result) => {
        exporter.reset();
        await traced(manager, result);
        expect(attributesOf('tool.post_invoke')).toHaveProperty(['tool.invocation.has_error']);
      }),
    );
  });

  it('refuses what it does not know', async () => {
    const error = await rejection(managerOf('tools-telemetry-exporter', hooks, { full: true }));
    expect(error).toMatchObject({ message: expect.stringContaining('config.full: unknown key') });
  });
});
