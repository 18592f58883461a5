import {
  type ClientCapabilities,
  ErrorCode,
  type Implementation,
  InitializeRequestSchema,
  type JSONRPCRequest,
  type JSONRPCResponse,
  LATEST_PROTOCOL_VERSION,
  type LoggingLevel,
  LoggingLevelSchema,
  type Notification,
  type Result,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { describeValue } from '../../json/described-value.js';
import type { CancelSignal } from '../../time/cancellation.js';
import type { McpClient, McpIdentity, McpRequest, McpService, McpWork } from './mcp-service.js';
import { OpenQuestions, type Say } from './open-questions.js';
import { refusedQuestion } from './question-capabilities.js';
import { errorAnswer, RpcError } from './rpc-error.js';

export interface SessionClientDependencies {
  readonly service: McpService;
  readonly identity?: McpIdentity | undefined;
  /** Says something outside of every request. */
  readonly say: Say;
}

let clientCount = 0;

/**
 * The client of one session, as the service knows it. It is `open` with its `initialized`, or with its first request after
 * `initialize` where it does not say so: before a service runs anything for it, and not before it may be asked anything.
 */
export class SessionClient implements McpClient {
  readonly id = `client-${++clientCount}`;
  readonly identity: McpIdentity | undefined;
  info: Implementation | undefined;
  capabilities: ClientCapabilities = {};
  logLevel: LoggingLevel | undefined;
  /** What was agreed on; undefined before the handshake. */
  protocolVersion: string | undefined;
  readonly #dependencies: SessionClientDependencies;
  readonly #questions = new OpenQuestions();
  #phase: 'unopened' | 'open' | 'closed' = 'unopened';

  constructor(dependencies: SessionClientDependencies) {
    this.identity = dependencies.identity;
    this.#dependencies = dependencies;
  }

  /** What a request takes: work, an answer that is at hand, or neither where the SDK's server answers. Never throws. */
  take(message: JSONRPCRequest): McpWork | JSONRPCResponse | undefined {
    const { id, method } = message;
    const { service } = this.#dependencies;
    try {
      if (method === 'ping') return undefined;
      if (method === 'initialize') return this.#shakeHands(message);
      this.#open();
      if (method !== 'logging/setLevel' || service.capabilities.logging === undefined) return service.workOf(message);
      this.#setLevel(message);
      return { jsonrpc: '2.0', id, result: {} };
    } catch (error) {
      return errorAnswer(id, error);
    }
  }

  /** Hears what the client says unasked; cancellation is the session's concern. */
  hear(notification: Notification): void {
    if (this.protocolVersion === undefined) return;
    this.#open();
    if (notification.method === 'notifications/initialized' || this.#phase === 'closed') return;
    this.#dependencies.service.clients?.said?.(this, notification);
  }

  /** Takes an answer of the client; false if it was not asked. */
  settle(answer: Readonly<Record<string, unknown>>): boolean {
    return this.#questions.settle(answer);
  }

  notify({ method, params }: Notification): boolean {
    if (this.#phase === 'closed') return false;
    return this.#dependencies.say({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) });
  }

  ask(question: McpRequest, signal?: CancelSignal): Promise<Result> {
    return this.askOver(this.#dependencies.say, question, signal === undefined ? [] : [signal]);
  }

  /** The same where somebody else says it. */
  askOver(say: Say, question: McpRequest, signals: readonly CancelSignal[]): Promise<Result> {
    const refused = refusedQuestion(question, this.capabilities);
    return refused === undefined ? this.#questions.ask(question, say, signals) : Promise.reject(refused);
  }

  /** It cannot answer any more, because the server takes nothing new. */
  drain(): void {
    this.#questions.close(new RpcError(ErrorCode.ConnectionClosed, 'The server is shutting down'));
  }

  /** It is gone. Of no effect where it was so before. */
  close(): void {
    const wasOpen = this.#phase === 'open';
    this.#phase = 'closed';
    this.#questions.close(new RpcError(ErrorCode.ConnectionClosed, 'The client is gone'));
    if (wasOpen) this.#dependencies.service.clients?.closed(this);
  }

  #open(): void {
    if (this.#phase !== 'unopened') return;
    this.#phase = 'open';
    this.#dependencies.service.clients?.opened(this);
  }

  /** The SDK's server answers; it refuses what cannot be read here, and agrees on a version in the same way. */
  #shakeHands(message: JSONRPCRequest): undefined {
    const { success, data } = InitializeRequestSchema.safeParse(message);
    if (!success) return undefined;
    const { clientInfo, capabilities, protocolVersion } = data.params;
    this.info = clientInfo;
    this.capabilities = capabilities;
    this.protocolVersion = SUPPORTED_PROTOCOL_VERSIONS.includes(protocolVersion)
      ? protocolVersion
      : LATEST_PROTOCOL_VERSION;
    return undefined;
  }

  #setLevel({ params }: JSONRPCRequest): void {
    const level = LoggingLevelSchema.safeParse(params?.['level']);
    if (!level.success) {
      const expected = LoggingLevelSchema.options.join(', ');
      const message = `logging/setLevel: level: found ${describeValue(params?.['level'])}, expected one of ${expected}`;
      throw new RpcError(ErrorCode.InvalidParams, message);
    }
    this.logLevel = level.data;
    this.#dependencies.service.clients?.levelSet?.(this);
  }
}
