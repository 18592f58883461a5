import type { HookMeter } from './hook-meter.js';

/** An attribute of a span, in OpenTelemetry's primitive types. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

/** A place in a trace, in the words of W3C Trace Context. */
export interface TraceParent {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Why a span ended as an error. */
export interface SpanError {
  /** A code from the list of errors. */
  readonly code: string;
  /** At most about 1,000 characters. Of a plugin that failed, they are the plugin's words. */
  readonly message: string;
}

/** A running span, as the provider knows it. */
export interface Span {
  /** @param error why, where the status is `error` */
  end(status: 'ok' | 'error', attributes?: SpanAttributes, error?: SpanError): void;
  /**
   * Runs the work that the span is about, at once and once, and gives back what it gives: what is started in it stands below
   * this span. Absent: the work runs as it is.
   */
  run?<Returned>(work: () => Returned): Returned;
  /** What plugins elsewhere are told, so that their spans stand below this one. Absent: nothing. */
  readonly traceParent?: TraceParent | undefined;
}

/** What a span is about, where that is one thing. */
export interface SpanResource {
  readonly type: 'plugin';
  readonly name: string;
}

/**
 * Where spans go: one per hook invocation, one per plugin below it. What a provider throws is logged and never fails a
 * hook. All spans are of the kind that OpenTelemetry calls internal. A plugin's span may end after that of its hook, and
 * start after it: what runs in the background does.
 */
export interface ObservabilityProvider {
  startSpan(name: string, attributes: SpanAttributes, parent?: Span, resource?: SpanResource): Span | undefined;
  /** Runs work so that spans without a parent that are started in it stand below one that somebody else has named. */
  runBelow?<Returned>(parent: TraceParent, work: () => Returned): Returned;
  /** Measures hooks too. */
  readonly meter?: HookMeter;
}
