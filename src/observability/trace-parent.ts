import type { TraceParent } from './spans.js';

const traceparent = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-|$)/;

/** Visible characters of ASCII: what a header can carry. As long as W3C Trace Context has it at most. */
const tracestate = /^[\x20-\x7e]{1,512}$/;

/** Characters of a `traceparent` of a later version than ours. */
const longest = 256;

/** What a `traceparent` says: hexadecimal, but for the flags. */
export interface TraceParentFields {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

/** The fields of a `traceparent`; undefined for what is none, as W3C Trace Context has it. */
export function traceParentFields(parent: unknown): TraceParentFields | undefined {
  if (typeof parent !== 'string' || parent.length > longest) return undefined;
  const [, version, traceId, spanId, flags = '', more] = traceparent.exec(parent) ?? [];
  // Only later versions may say more.
  if (traceId === undefined || spanId === undefined || (version === '00' && more !== '')) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** The place in a trace that somebody names; undefined where they name none, or not as W3C Trace Context has it. */
export function readTraceParent(parent: unknown, state: unknown): TraceParent | undefined {
  if (typeof parent !== 'string' || traceParentFields(parent) === undefined) return undefined;
  return { traceparent: parent, ...(typeof state === 'string' && tracestate.test(state) && { tracestate: state }) };
}
