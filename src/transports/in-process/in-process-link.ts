import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { deferred } from '../../time/deferred.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import { ChannelOwners } from '../mcp/channel-owners.js';
import { isSdkMessage, type WireMessage } from '../mcp/json-rpc.js';
import { type HandshakeChannel, type NewMcpLink, shakeHands } from '../mcp/mcp-handshake.js';
import type {
  McpClientIdentity,
  McpLink,
  McpNotification,
  McpPeer,
  McpRequest,
  McpResponse,
  QuestionAnswerer,
} from '../mcp/mcp-messages.js';
import { sentParams } from '../mcp/progress-token.js';
import { ServerMessages } from '../mcp/server-messages.js';
import { cancelReason, type OpenRequest, UnansweredRequests } from '../mcp/unanswered-requests.js';
import { type LinkClosed, LinkError, type RequestOptions } from '../transport.js';

export interface InProcessLinkOptions extends McpClientIdentity {
  readonly name: string;
  readonly logger: Logger;
}

/** A link to a server in this process, over a transport of the SDK's: messages pass as objects. */
export class InProcessLink implements McpLink, NewMcpLink, HandshakeChannel {
  readonly era = 'legacy';
  peer: McpPeer = { protocolVersion: '', capabilities: {}, info: undefined, instructions: undefined };
  protocolVersion: string | undefined;
  readonly closed: Promise<LinkClosed>;
  readonly onNotification: McpLink['onNotification'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #transport: SdkTransport;
  readonly #options: InProcessLinkOptions;
  readonly #pending = new UnansweredRequests({
    gaveUp: (request, reason) => this.#tellCancelled(request, reason),
    ended: (id) => this.#messages.requestEnded(id),
  });
  readonly #messages: ServerMessages;
  readonly #owners = new ChannelOwners(this.#pending);
  readonly #closed = deferred<LinkClosed>();
  #ended: Promise<void> | undefined;

  constructor(transport: SdkTransport, options: InProcessLinkOptions) {
    const { name, logger } = options;
    this.#transport = transport;
    this.#options = options;
    this.closed = this.#closed.promise;
    const send = (message: object): void => this.#say(message as JSONRPCMessage);
    this.#messages = new ServerMessages({ name, logger, pending: this.#pending, maxMessageBytes, send });
    this.onNotification = this.#messages.onNotification;
  }

  async shakeHands(): Promise<void> {
    const { name, logger } = this.#options;
    this.peer = await shakeHands({ channel: this, logger, name, identity: this.#options });
  }

  request(message: McpRequest, options: RequestOptions): Promise<McpResponse> {
    const { signal, on } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#ended !== undefined) return Promise.reject(new LinkError('notSent', this.#endedText()));
    if (on !== undefined) this.#messages.requestMade(on);
    return this.#pending.start(message, options, (id) => {
      const params = sentParams(message, id);
      const sent = { jsonrpc: '2.0' as const, id, method: message.method, ...(params !== undefined && { params }) };
      this.#transport.send(sent).catch((error: unknown) => {
        this.#pending.fail(id, new LinkError('refused', messageOf(error), { cause: error }));
      });
    });
  }

  answerWith(answerer: QuestionAnswerer): void {
    this.#messages.answerWith(answerer);
  }

  notify({ method, params }: McpNotification): void {
    this.#say({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params: { ...params } }) });
  }

  start(): Promise<void> {
    const transport = this.#transport;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's transports are no event targets
    transport.onmessage = (message) => this.#message(message);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- likewise
    transport.onclose = () => void this.#end(new GatechartError('LINK_LOST', this.#endedText()));
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- likewise
    transport.onerror = (error) => this.onerror?.(error);
    return transport.start();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return this.#transport.send(message);
  }

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
  }

  close(): Promise<void> {
    return this.#end(undefined);
  }

  #message(message: WireMessage): void {
    if (message.method !== undefined) {
      if (this.#messages.take(message, () => this.#owners.belonging())) return;
    } else {
      this.#owners.answeredLate(this.#pending.ownId(message.id));
      if (this.#pending.answer(message)) return;
    }
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  #tellCancelled(request: OpenRequest, reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#owners.gaveUp(request);
    this.notify({
      method: 'notifications/cancelled',
      params: { requestId: request.id, reason: cancelReason(reason) },
    });
  }

  #say(message: JSONRPCMessage): void {
    const { logger, name } = this.#options;
    this.#transport
      .send(message)
      .catch((error: unknown) => logger.debug({ connection: name, error: messageOf(error) }, 'telling MCP server'));
  }

  #end(error: GatechartError | undefined): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = this.#tearDown();
      this.#messages.end();
      const why = error?.message ?? this.#endedText();
      this.#pending.failAll(() => new LinkError('cutOff', why, { cause: error }));
      this.#closed.resolve(error === undefined ? {} : { error });
      this.onclose?.();
    }
    return this.#ended;
  }

  async #tearDown(): Promise<void> {
    // Some transports tell of their end while they are told to end, and have to find that we know of it.
    await Promise.resolve();
    try {
      await this.#transport.close();
    } catch (error) {
      this.#options.logger.debug({ error: messageOf(error) }, 'closing a transport in this process');
    }
  }

  #endedText(): string {
    return `${this.#options.name}: the transport in this process is closed`;
  }
}
