import { context, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createManager } from '../../src/manager/create-manager.js';
import { createOpenTelemetry } from '../../src/opentelemetry/create-open-telemetry.js';
import { definePlugin } from '../../src/plugins/define-plugin.js';
import { gatewayInMemory } from '../fixtures/gateway/gateway-in-memory.js';
import { startQuotingServer } from '../fixtures/gateway/quoting-server.js';

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
beforeEach(() => exporter.reset());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

async function traced(options: Parameters<typeof gatewayInMemory>[1] = {}) {
  const quoting = await startQuotingServer();
  const telemetry = await createOpenTelemetry({ tracerProvider });
  const opened = await gatewayInMemory({ q: quoting.url }, { face: 'transparent', telemetry, ...options });
  return { ...opened, metas: quoting.metas };
}

const spanNamed = (name: string, kind: SpanKind) =>
  exporter.getFinishedSpans().find((span) => span.name === name && span.kind === kind);

test('a call is a span of a server, and below it one of a client, whose trace the server behind is told', async () => {
  const { client, metas } = await traced();
  await client.callTool({
    name: 'echo',
    arguments: { x: 'SECRET' },
    _meta: { traceparent, tracestate: 'v=1', baggage: 'k=v' },
  });
  const served = spanNamed('tools/call echo', SpanKind.SERVER);
  const asked = spanNamed('tools/call echo', SpanKind.CLIENT);
  expect(served?.spanContext().traceId).toBe(traceId);
  expect(served?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  expect(asked?.parentSpanContext?.spanId).toBe(served?.spanContext().spanId);
  expect(served?.attributes).toEqual({
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'echo',
  });
  expect(asked?.attributes).toMatchObject({ 'mcp.server.name': 'q', 'network.transport': 'tcp' });
  expect(metas.at(-1)).toMatchObject({
    traceparent: `00-${traceId}-${asked?.spanContext().spanId}-01`,
    tracestate: 'v=1',
    baggage: 'k=v',
  });
  const told = exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status }) => [name, attributes, events, status]);
  expect(JSON.stringify(told)).not.toContain('SECRET');
});

test('what fails is told by its code, and nothing that the server quotes', async () => {
  const { client } = await traced();
  await client.callTool({ name: 'soft', arguments: { x: 'SECRET' } });
  await client.callTool({ name: 'fail', arguments: { x: 'SECRET' } }).catch(() => undefined);
  expect(spanNamed('tools/call soft', SpanKind.SERVER)?.attributes).toMatchObject({ 'error.type': 'tool_error' });
  expect(spanNamed('tools/call fail', SpanKind.CLIENT)?.attributes).toMatchObject({
    'error.type': 'REFUSED_BY_SERVER',
    'rpc.response.status_code': '-32603',
  });
  const told = exporter.getFinishedSpans().map(({ attributes, events, status }) => [attributes, events, status]);
  expect(JSON.stringify(told)).not.toContain('SECRET');
});

test('hooks stand below the call, and are told the trace', async () => {
  const telemetry = await createOpenTelemetry({ tracerProvider });
  const seen: unknown[] = [];
  const look = definePlugin({
    hooks: { tool_pre_invoke: (_payload, { extensions }) => void seen.push(extensions?.request) },
  });
  const plugins = await createManager({
    config: { plugins: [{ name: 'look', kind: 'look', hooks: ['tool_pre_invoke'], capabilities: ['read_headers'] }] },
    kinds: { look },
    observability: telemetry,
  });
  const { client } = await traced({ plugins, telemetry });
  await client.callTool({ name: 'echo', arguments: {} });
  const served = spanNamed('tools/call echo', SpanKind.SERVER);
  const hook = spanNamed('plugin.hook.invoke', SpanKind.INTERNAL);
  const plugin = spanNamed('plugin.execute.look', SpanKind.INTERNAL);
  expect(hook?.parentSpanContext?.spanId).toBe(served?.spanContext().spanId);
  expect(plugin?.parentSpanContext?.spanId).toBe(hook?.spanContext().spanId);
  expect(seen).toEqual([expect.objectContaining(served && { traceId: served.spanContext().traceId })]);
});

test('where nobody traces, the trace of the agent is passed on as it came', async () => {
  const { client, metas } = await traced({ telemetry: undefined });
  await client.callTool({ name: 'echo', arguments: {}, _meta: { traceparent } });
  expect(metas.at(-1)).toMatchObject({ traceparent });
  expect(exporter.getFinishedSpans()).toEqual([]);
});

test('where no tracing is registered, nothing is changed', async () => {
  trace.disable();
  const { client, metas } = await traced({ telemetry: await createOpenTelemetry() });
  await client.callTool({ name: 'echo', arguments: {}, _meta: { traceparent } });
  await client.callTool({ name: 'echo', arguments: {} });
  expect(metas[0]).toMatchObject({ traceparent });
  expect(metas[1] ?? {}).not.toHaveProperty('traceparent');
});

test('telemetry that fails fails no call', async () => {
  const fail = () => {
    throw new Error('out of order');
  };
  const telemetry = { startOperation: fail, operationEnded: fail, sessionEnded: fail };
  const { client, logger } = await traced({ telemetry });
  expect(await client.callTool({ name: 'echo', arguments: {} })).toMatchObject({ content: [{ text: '{}' }] });
  expect(logger.lines('debug')).toContain('telemetry failed: out of order');
});

test('names that agents make up are cut in spans', async () => {
  const { client } = await traced();
  const name = 'n'.repeat(10_000);
  await client.callTool({ name }).catch(() => undefined);
  await client.getPrompt({ name }).catch(() => undefined);
  await client.readResource({ uri: `test://${name}` }).catch(() => undefined);
  const told = exporter
    .getFinishedSpans()
    .map(({ name: span, attributes }) => JSON.stringify([span, attributes]).length);
  expect(told).toHaveLength(3);
  expect(Math.max(...told)).toBeLessThan(1_500);
  expect(spanNamed(`tools/call ${'n'.repeat(128)}…`, SpanKind.SERVER)).toBeDefined();
});
