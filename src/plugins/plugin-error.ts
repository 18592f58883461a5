import { type ErrorCode, GatechartError } from '../errors.js';
import type { DenialOutcome, ExecutionReport } from '../hooks/denial-outcome.js';
import { type ExecutionRecord, noExecutions } from '../hooks/execution-record.js';
import type { Violation } from '../hooks/hook-result.js';
import { statedViolation } from '../hooks/stated-violation.js';

/** JSON-RPC's "internal error": what a failing plugin stands for on the wire. */
export const internalErrorCode = -32603;

/** A failure in the words of the plugin that failed. */
export interface PluginFailure {
  readonly message: string;
  readonly pluginName: string;
  /** Code of the plugin's own choosing; often empty. */
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly mcpErrorCode: number;
}

/**
 * Thrown when a plugin fails or misses its deadline. Its message begins with `Plugin` and the plugin's name; `failure` is
 * what crosses the wire, in the plugin's own words.
 */
export class PluginError extends GatechartError {
  readonly failure: PluginFailure;
  readonly #mayBeStop: boolean;
  // Private, so that logs of an error do not show all of a chain.
  readonly #report: ExecutionReport | undefined;

  constructor(
    failure: Pick<PluginFailure, 'message' | 'pluginName'> & Partial<PluginFailure>,
    options: { code?: ErrorCode; cause?: unknown; mayBeStop?: boolean; report?: ExecutionReport | undefined } = {},
  ) {
    super(options.code ?? 'PLUGIN_FAILED', messageOf(failure), {
      cause: options.cause,
      details: { plugin: failure.pluginName },
    });
    this.failure = {
      message: failure.message,
      pluginName: failure.pluginName,
      code: failure.code ?? '',
      details: failure.details ?? {},
      mcpErrorCode: failure.mcpErrorCode ?? internalErrorCode,
    };
    this.#mayBeStop = options.mayBeStop ?? false;
    this.#report = options.report;
  }

  /** What the plugins of the chain did that this error ended; empty for an error outside of chains. Not enumerable. */
  get executions(): readonly ExecutionRecord[] {
    return this.#report?.executions ?? noExecutions;
  }

  /** The plugins on the hook that had no part in that chain. Not enumerable. */
  get passedOver(): readonly ExecutionRecord[] {
    return this.#report?.passedOver ?? noExecutions;
  }

  /**
   * True for an answer that cannot be read and may have said stop: where its plugin may block, no mode lets it pass.
   *
   * @internal
   */
  get mayBeStop(): boolean {
    return this.#mayBeStop;
  }
}

/**
 * Thrown to a caller who asked for violations as exceptions when a plugin blocks, and by plugins: a plugin that throws it
 * denies the request in every mode, and the caller gets it, whatever was asked for.
 */
export class PluginViolationError extends GatechartError {
  /** Why. Where nobody said, one with the code `NO_REASON_GIVEN`. */
  readonly violation: Violation;
  readonly #report: ExecutionReport | undefined;

  /** @param violation null or nothing still denies */
  constructor(
    hook: string,
    pluginName: string,
    violation?: Violation | null,
    options: { cause?: unknown; report?: ExecutionReport | undefined } = {},
  ) {
    super(
      'PLUGIN_VIOLATION',
      violation === undefined || violation === null
        ? `${hook} blocked by plugin ${pluginName}`
        : `${hook} blocked by plugin ${pluginName}: ${violation.code} - ${violation.reason} (${violation.description})`,
      { cause: options.cause, details: { plugin: pluginName, hook } },
    );
    this.violation = violation ?? statedViolation(pluginName);
    this.#report = options.report;
  }

  /** What the plugins of the chain did that was blocked; empty for an error outside of chains. Not enumerable. */
  get executions(): readonly ExecutionRecord[] {
    return this.#report?.executions ?? noExecutions;
  }

  /** The plugins on the hook that had no part in that chain. Not enumerable. */
  get passedOver(): readonly ExecutionRecord[] {
    return this.#report?.passedOver ?? noExecutions;
  }

  /** The denial as it may be counted and shown; undefined for an error outside of chains. Not enumerable. */
  get denialOutcome(): DenialOutcome | undefined {
    return this.#report?.denialOutcome;
  }
}

function messageOf({ message, pluginName }: Pick<PluginFailure, 'message' | 'pluginName'>): string {
  const name = `Plugin ${pluginName}`;
  // As connections name it, with its target: `Guard (http://127.0.0.1:8000/mcp) cannot be reached.`
  if (message.startsWith(pluginName) && /^(?:: | \()/.test(message.slice(pluginName.length)))
    return `Plugin ${message}`;
  // The name of another plugin may begin with this one's.
  const isFirst = message.startsWith(name) && /^[\s:,]/.test(message.slice(name.length));
  // Further on, as plugin servers name it: `Unable to find tool_pre_invoke for plugin Guard.`
  const [, ...rest] = message.split(` for plugin ${pluginName}`);
  const isNamed = isFirst || rest.some((after) => /^[\s:,]|^\.(?:\s|$)/.test(after));
  return isNamed ? message : `${name}: ${message}`;
}
