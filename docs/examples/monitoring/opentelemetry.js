import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { context, trace } from '@opentelemetry/api';
import { createManager, definePlugin, silentLogger } from 'gatechart';
import { createOpenTelemetry } from 'gatechart/opentelemetry';

// What `@opentelemetry/sdk-node` does for you. This exporter says of each span whether it is below another.
/** @type {import('@opentelemetry/sdk-trace-base').SpanExporter} */
const exporter = {
  export(spans) {
    for (const { name, status, parentSpanContext } of spans) {
      console.log(`${name}${parentSpanContext ? ', below another' : ''}${status.message ? `: ${status.message}` : ''}`);
    }
  },
  shutdown: () => Promise.resolve(),
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));

const Guard = definePlugin({
  hooks: {
    async tool_pre_invoke({ name }) {
      // Stands below the span of this plugin.
      trace.getTracer('guard').startSpan('ask the database').end();
      if (name === 'broken') throw new Error('the database is gone');
    },
  },
});
const manager = await createManager({
  config: { plugins: [{ name: 'Guard', kind: 'guard', hooks: ['tool_pre_invoke'] }] },
  kinds: { guard: Guard },
  observability: await createOpenTelemetry(),
  logger: silentLogger,
});

await manager.invokeHook('tool_pre_invoke', { name: 'echo' }, { requestId: '1' });
await manager.invokeHook('tool_pre_invoke', { name: 'broken' }, { requestId: '2' }).catch(() => {});
await manager.close();
