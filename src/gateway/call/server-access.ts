import type { GlobalContext } from '../../context/global-context.js';
import type { DownstreamCaller, ServerSet } from '../../downstream/server-set-api.js';
import type { Extensions } from '../../extensions/extensions.js';
import { isRecord } from '../../json/records.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { McpCall, McpClient } from '../../serving/mcp/mcp-service.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { type CallListener } from '../../transports/transport.js';
import { answerOf, listenerOf } from '../faces/call-listener.js';
import { limitResponse } from '../limits/response-limit.js';
import type { OfferViewer, ToolOffers } from '../offer/tool-offers.js';
import type { TraceIds } from '../telemetry/trace-context.js';
import { CallFailure } from './call-failure.js';
import type { Admission } from './call-refusals.js';
import { type GatewayCaller, type GatewayRequest, subjectOf } from './gateway-request.js';

export interface ServerAccessDependencies {
  readonly servers: ServerSet;
  readonly offers: ToolOffers;
  readonly plugins: PluginManager | undefined;
  /** The trace that a call is in. */
  readonly traceOf: (call: McpCall, request: GatewayRequest) => TraceIds | undefined;
}

/** How a request goes out to a server. */
export interface Asking {
  /** Those that plugins want on it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: CancelSignal;
}

/** Milliseconds for a call to a server that has no entry: it will fail sooner. */
const defaultTimeoutMs = 300_000;

type Result = Readonly<Record<string, unknown>>;

/** What a call needs of the servers, in the words of the gateway. */
export class ServerAccess {
  readonly #dependencies: ServerAccessDependencies;

  constructor(dependencies: ServerAccessDependencies) {
    this.#dependencies = dependencies;
  }

  timeoutOf(server: string): number {
    return this.#dependencies.servers.entry(server)?.timeoutMs ?? defaultTimeoutMs;
  }

  /** For lists: whoever looks, and nothing of the one call that made them look. */
  viewerOf({ caller }: McpCall, agent: string | undefined): OfferViewer {
    return { agent, user: caller.identity?.user, options: { caller: downstreamCaller(caller, agent, caller.headers) } };
  }

  /** Whether an agent may make a request, and is offered what it asks for. */
  admit({ agent, call }: GatewayCaller, request: GatewayRequest): Admission | Promise<Admission> {
    const { offers, servers } = this.#dependencies;
    const { server, method } = request;
    const onServer = offers.admitServer(agent, server);
    if (!onServer.allowed) return onServer;
    if (servers.entry(server) === undefined && !servers.names().includes(server)) {
      const reason = `Server '${server}' not found in configured servers`;
      return { allowed: false, rule: undefined, reason, code: 'SERVER_NOT_FOUND' };
    }
    return method === 'tools/call'
      ? offers.admitTool(this.viewerOf(call, agent), server, subjectOf(request))
      : onServer;
  }

  /** @throws CallFailure PLUGIN_FAILED for headers that the server is not to get; what `ServerSet.request` throws */
  ask({ agent, call }: GatewayCaller, { server, method, params }: GatewayRequest, asking: Asking): Promise<Result> {
    const { servers } = this.#dependencies;
    const { timeoutMs, signal } = asking;
    const headers = this.#headersFor(server, call.caller.headers, asking.headers);
    const options = { caller: downstreamCaller(call.caller, agent, headers), timeoutMs, signal, on: listenerOf(call) };
    if (method !== 'tools/call') return servers.request(server, { method, params }, options);
    const { name, arguments: args, _meta: meta } = params;
    return servers.callTool(
      server,
      {
        name: String(name),
        ...(isRecord(args) && { arguments: args }),
        ...(isRecord(meta) && { _meta: meta }),
      },
      options,
    );
  }

  /** Keeps an answer within what the entry of its server says. */
  limit({ server, method }: GatewayRequest, result: Result): Result {
    const most = this.#dependencies.servers.entry(server)?.maxResponseBytes;
    return most === undefined ? result : limitResponse(method, result, most).result;
  }

  contextOf({ call }: GatewayCaller, { server }: GatewayRequest, requestId: string): GlobalContext {
    const user = call.caller.identity?.user;
    return user === undefined ? { requestId, serverId: server } : { requestId, serverId: server, user };
  }

  extensionsOf({ agent, call }: GatewayCaller, request: GatewayRequest, requestId: string): Extensions | undefined {
    const { plugins } = this.#dependencies;
    // Nobody is there who may read any.
    if (plugins?.configs.every(({ capabilities }) => capabilities.length === 0) !== false) return undefined;
    const { server, method, params } = request;
    const { headers } = call.caller;
    const { traceId, spanId } = this.#dependencies.traceOf(call, request) ?? {};
    return {
      request: { requestId, ...(traceId !== undefined && { traceId }), ...(spanId !== undefined && { spanId }) },
      ...(agent !== undefined && { agent: { agentId: agent } }),
      ...(Object.keys(headers).length > 0 && { http: { headers } }),
      mcp: this.#mcpExtension(server, method, subjectOf({ method, params })),
    };
  }

  #mcpExtension(server: string, method: GatewayRequest['method'], subject: string): Extensions['mcp'] {
    if (method === 'prompts/get') return { prompt: { name: subject, serverId: server } };
    if (method === 'resources/read') return { resource: { uri: subject, serverId: server } };
    return { tool: { name: subject, serverId: server } };
  }

  #headersFor(
    server: string,
    own: Readonly<Record<string, string>>,
    wanted: Readonly<Record<string, string>>,
  ): Readonly<Record<string, string>> {
    const names = Object.keys(wanted);
    if (names.length === 0) return own;
    const forwarded = this.#dependencies.servers.entry(server)?.forwardHeaders ?? [];
    const refused = names.find((name) => !forwarded.includes(name.toLowerCase()));
    if (refused === undefined) return { ...own, ...lowerCased(wanted) };
    const text = `A plugin asks for the header ${refused} on a call of server ${server}, whose entry does not name it in forwardHeaders.`;
    throw new CallFailure('PLUGIN_FAILED', text);
  }
}

/** Whoever a call is made for, as servers are told apart by it. */
function downstreamCaller(
  { client, capabilities }: McpCall['caller'],
  agent: string | undefined,
  headers: Readonly<Record<string, string>>,
): DownstreamCaller {
  return { client, capabilities, headers, ask: askOf(client), ...(agent !== undefined && { agent }) };
}

const asks = new WeakMap<McpClient, CallListener['ask']>();

function askOf(client: McpClient): CallListener['ask'] {
  const known = asks.get(client);
  if (known !== undefined) return known;
  const ask: CallListener['ask'] = (question, signal) => answerOf((asked) => client.ask(asked, signal), question);
  asks.set(client, ask);
  return ask;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
