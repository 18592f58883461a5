import { createServer } from 'node:http';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { readTraceParent } from '../../src/observability/trace-parent.js';
import { createOpenTelemetry } from '../../src/opentelemetry/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { serveHost } from '../fixtures/hosting/served-plugins.js';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
beforeEach(() => exporter.reset());

const hooks = ['tool_pre_invoke'];

describe('the trace of a host', () => {
  it.each(['http', 'grpc'] as const)('goes on in a plugin server over %s', async (transport) => {
    const observability = await createOpenTelemetry({ tracerProvider });
    let inside: string | undefined;
    const Guard = definePlugin({
      hooks: { tool_pre_invoke: () => void (inside = trace.getActiveSpan()?.spanContext().traceId) },
    });
    const config = { plugins: [{ name: 'Guard', kind: 'Guard', hooks }] };
    const host = await start({ kinds: { Guard }, config, observability });
    const manager = await start({ config: { plugins: [await serveHost(host, transport)] }, observability });
    exporter.reset();
    await callTool(manager, 't');
    const spans = exporter.getFinishedSpans();
    const [there, here] = spans.filter(({ name }) => name === 'plugin.execute.Guard');
    const [invoked] = spans.filter(({ name }) => name === 'plugin.hook.invoke');
    expect(invoked?.parentSpanContext?.spanId).toBe(here?.spanContext().spanId);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(inside).toBe(there?.spanContext().traceId);
    expect(spans).toHaveLength(4);
  });

  it('is not told over a Unix socket, whose messages have no place for it', async () => {
    const observability = await createOpenTelemetry({ tracerProvider });
    const config = { plugins: [{ name: 'Guard', kind: 'Guard', hooks }] };
    const Guard = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
    const host = await start({ kinds: { Guard }, config, observability });
    const manager = await start({ config: { plugins: [await serveHost(host, 'unix')] }, observability });
    await callTool(manager, 't');
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(2);
  });
});

test('over HTTP it is in the headers and in the message; without a provider in neither', async () => {
  const seen: { header: unknown; meta: unknown }[] = [];
  const config = { plugins: [{ name: 'Guard', kind: 'Guard', hooks }] };
  const host = await start({
    kinds: { Guard: definePlugin({ hooks: { tool_pre_invoke: () => undefined } }) },
    config,
  });
  const entry = (await serveHost(host, 'http')) as { mcp: { url: string } };
  const proxy = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => void forward(Buffer.concat(parts)));
    const forward = async (body: Buffer): Promise<void> => {
      const message =
        body.length === 0 ? {} : (JSON.parse(body.toString()) as { params?: { name?: string; _meta?: unknown } });
      if (message.params?.name === 'invoke_hook')
        seen.push({ header: request.headers['traceparent'], meta: message.params._meta });
      const headers = Object.entries(request.headers).filter(([name]) => /^(?:mcp|content-type|accept$)/.test(name));
      const answer = await fetch(entry.mcp.url, {
        method: request.method ?? 'POST',
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        ...(body.length > 0 && { body: new Uint8Array(body) }),
      });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => (proxy.close(() => resolve(undefined)), proxy.closeAllConnections())));
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const reached = external({ proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${port}/mcp` });
  const observability = await createOpenTelemetry({ tracerProvider });
  await callTool(await start({ config: reached, observability }), 't');
  await callTool(await start({ config: reached }), 't');
  const [span] = exporter.getFinishedSpans().filter(({ name }) => name === 'plugin.execute.Guard');
  const traceparent = `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`;
  expect(seen).toEqual([
    { header: traceparent, meta: { traceparent } },
    { header: undefined, meta: undefined },
  ]);
});

test('a server that knows nothing of traces answers as ever over stdio', async () => {
  const observability = await createOpenTelemetry({ tracerProvider });
  const manager = await start({ config: external(stdio()), observability });
  expect((await callTool(manager, 'echo')).continueProcessing).toBe(true);
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['plugin.execute.Guard', 'plugin.hook.invoke']);
});

test.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
  ['01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more', true],
  ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', false],
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01', false],
  ['00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', false],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', false],
  [`01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-${'x'.repeat(300)}`, false],
  [undefined, false],
  [7, false],
])('%j names a place in a trace: %j', (traceparent, isOne) => {
  expect(readTraceParent(traceparent, undefined)).toEqual(isOne ? { traceparent } : undefined);
});

test('a state of a trace that no header can carry is dropped', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  expect(readTraceParent(traceparent, 'a=1,b=2')).toEqual({ traceparent, tracestate: 'a=1,b=2' });
  for (const state of ['a=1\r\nx: y', '', 'é', 'x'.repeat(513), 7])
    expect(readTraceParent(traceparent, state)).toEqual({ traceparent });
});
