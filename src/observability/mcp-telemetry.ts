import type { GatewayFigures } from './figures.js';

/** One request that the gateway answers (`server`), or sends to a server behind it (`client`). Never holds arguments. */
export interface McpOperation {
  readonly side: 'server' | 'client';
  readonly method: string;
  /** The name of the server behind the gateway; only on the side `client`. */
  readonly server: string | undefined;
  /** The tool, the prompt, or the resource without its query. */
  readonly subject: string | undefined;
  /** How the server is reached; only on the side `client`. */
  readonly transport: 'pipe' | 'tcp' | undefined;
}

/** How an operation ended. */
export interface McpOutcome {
  /** Undefined where it went well; `tool_error` for a result that says it is an error; else a code of ours. */
  readonly errorType: string | undefined;
  /** The code of a JSON-RPC error. */
  readonly rpcCode: number | undefined;
}

/** A running span of an operation. */
export interface McpSpan {
  /** Hexadecimal, as in W3C Trace Context. */
  readonly traceId: string;
  readonly spanId: string;
  /** `traceparent` and `tracestate`, for `_meta` of what is sent on. */
  readonly meta: Readonly<Record<string, string>>;
  /** Runs work so that spans that are started in it stand below this one. */
  run<Returned>(work: () => Returned): Returned;
  end(outcome: McpOutcome): void;
}

/** Measures what ended. What it throws goes no further. */
export interface McpMeter {
  operationEnded(operation: McpOperation, outcome: McpOutcome, seconds: number): void;
  /** A session of an agent with the gateway (`server`), or of the gateway with a server behind it (`client`). */
  sessionEnded(side: McpOperation['side'], seconds: number): void;
  /**
   * Something was refused.
   *
   * @param ruleKind who refused it: `rules`, `entry`, `plugin`, `http`, or `none`: the gateway itself
   * @param errorType a code of ours
   */
  denied?(ruleKind: string, errorType: string): void;
  /** A gateway is there, and can be asked. @returns what is called when it is gone */
  watchGateway?(figures: GatewayFigures): () => void;
}

/** Traces and measures what a gateway does. What it throws goes no further, and fails no call. */
export interface McpTelemetry extends McpMeter {
  /**
   * @param meta `_meta` of the request, with the trace that the sender is in
   * @param parent the operation that this one is a part of
   */
  startOperation(
    operation: McpOperation,
    meta: Readonly<Record<string, unknown>> | undefined,
    parent: McpSpan | undefined,
  ): McpSpan | undefined;
}
