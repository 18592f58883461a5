import type { Extensions } from '../extensions/extensions.js';
import type { DenialMetadata, PluginResult, Violation } from '../hooks/hook-result.js';

/**
 * A result as the codec of its hook read it: it has the shape it should, and its payload that of the hook. Its fields
 * cannot be replaced, and nothing else passes for one: whoever is handed one need not check it again.
 */
export class DecodedResult implements PluginResult {
  readonly continueProcessing: boolean;
  readonly modifiedPayload: unknown;
  readonly modifiedExtensions: Extensions | undefined;
  readonly violation: Violation | undefined;
  readonly metadata: Record<string, unknown> | undefined;
  readonly denialMetadata: DenialMetadata | undefined;
  readonly httpHeaders: Record<string, string> | undefined;
  readonly retryDelayMs: number | undefined;
  // Not a WeakSet of results: entering one costs more than the check that it would save.
  // oxlint-disable-next-line no-unused-private-class-members -- looked for with `in`
  readonly #isDecoded = true;

  constructor(result: PluginResult & { readonly continueProcessing: boolean }) {
    this.continueProcessing = result.continueProcessing;
    this.modifiedPayload = result.modifiedPayload;
    this.modifiedExtensions = result.modifiedExtensions;
    this.violation = result.violation;
    this.metadata = result.metadata;
    this.denialMetadata = result.denialMetadata;
    this.httpHeaders = result.httpHeaders;
    this.retryDelayMs = result.retryDelayMs;
    Object.freeze(this);
  }

  static is(value: unknown): value is DecodedResult {
    return typeof value === 'object' && value !== null && #isDecoded in value;
  }
}
