import { messageOf } from '../errors.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { Logger } from '../observability/logger.js';
import type { ObservabilityProvider, Span, SpanAttributes, SpanResource } from '../observability/spans.js';
import type { ChainStep, ChosenSteps, HookChain } from './hook-chain.js';

/** Which steps of which chain are to run. */
interface Chosen extends Pick<ChosenSteps, 'steps' | 'background'> {
  readonly chain: HookChain;
}

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

  end(span: Span | undefined, status: 'ok' | 'error', attributes: SpanAttributes): void {
    this.#guard(() => span?.end(status, attributes));
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

  startStep({ plugin, timeoutMs }: ChainStep): Span | undefined {
    const attributes = {
      'plugin.name': plugin.name,
      'plugin.uuid': plugin.id,
      'plugin.mode': plugin.rights.mode,
      'plugin.priority': plugin.config.priority,
      'plugin.timeout': timeoutMs / 1000,
    };
    const resource = { type: 'plugin', name: plugin.name } as const;
    return this.#spans.startSpan(`plugin.execute.${plugin.name}`, attributes, this.#hook, resource);
  }

  endStep(
    span: Span | undefined,
    status: 'ok' | 'error',
    result: Pick<PluginResult, 'violation' | 'modifiedPayload'> | undefined,
  ): void {
    this.#spans.end(span, status, {
      'plugin.had_violation': result?.violation !== undefined,
      'plugin.modified_payload': result?.modifiedPayload !== undefined,
    });
  }

  /** @param executed how many plugins ran until the chain was decided */
  end(status: 'ok' | 'error', executed: number, stoppedBy?: string): void {
    const { chain } = this.#chosen;
    this.#spans.end(this.#open, status, {
      'plugin.executed_count': executed,
      'plugin.skipped_count': sizeOf(chain) - sizeOf(this.#chosen),
      'plugin.chain.stopped': stoppedBy !== undefined,
      'plugin.chain.stopped_by': stoppedBy ?? '',
    });
    this.#open = undefined;
  }
}

function sizeOf({ steps, background }: Pick<ChosenSteps, 'steps' | 'background'>): number {
  return steps.length + background.length;
}
