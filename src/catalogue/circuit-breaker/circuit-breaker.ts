import type { ToolPostInvokePayload, ToolPreInvokePayload } from '../../hooks/built-in-hooks.js';
import type { PluginResult, Violation } from '../../hooks/hook-result.js';
import { isRecord } from '../../json/records.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { definitionOfClass, Plugin } from '../../plugins/plugin-class.js';
import type { PluginContext } from '../../plugins/plugin-context.js';
import { isTruthy, roundedHalfEven } from '../values/python-values.js';
import type { Circuit, Passage } from './circuit.js';
import { type CircuitBreakerConfig, circuitBreakerConfig } from './circuit-breaker-settings.js';
import { CircuitTable, mostTools } from './circuit-table.js';

/** When a call began, in milliseconds on the clock, noted until its answer comes. */
const beganAtNote = 'cb_call_time';
/** ContextForge's note on a call that was not answered in time. */
const timeoutNote = 'cb_timeout_failure';

/** Refuses the calls of a tool for a while that fails too often. */
class CircuitBreaker extends Plugin<CircuitBreakerConfig> {
  static override config = circuitBreakerConfig;
  readonly #circuits: CircuitTable;
  readonly #wallClock: () => number;

  constructor(setup: PluginSetup<CircuitBreakerConfig>) {
    super(setup);
    this.#circuits = new CircuitTable(setup);
    this.#wallClock = Date.now;
  }

  tool_pre_invoke({ name }: ToolPreInvokePayload, { globalContext, state }: PluginContext): PluginResult<never> {
    const circuit = this.#circuits.find({ name, serverId: globalContext.serverId });
    if (circuit === undefined && !this.#circuits.hasRoom) return blocked(full(name));
    const passage: Passage = circuit?.pass(globalContext.requestId) ?? { passes: true };
    if (!passage.passes)
      return blocked(passage.waitMs === undefined ? probing(name) : this.#open(name, passage.waitMs));
    state[beganAtNote] = this.setup.clock.now();
    return {};
  }

  tool_post_invoke(
    { name, result }: ToolPostInvokePayload,
    { globalContext, state }: PluginContext,
  ): PluginResult<never> {
    const circuit = this.#circuits.obtain({ name, serverId: globalContext.serverId });
    // The next call of it is refused, unless there is room by then.
    if (circuit === undefined) return {};
    const { [beganAtNote]: beganAt, [timeoutNote]: timedOut } = state;
    circuit.answered(
      globalContext.requestId,
      typeof beganAt === 'number' ? beganAt : this.setup.clock.now(),
      isError(result) || isTruthy(timedOut),
    );
    return { metadata: this.#figures(circuit) };
  }

  #open(tool: string, waitMs: number): Violation {
    const until = (this.#wallClock() + waitMs) / 1000;
    return {
      reason: 'Circuit open',
      description: `Breaker open for tool '${tool}' until ${Math.trunc(until)}`,
      code: 'CIRCUIT_OPEN',
      details: { open_until: until, retry_after_seconds: roundedHalfEven(waitMs / 1000, 1) },
    };
  }

  #figures({ answers, isProbing, openUntil }: Circuit): Record<string, unknown> {
    const now = this.setup.clock.now();
    const waitMs = Math.max((openUntil ?? now) - now, 0);
    return {
      circuit_calls_in_window: answers.calls,
      circuit_failures_in_window: answers.failures,
      circuit_failure_rate: roundedHalfEven(answers.failureRate, 3),
      circuit_consecutive_failures: answers.consecutiveFailures,
      circuit_open_until: openUntil === undefined ? 0 : (this.#wallClock() + openUntil - now) / 1000,
      circuit_half_open: isProbing,
      circuit_retry_after_seconds: roundedHalfEven(waitMs / 1000, 1),
    };
  }
}

export const circuitBreaker = definitionOfClass(CircuitBreaker);

function blocked(violation: Violation): PluginResult<never> {
  return { continueProcessing: false, violation };
}

function probing(tool: string): Violation {
  return {
    reason: 'Circuit half-open',
    description: `Probe request in progress for tool '${tool}'`,
    code: 'CIRCUIT_HALF_OPEN_PROBE_IN_FLIGHT',
    details: { retry_after_seconds: 1 },
  };
}

function full(tool: string): Violation {
  return {
    reason: 'Circuit breaker full',
    description: `The circuits of ${mostTools} tools are open, so that none can be kept for tool '${tool}'`,
    code: 'CIRCUIT_BREAKER_FULL',
  };
}

/** Whether a result of a tool says that it failed, in either spelling. */
function isError(result: unknown): boolean {
  if (!isRecord(result)) return false;
  if (Object.hasOwn(result, 'is_error')) return isTruthy(result['is_error']);
  return isTruthy(result['isError']);
}
