import type { ObservabilityProvider, Span, SpanAttributes, SpanError, SpanResource } from '../observability/spans.js';

/** A span that a {@link RecordingObservability} was told of. */
export class RecordedSpan implements Span {
  status: 'running' | 'ok' | 'error' = 'running';
  /** Why, where the status is `error`. */
  error: SpanError | undefined;

  constructor(
    readonly name: string,
    /** What was known at the start, and what the end added. */
    readonly attributes: SpanAttributes,
    readonly parent: RecordedSpan | undefined,
    readonly resource: SpanResource | undefined,
  ) {}

  end(status: 'ok' | 'error', attributes: SpanAttributes = {}, error?: SpanError): void {
    this.status = status;
    this.error = error;
    Object.assign(this.attributes, attributes);
  }
}

/** Keeps every span it is told of, in the order they started. */
export class RecordingObservability implements ObservabilityProvider {
  readonly spans: RecordedSpan[] = [];

  startSpan(name: string, attributes: SpanAttributes, parent?: Span, resource?: SpanResource): RecordedSpan {
    const known = parent instanceof RecordedSpan ? parent : undefined;
    const span = new RecordedSpan(name, { ...attributes }, known, resource);
    this.spans.push(span);
    return span;
  }
}
