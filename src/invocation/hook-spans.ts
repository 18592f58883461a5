import { isGatechartError, messageOf } from '../errors.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { excerpt } from '../json/excerpt.js';
import type { Logger } from '../observability/logger.js';
import type {
  ObservabilityProvider,
  Span,
  SpanAttributes,
  SpanError,
  SpanResource,
  TraceParent,
} from '../observability/spans.js';
import type { ChainStep, ChosenSteps, HookChain } from './hook-chain.js';

/** Which steps of which chain are to run. */
interface Chosen extends Pick<ChosenSteps, 'steps' | 'background'> {
  readonly chain: HookChain;
}

/** Characters of an error's message that a span is told. */
const longestMessage = 1000;
/** Those of a violation's code. */
const longestCode = 128;

/** Spans of hooks and plugins at a provider that may fail: what it throws is logged and goes no further. */
export class HookSpans {
  readonly #provider: ObservabilityProvider;
  readonly #logger: Logger;

  constructor(provider: ObservabilityProvider, logger: Logger) {
    this.#provider = provider;
    this.#logger = logger;
  }

  /** The spans of one invocation; none is started yet. */
  of(chosen: Chosen): InvocationSpans {
    return new InvocationSpans(this, chosen);
  }

  startSpan(name: string, attributes: SpanAttributes, parent?: Span, resource?: SpanResource): Span | undefined {
    return this.#guard(() => this.#provider.startSpan(name, attributes, parent, resource));
  }

  traceParentOf(span: Span | undefined): TraceParent | undefined {
    return span === undefined ? undefined : this.#guard(() => span.traceParent);
  }

  end(span: Span | undefined, status: 'ok' | 'error', attributes: SpanAttributes, error?: SpanError): void {
    this.#guard(() => span?.end(status, attributes, error));
  }

  /** Runs work inside a span, whatever the span makes of it: exactly once. */
  run<Returned>(span: Span | undefined, work: () => Returned): Returned {
    return span?.run === undefined ? work() : this.#once(work, (once) => span.run?.(once));
  }

  /** Runs work below the span of somebody else; likewise. */
  runBelow<Returned>(parent: TraceParent | undefined, work: () => Returned): Returned {
    if (parent === undefined || this.#provider.runBelow === undefined) return work();
    return this.#once(work, (once) => this.#provider.runBelow?.(parent, once));
  }

  #once<Returned>(work: () => Returned, surround: (once: () => Returned) => unknown): Returned {
    let done: { readonly returned: Returned } | { readonly thrown: unknown } | undefined;
    const once = (): Returned => {
      done ??= attempt(work);
      if ('thrown' in done) throw done.thrown;
      return done.returned;
    };
    this.#guard(() => {
      try {
        surround(once);
      } catch (error) {
        // What the work throws is its caller's, and told below.
        if (done === undefined || !('thrown' in done) || done.thrown !== error) throw error;
      }
    });
    return once();
  }

  #guard<T>(report: () => T): T | undefined {
    try {
      return report();
    } catch (error) {
      this.#logger.debug({ err: error }, `the observability provider failed: ${messageOf(error)}`);
      return undefined;
    }
  }
}

/** The span of one invocation of a hook, and below it those of its plugins, in the names that `cpex` gives them. */
export class InvocationSpans {
  readonly #spans: HookSpans;
  readonly #chosen: Chosen;
  #hook: Span | undefined;
  /** The same until it ends: plugins in the background start theirs later. */
  #open: Span | undefined;

  constructor(spans: HookSpans, chosen: Chosen) {
    this.#spans = spans;
    this.#chosen = chosen;
  }

  start(): void {
    const { chain } = this.#chosen;
    this.#open = this.#hook = this.#spans.startSpan('plugin.hook.invoke', {
      'plugin.hook.type': chain.hook.name,
      'plugin.chain.length': sizeOf(chain),
    });
  }

  /** @param context of the plugin, which is told where its span is */
  startStep({ plugin, timeoutMs }: ChainStep, context: { traceParent: TraceParent | undefined }): Span | undefined {
    const attributes = {
      'plugin.name': plugin.name,
      'plugin.uuid': plugin.id,
      'plugin.mode': plugin.rights.mode,
      'plugin.priority': plugin.config.priority,
      'plugin.timeout': timeoutMs / 1000,
    };
    const resource = { type: 'plugin', name: plugin.name } as const;
    const span = this.#spans.startSpan(`plugin.execute.${plugin.name}`, attributes, this.#hook, resource);
    context.traceParent = this.#spans.traceParentOf(span);
    return span;
  }

  /** Runs a plugin inside its span. */
  run<Returned>(span: Span | undefined, work: () => Returned): Returned {
    return this.#spans.run(span, work);
  }

  /** @param error what it failed with; undefined where it did not */
  endStep(
    span: Span | undefined,
    result: Pick<PluginResult, 'violation' | 'modifiedPayload'> | undefined,
    error?: unknown,
  ): void {
    const violation = result?.violation;
    const ends = {
      'plugin.had_violation': violation !== undefined,
      'plugin.modified_payload': result?.modifiedPayload !== undefined,
      ...(violation !== undefined && { 'plugin.violation.code': excerpt(violation.code, longestCode) }),
    };
    if (error === undefined) this.#spans.end(span, 'ok', ends);
    else this.#spans.end(span, 'error', ends, spanError(error));
  }

  /** @param executed how many plugins ran until the chain was decided @param error what the caller gets in its place */
  end(executed: number, stoppedBy?: string, error?: unknown): void {
    const { chain } = this.#chosen;
    const ends = {
      'plugin.executed_count': executed,
      'plugin.skipped_count': sizeOf(chain) - sizeOf(this.#chosen),
      'plugin.chain.stopped': stoppedBy !== undefined,
      'plugin.chain.stopped_by': stoppedBy ?? '',
    };
    if (error === undefined) this.#spans.end(this.#open, 'ok', ends);
    else this.#spans.end(this.#open, 'error', ends, spanError(error));
    this.#open = undefined;
  }
}

function attempt<Returned>(work: () => Returned): { readonly returned: Returned } | { readonly thrown: unknown } {
  try {
    return { returned: work() };
  } catch (thrown) {
    return { thrown };
  }
}

function spanError(error: unknown): SpanError {
  const code = isGatechartError(error) ? error.code : 'PLUGIN_FAILED';
  return { code, message: excerpt(messageOf(error), longestMessage) };
}

function sizeOf({ steps, background }: Pick<ChosenSteps, 'steps' | 'background'>): number {
  return steps.length + background.length;
}
