import { isRecord } from '../../json/records.js';

/** Hexadecimal, as in W3C Trace Context. */
export interface TraceIds {
  readonly traceId: string;
  readonly spanId: string;
}

const traceparent = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-[\da-f]{2}(?:-|$)/;

/** The trace that `_meta` of a request names in `traceparent`; undefined where it names none, or not as the W3C has it. */
export function traceOf(meta: unknown): TraceIds | undefined {
  const text = isRecord(meta) ? meta['traceparent'] : undefined;
  const [, traceId, spanId] = (typeof text === 'string' ? traceparent.exec(text) : undefined) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}
