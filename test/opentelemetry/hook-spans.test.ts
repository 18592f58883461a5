import { setTimeout } from 'node:timers/promises';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { definePlugin, type HookHandlers, type ObservabilityProvider } from '../../src/index.js';
import { createOpenTelemetry } from '../../src/opentelemetry/index.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = tracerProvider.getTracer('the program');
beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
beforeEach(() => exporter.reset());

const activeSpan = () => trace.getSpan(context.active())?.spanContext().spanId;
const spanNamed = (name: string) => exporter.getFinishedSpans().find((span) => span.name === name);
const idOf = (name: string) => spanNamed(name)?.spanContext().spanId;

type Handler = HookHandlers['tool_pre_invoke'];

async function managerWith(handlers: Readonly<Record<string, NonNullable<Handler>>>, more: object = {}) {
  const kinds = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, definePlugin({ hooks: { tool_pre_invoke: handler } })]),
  );
  const observability = await createOpenTelemetry({ tracerProvider });
  const plugins = Object.keys(handlers).map((name) => ({ name, kind: name, hooks: ['tool_pre_invoke'], ...more }));
  return start({ kinds, config: { plugins, plugin_settings: { plugin_timeout: 1 } }, observability });
}

describe('the span of a plugin', () => {
  it.each(['enforce', 'concurrent', 'fire_and_forget'])(
    'is active inside the plugin, also after it has waited, in mode %s',
    async (mode) => {
      const seen: (string | undefined)[] = [];
      const manager = await managerWith(
        {
          waits: async () => {
            seen.push(activeSpan());
            await setTimeout(5);
            seen.push(activeSpan());
            tracer.startSpan('of the plugin').end();
          },
        },
        { mode },
      );
      const outcome = await callTool(manager, 't');
      await outcome.background;
      await manager.close();
      expect(new Set(seen)).toEqual(new Set([idOf('plugin.execute.waits')]));
      expect(spanNamed('of the plugin')?.parentSpanContext?.spanId).toBe(idOf('plugin.execute.waits'));
      expect(spanNamed('plugin.execute.waits')?.parentSpanContext?.spanId).toBe(idOf('plugin.hook.invoke'));
    },
  );

  it('is active in none but its own, side by side too', async () => {
    const seen = new Map<string, (string | undefined)[]>();
    const look = (name: string) => async () => {
      const before = activeSpan();
      await setTimeout(name === 'one' ? 10 : 1);
      seen.set(name, [before, activeSpan()]);
    };
    const manager = await managerWith({ one: look('one'), two: look('two') }, { mode: 'concurrent' });
    await callTool(manager, 't');
    for (const name of ['one', 'two']) {
      const own = idOf(`plugin.execute.${name}`);
      expect(seen.get(name)).toEqual([own, own]);
    }
    expect(activeSpan()).toBeUndefined();
  });

  it('says why it failed, by code and in words', async () => {
    const manager = await managerWith({
      fails: () => {
        throw new Error(`out of order ${'x'.repeat(10_000)}`);
      },
    });
    await callTool(manager, 't').catch(() => undefined);
    for (const name of ['plugin.execute.fails', 'plugin.hook.invoke']) {
      const span = spanNamed(name);
      expect(span?.attributes).toMatchObject({ 'error.type': 'PLUGIN_FAILED' });
      expect(span?.status).toEqual({
        code: SpanStatusCode.ERROR,
        message: expect.stringMatching(/^Plugin fails: out of order x+…/),
      });
      expect(span?.status.message?.length).toBeLessThan(1_100);
    }
  });

  it('says that it was too slow', async () => {
    const manager = await managerWith({ hangs: () => new Promise(() => {}) });
    await callTool(manager, 't').catch(() => undefined);
    expect(spanNamed('plugin.execute.hangs')?.attributes).toMatchObject({ 'error.type': 'PLUGIN_TIMEOUT' });
    expect(spanNamed('plugin.hook.invoke')?.attributes).toMatchObject({ 'error.type': 'PLUGIN_TIMEOUT' });
  });

  it('has the code of a violation, which is no error', async () => {
    const manager = await managerWith({
      blocks: () => ({ continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'NO' } }),
    });
    await callTool(manager, 't');
    const span = spanNamed('plugin.execute.blocks');
    expect(span?.attributes).toMatchObject({ 'plugin.had_violation': true, 'plugin.violation.code': 'NO' });
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span?.attributes).not.toHaveProperty('error.type');
  });
});

