import type * as openTelemetry from '@opentelemetry/api';
import type { Attributes, Context, MeterProvider, Span as ApiSpan, TracerProvider } from '@opentelemetry/api';
import { missingPackage } from '../catalogue/optional-package.js';
import { GatechartError, messageOf } from '../errors.js';
import type { HookMeter } from '../observability/hook-meter.js';
import { operationAttributes, operationName, outcomeAttributes } from '../observability/mcp-attributes.js';
import type { McpSpan, McpTelemetry } from '../observability/mcp-telemetry.js';
import { Meters } from '../observability/meters.js';
import type { ObservabilityProvider, Span, SpanError } from '../observability/spans.js';
import { packageVersion } from '../package-version.js';
import { openTelemetryInstruments } from './open-telemetry-instruments.js';
import { contextIn, metaOf, traceParentOf } from './trace-meta.js';

/** What is traced and measured, and with whom. */
export interface OpenTelemetryOptions {
  /** Default: the one that the program has registered. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the one that the program has registered. */
  readonly meterProvider?: MeterProvider;
}

/** Where OpenTelemetry gets spans and figures of hooks, and of what goes through a gateway. */
export interface OpenTelemetry extends Required<ObservabilityProvider>, Required<McpTelemetry> {
  readonly meter: Required<HookMeter>;
}

/**
 * Tells OpenTelemetry of hooks and calls, in the names of its conventions for MCP. For `observability` of a manager and
 * `telemetry` of a gateway. Arguments and results are never told. Spans of hooks stand below those of their calls, and what
 * plugins start below theirs, where the program has registered a context manager.
 *
 * @throws GatechartError CONFIG_INVALID where the package `@opentelemetry/api` is missing
 */
export async function createOpenTelemetry(options: OpenTelemetryOptions = {}): Promise<OpenTelemetry> {
  const api = await loadApi();
  const { context, metrics, SpanKind, SpanStatusCode, trace } = api;
  const { tracerProvider = trace, meterProvider = metrics } = options;
  const tracer = tracerProvider.getTracer('gatechart', packageVersion);
  const meters = new Meters(openTelemetryInstruments(meterProvider.getMeter('gatechart', packageVersion)));
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT };
  /** The contexts of our spans, for those that are started below them. */
  const contexts = new WeakMap<object, Context>();

  const ended = (span: ApiSpan, isOk: boolean, attributes: Attributes, error?: SpanError): void => {
    span.setAttributes(attributes);
    if (error !== undefined) span.setAttribute('error.type', error.code);
    if (!isOk) span.setStatus({ code: SpanStatusCode.ERROR, ...(error && { message: error.message }) });
    span.end();
  };
  return {
    meter: meters,
    operationEnded: (operation, outcome, seconds) => meters.operationEnded(operation, outcome, seconds),
    sessionEnded: (side, seconds) => meters.sessionEnded(side, seconds),
    denied: (ruleKind, errorType) => meters.denied(ruleKind, errorType),
    watchGateway: (figures) => meters.watchGateway(figures),
    startSpan: (name, attributes, parent, resource) => {
      const above = (parent && contexts.get(parent)) ?? context.active();
      const about = resource === undefined ? {} : { [`${resource.type}.name`]: resource.name };
      const apiSpan = tracer.startSpan(name, { attributes: { ...attributes, ...about } }, above);
      const own = trace.setSpan(above, apiSpan);
      const span: Span = {
        traceParent: traceParentOf(api, apiSpan.spanContext()),
        run: (work) => context.with(own, work),
        end: (status, added = {}, error?: SpanError) => ended(apiSpan, status === 'ok', added, error),
      };
      contexts.set(span, own);
      return span;
    },
    runBelow: (parent, work) => context.with(contextIn(api, { ...parent }, context.active()), work),
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

async function loadApi(): Promise<typeof openTelemetry> {
  try {
    return await import('@opentelemetry/api').catch(missingPackage('@opentelemetry/api'));
  } catch (error) {
    throw new GatechartError('CONFIG_INVALID', `createOpenTelemetry cannot begin: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
