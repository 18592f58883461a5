import type { Attributes, Context, MeterProvider, Span as ApiSpan, TracerProvider } from '@opentelemetry/api';
import { packageVersion } from '../package-version.js';
import { operationAttributes, operationName, outcomeAttributes } from './mcp-attributes.js';
import { durationBuckets, type McpMeter, type McpSpan, type McpTelemetry } from './mcp-telemetry.js';
import type { ObservabilityProvider, Span } from './spans.js';
import { contextIn, metaOf } from './trace-meta.js';

export interface OpenTelemetryOptions {
  /** Default: the one that the program has registered. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the one that the program has registered. */
  readonly meterProvider?: MeterProvider;
}

/** Where OpenTelemetry gets spans of hooks, and spans and durations of what goes through a gateway. */
export type OpenTelemetry = ObservabilityProvider & McpTelemetry;

/**
 * Tells OpenTelemetry of hooks and calls, in the names of its conventions for MCP. For `observability` of a manager and
 * `telemetry` of a gateway. Arguments and results are never told. Spans of hooks stand below those of their calls where the
 * program has registered a context manager.
 */
export async function createOpenTelemetry(options: OpenTelemetryOptions = {}): Promise<OpenTelemetry> {
  const api = await import('@opentelemetry/api');
  const { context, metrics, SpanKind, SpanStatusCode, trace } = api;
  const { tracerProvider = trace, meterProvider = metrics } = options;
  const tracer = tracerProvider.getTracer('gatechart', packageVersion);
  const meter = meterProvider.getMeter('gatechart', packageVersion);
  const histogram = (name: string, description: string) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: [...durationBuckets] } });
  const operations = {
    server: histogram('mcp.server.operation.duration', 'Requests of agents.'),
    client: histogram('mcp.client.operation.duration', 'Calls of servers behind the gateway.'),
  };
  const sessions = {
    server: histogram('mcp.server.session.duration', 'How long clients are connected.'),
    client: histogram('mcp.client.session.duration', 'How long sessions with servers are open.'),
  };
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT };
  /** The contexts of our spans, for those that are started below them. */
  const contexts = new WeakMap<object, Context>();

  const ended = (span: ApiSpan, isOk: boolean, attributes: Attributes): void => {
    span.setAttributes(attributes);
    if (!isOk) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
  const durations: McpMeter = {
    operationEnded: (operation, outcome, seconds) => {
      // Each URI would be a time series.
      const { 'mcp.resource.uri': _uri, ...attributes } = operationAttributes(operation);
      operations[operation.side].record(seconds, { ...attributes, ...outcomeAttributes(outcome) });
    },
    sessionEnded: (side, seconds) => sessions[side].record(seconds),
  };
  return {
    ...durations,
    startSpan: (name, attributes, parent, resource) => {
      const above = (parent && contexts.get(parent)) ?? context.active();
      const about = resource === undefined ? {} : { [`${resource.type}.name`]: resource.name };
      const apiSpan = tracer.startSpan(name, { attributes: { ...attributes, ...about } }, above);
      const span: Span = {
        end: (status, added = {}) => ended(apiSpan, status === 'ok', added),
      };
      contexts.set(span, trace.setSpan(above, apiSpan));
      return span;
    },
    startOperation: (operation, meta, parent) => {
      const above = (parent && contexts.get(parent)) ?? contextIn(api, meta, context.active());
      const settings = { kind: kinds[operation.side], attributes: operationAttributes(operation) };
      const apiSpan = tracer.startSpan(operationName(operation), settings, above);
      const { traceId, spanId } = apiSpan.spanContext();
      const own = trace.setSpan(above, apiSpan);
      const span: McpSpan = {
        traceId,
        spanId,
        meta: metaOf(api, apiSpan.spanContext()),
        run: (work) => context.with(own, work),
        end: (outcome) => ended(apiSpan, outcome.errorType === undefined, outcomeAttributes(outcome)),
      };
      contexts.set(span, own);
      return span;
    },
  };
}