it('what is active where the hook is invoked is the parent of its span', async () => {
  const manager = await managerWith({ passes: () => undefined });
  const program = tracer.startSpan('the program');
  await context.with(trace.setSpan(context.active(), program), () => callTool(manager, 't'));
  program.end();
  expect(spanNamed('plugin.hook.invoke')?.parentSpanContext?.spanId).toBe(program.spanContext().spanId);
  expect(spanNamed('plugin.hook.invoke')?.spanContext().traceId).toBe(program.spanContext().traceId);
});

it('a call of one plugin by name can be told the span of somebody else', async () => {
  const manager = await managerWith({ passes: () => undefined });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const called = { globalContext: { requestId: 'r' } };
  await manager.invokeHookForPlugin('passes', 'tool_pre_invoke', { name: 't' }, called, {
    traceParent: { traceparent },
  });
  expect(spanNamed('plugin.hook.invoke')?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  const bad = { traceParent: { traceparent: 'nonsense' } };
  await expect(
    manager.invokeHookForPlugin('passes', 'tool_pre_invoke', { name: 't' }, called, bad),
  ).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
});

it('what a plugin throws inside its span is thrown, and no fault of the provider', async () => {
  const logger = recordingLogger();
  const observability = await createOpenTelemetry({ tracerProvider });
  const kind = definePlugin({
    hooks: {
      tool_pre_invoke: () => {
        throw new Error('out of order');
      },
    },
  });
  const config = { plugins: [{ name: 'P', kind: 'kind', hooks: ['tool_pre_invoke'] }] };
  const manager = await start({ kinds: { kind }, config, observability, logger });
  await expect(callTool(manager, 't')).rejects.toMatchObject({ message: expect.stringContaining('out of order') });
  expect(logger.lines.filter(({ level }) => level === 'debug')).toEqual([]);
});

describe('a provider that runs plugins badly', () => {
  const fail = () => {
    throw new Error('no context');
  };
  const bad: Readonly<Record<string, ObservabilityProvider>> = {
    'throws before': { startSpan: () => ({ end() {}, run: fail }) },
    'does not run them': { startSpan: () => ({ end() {}, run: () => undefined as never }) },
    'runs them twice': { startSpan: () => ({ end() {}, run: (work) => (work(), work()) }) },
    'runs them later': { startSpan: () => ({ end() {}, run: (work) => queueMicrotask(work) as never }) },
    'throws behind them': { startSpan: () => ({ end() {}, run: (work) => (work(), fail()) }) },
    'answers something else': { startSpan: () => ({ end() {}, run: (work) => (work(), 'other' as never) }) },
    'cannot say where it is': {
      startSpan: () => ({
        end() {},
        get traceParent(): never {
          return fail();
        },
      }),
    },
  };
  it.each(Object.entries(bad))('and %s: each runs once, and what it answers counts', async (_what, observability) => {
    let runs = 0;
    const kind = definePlugin({
      hooks: { tool_pre_invoke: () => ({ modifiedPayload: { name: `run ${++runs}` } }) },
    });
    const config = { plugins: [{ name: 'P', kind: 'kind', hooks: ['tool_pre_invoke'] }] };
    const manager = await start({ kinds: { kind }, config, observability, logger: recordingLogger() });
    expect((await callTool(manager, 't')).modifiedPayload).toEqual({ name: 'run 1' });
    await setTimeout(1);
    expect(runs).toBe(1);
  });
});
