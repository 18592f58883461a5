import { isRecord } from '../../json/records.js';
import { type TraceParentFields, traceParentFields } from '../../observability/trace-parent.js';

/** Hexadecimal, as in W3C Trace Context. */
export type TraceIds = Pick<TraceParentFields, 'traceId' | 'spanId'>;

/** The trace that `_meta` of a request names in `traceparent`; undefined where it names none, or not as the W3C has it. */
export function traceOf(meta: unknown): TraceIds | undefined {
  const { traceId, spanId } = traceParentFields(isRecord(meta) ? meta['traceparent'] : undefined) ?? {};
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}
