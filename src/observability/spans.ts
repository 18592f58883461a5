/** An attribute of a span, in OpenTelemetry's primitive types. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

/** A running span, as the provider knows it. */
export interface Span {
  end(status: 'ok' | 'error', attributes?: SpanAttributes): void;
}

/**
 * Where spans go: one per hook invocation, one per plugin below it. What a provider throws is logged and never fails a
 * hook.
 */
export interface ObservabilityProvider {
  startSpan(name: string, attributes: SpanAttributes, parent?: Span): Span | undefined;
}
