import { messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { ObservabilityProvider, Span, SpanAttributes } from '../observability/spans.js';
import type { ChainStep, HookChain } from './hook-chain.js';

/** Spans of hooks and plugins at a provider that may fail: what it throws is logged and goes no further. */
export class HookSpans {
  readonly #provider: ObservabilityProvider;
  readonly #logger: Logger;

  constructor(provider: ObservabilityProvider, logger: Logger) {
    this.#provider = provider;
    this.#logger = logger;
  }

  startHook(request: { readonly chain: HookChain }): Span | undefined {
    const { hook, steps } = request.chain;
    return this.#guard(() =>
      this.#provider.startSpan(`hook.invoke.${hook.name}`, {
        'hook.type': hook.name,
        'hook.chain_length': steps.length,
      }),
    );
  }

  startPlugin({ plugin, timeoutMs }: ChainStep, parent: Span | undefined): Span | undefined {
    const attributes = {
      'plugin.name': plugin.name,
      'plugin.uuid': plugin.id,
      'plugin.mode': plugin.config.mode,
      'plugin.priority': plugin.config.priority,
      'plugin.timeout': timeoutMs / 1000,
    };
    return this.#guard(() => this.#provider.startSpan(`plugin.execute.${plugin.name}`, attributes, parent));
  }

  end(span: Span, status: 'ok' | 'error', attributes?: SpanAttributes): void {
    this.#guard(() => span.end(status, attributes));
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

/** How many of a hook's plugins were passed over before the last one that ran. */
export function skippedBefore(
  all: readonly ChainStep[],
  chosen: readonly ChainStep[],
  executed: number,
  stoppedBy: string | undefined,
): number {
  if (stoppedBy === undefined && executed >= chosen.length) return all.length - chosen.length;
  const last = chosen[executed - 1];
  return last === undefined ? 0 : all.indexOf(last) + 1 - executed;
}
