import type * as openTelemetry from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';
import type { TraceParent } from '../observability/spans.js';

type Api = Pick<typeof openTelemetry, 'createTraceState' | 'isSpanContextValid' | 'trace'>;

const traceparent = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/;

/** What `_meta` of a request names in `traceparent` and `tracestate` (W3C Trace Context), as the context to start from. */
export function contextIn(api: Api, meta: Readonly<Record<string, unknown>> | undefined, active: Context): Context {
  const { createTraceState, isSpanContextValid, trace } = api;
  const { traceparent: parent, tracestate: state } = meta ?? {};
  const [, traceId = '', spanId = '', flags = ''] =
    (typeof parent === 'string' ? traceparent.exec(parent) : null) ?? [];
  const remote: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(typeof state === 'string' && { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(remote) ? trace.setSpanContext(active, remote) : active;
}

/** Where a span is; undefined where nobody traces. */
export function traceParentOf({ isSpanContextValid }: Api, own: SpanContext): TraceParent | undefined {
  if (!isSpanContextValid(own)) return undefined;
  const state = own.traceState?.serialize() ?? '';
  const flags = (own.traceFlags & 0xff).toString(16).padStart(2, '0');
  return { traceparent: `00-${own.traceId}-${own.spanId}-${flags}`, ...(state !== '' && { tracestate: state }) };
}

/** The same for `_meta` of what is sent on; nothing where nobody traces. */
export function metaOf(api: Api, own: SpanContext): Readonly<Record<string, string>> {
  return { ...traceParentOf(api, own) };
}
