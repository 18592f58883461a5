import type * as openTelemetry from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';
import type { TraceParent } from '../observability/spans.js';
import { traceParentFields } from '../observability/trace-parent.js';

type Api = Pick<typeof openTelemetry, 'createTraceState' | 'isSpanContextValid' | 'trace'>;

/** What `_meta` of a request names in `traceparent` and `tracestate` (W3C Trace Context), as the context to start from. */
export function contextIn(api: Api, meta: Readonly<Record<string, unknown>> | undefined, active: Context): Context {
  const { traceparent: parent, tracestate: state } = meta ?? {};
  const parts = traceParentFields(parent);
  if (parts === undefined) return active;
  const { traceId, spanId, flags } = parts;
  return api.trace.setSpanContext(active, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(typeof state === 'string' && { traceState: api.createTraceState(state) }),
  });
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
