import type { Result } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../errors.js';
import { isRecord } from '../../json/records.js';
import type { Logger } from '../../observability/logger.js';
import type { McpMeter, McpOperation, McpOutcome, McpSpan, McpTelemetry } from '../../observability/mcp-telemetry.js';
import type { McpCall, McpRequest, McpWork } from '../../serving/mcp/mcp-service.js';
import { type GatewayCaller, type GatewayRequest, subjectOf } from '../call/gateway-request.js';
import { outcomeOfError } from './operation-outcome.js';
import { type TraceIds, traceOf } from './trace-context.js';
import { withoutQuery } from '../../observability/without-query.js';

export interface OperationsDependencies {
  readonly meters: readonly McpMeter[];
  readonly tracing: McpTelemetry | undefined;
  readonly transportOf: (server: string) => McpOperation['transport'];
  readonly now: () => number;
  readonly logger: Logger;
}

const noMeta: Readonly<Record<string, string>> = Object.freeze({});

/** Traces and measures what goes through a gateway, on both of its sides. Only there where somebody wants it. */
export class Operations {
  readonly #dependencies: OperationsDependencies;
  /** The spans of requests that are worked on. */
  readonly #spans = new WeakMap<McpCall, McpSpan>();

  constructor(dependencies: OperationsDependencies) {
    this.#dependencies = dependencies;
  }

  /** The same work, as the operation of a server. */
  served({ method, params }: McpRequest, work: McpWork): McpWork {
    const subject = params?.['name'] ?? params?.['uri'];
    const operation: McpOperation = {
      side: 'server',
      method,
      server: undefined,
      subject: typeof subject === 'string' ? withoutQuery(subject) : undefined,
      transport: undefined,
    };
    return (call) => {
      const span = this.#start(operation, params?.['_meta'], undefined);
      if (span !== undefined) this.#spans.set(call, span);
      return this.#watch(operation, span, () => work(call), outcomeOfError, call);
    };
  }

  /** Sends a request to a server, as the operation of a client; the server is told of the trace that it is in. */
  asked(
    { call }: GatewayCaller,
    request: GatewayRequest,
    ask: (request: GatewayRequest) => Promise<Readonly<Record<string, unknown>>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { method, params, server } = request;
    const operation: McpOperation = {
      side: 'client',
      method,
      server,
      subject: withoutQuery(subjectOf(request)),
      transport: this.#dependencies.transportOf(server),
    };
    const { _meta: meta } = params;
    const span = this.#start(operation, meta, this.#spans.get(call));
    const { meta: added = noMeta } = span ?? {};
    const sent =
      Object.keys(added).length === 0
        ? request
        : { ...request, params: { ...params, _meta: { ...(isRecord(meta) && meta), ...added } } };
    return this.#watch(
      operation,
      span,
      () => ask(sent),
      (error) => outcomeOfError(error, request),
      call,
    );
  }

  /** The trace that a call is in: ours, or the one that the agent names. */
  traceOf(call: McpCall, { params }: GatewayRequest): TraceIds | undefined {
    return this.#spans.get(call) ?? traceOf(params['_meta']);
  }

  sessionEnded(side: McpOperation['side'], ms: number): void {
    for (const meter of this.#dependencies.meters) this.#guard(() => meter.sessionEnded(side, ms / 1_000));
  }

  #start(operation: McpOperation, meta: unknown, parent: McpSpan | undefined): McpSpan | undefined {
    const { tracing } = this.#dependencies;
    return this.#guard(() => tracing?.startOperation(operation, isRecord(meta) ? meta : undefined, parent));
  }

  async #watch<Answer extends Result>(
    operation: McpOperation,
    span: McpSpan | undefined,
    work: () => Promise<Answer>,
    outcomeOf: (error: unknown) => McpOutcome,
    call: McpCall,
  ): Promise<Answer> {
    const startedAt = this.#dependencies.now();
    let outcome: McpOutcome = { errorType: undefined, rpcCode: undefined };
    try {
      const answer = await (span === undefined ? work() : span.run(work));
      if (answer['isError'] === true) outcome = { errorType: 'tool_error', rpcCode: undefined };
      return answer;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      const seconds = (this.#dependencies.now() - startedAt) / 1_000;
      this.#guard(() => span?.end(outcome));
      const tell = (): void => {
        for (const meter of this.#dependencies.meters) {
          this.#guard(() => meter.operationEnded(operation, outcome, seconds));
        }
      };
      // Looking up where the figures stand takes longer than handing over the answer.
      if (call.whenAnswered === undefined) tell();
      else call.whenAnswered(tell);
    }
  }

  #guard<Returned>(report: () => Returned): Returned | undefined {
    try {
      return report();
    } catch (error) {
      this.#dependencies.logger.debug({ err: error }, `telemetry failed: ${messageOf(error)}`);
      return undefined;
    }
  }
}
