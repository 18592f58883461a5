import { messageOf } from '../errors.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { Logger } from '../observability/logger.js';
import type { ObservabilityProvider, Span, SpanAttributes } from '../observability/spans.js';
import type { ChainStep, ChosenSteps, HookChain } from './hook-chain.js';

/** Which steps of which chain are to run. */
interface Chosen extends ChosenSteps {
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

  startSpan(name: string, attributes: SpanAttributes, parent?: Span): Span | undefined {
    return this.#guard(() => this.#provider.startSpan(name, attributes, parent));
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

/** The span of one invocation of a hook, and in it those of its plugins. */
export class InvocationSpans {
  readonly #spans: HookSpans;
  readonly #chosen: Chosen;
  #hook: Span | undefined;

  constructor(spans: HookSpans, chosen: Chosen) {
    this.#spans = spans;
    this.#chosen = chosen;
  }

  start(): void {
    const { hook, steps, background } = this.#chosen.chain;
    this.#hook = this.#spans.startSpan(`hook.invoke.${hook.name}`, {
      'hook.type': hook.name,
      'hook.chain_length': steps.length + background.length,
    });
  }

  startStep({ plugin, timeoutMs }: ChainStep): Span | undefined {
    const attributes = {
      'plugin.name': plugin.name,
      'plugin.uuid': plugin.id,
      'plugin.mode': plugin.config.mode,
      'plugin.priority': plugin.config.priority,
      'plugin.timeout': timeoutMs / 1000,
    };
    return this.#spans.startSpan(`plugin.execute.${plugin.name}`, attributes, this.#hook);
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

  /** @param executed how many plugins ran */
  end(status: 'ok' | 'error', executed: number, stoppedBy?: string): void {
    const { chain } = this.#chosen;
    this.#spans.end(this.#hook, status, {
      'hook.executed': executed,
      'hook.skipped': skippedBefore(chain, this.#chosen, executed, stoppedBy),
      'hook.stopped_by': stoppedBy,
    });
    this.#hook = undefined;
  }
}

/** How many of a hook's plugins were passed over before the last one that ran. */
function skippedBefore(all: ChosenSteps, chosen: ChosenSteps, executed: number, stoppedBy: string | undefined): number {
  if (stoppedBy === undefined && executed >= chosen.steps.length)
    return all.steps.length + all.background.length - chosen.steps.length - chosen.background.length;
  const last = chosen.steps[executed - 1];
  return last === undefined ? 0 : all.steps.indexOf(last) + 1 - executed;
}
