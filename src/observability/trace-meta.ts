import type { Context, SpanContext } from '@opentelemetry/api';

type Api = typeof import('@opentelemetry/api');

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

/** The same of a span, for `_meta` of what is sent on; nothing where nobody traces. */
export function metaOf({ isSpanContextValid }: Api, own: SpanContext): Readonly<Record<string, string>> {
  if (!isSpanContextValid(own)) return {};
  const state = own.traceState?.serialize() ?? '';
  const flags = (own.traceFlags & 0xff).toString(16).padStart(2, '0');
  return { traceparent: `00-${own.traceId}-${own.spanId}-${flags}`, ...(state !== '' && { tracestate: state }) };
}
