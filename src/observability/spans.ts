/** An attribute of a span, in OpenTelemetry's primitive types. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

/** A running span, as the provider knows it. */
export interface Span {
  end(status: 'ok' | 'error', attributes?: SpanAttributes): void;
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
}
