import type { Result } from '@modelcontextprotocol/sdk/types.js';
import type { ListKind, ServerSet } from '../../../downstream/server-set-api.js';
import type { GuardedMethod } from '../../../guard/guarded-request.js';
import type { McpCall, McpRequest, McpWork } from '../../../serving/mcp/mcp-service.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';
import { failureOfServer } from '../../call/call-errors.js';
import { CallFailure } from '../../call/call-failure.js';
import { type Admission, deniedFailure } from '../../call/call-refusals.js';
import type { Decisions } from '../../call/decisions.js';
import type { GatewayCalls } from '../../call/gateway-calls.js';
import type { OfferViewer } from '../../offer/tool-offers.js';
import { listenerOf } from '../call-listener.js';
import type { Face } from '../face.js';
import { asRpcError } from '../failure-answer.js';
import { failureResult } from '../tool-result.js';
import type { ListWatch } from './list-watch.js';
import type { OfferRoutes, RoutedQuestion } from './offer-routes.js';
import { guardedParams, knownParams, type Params, recordIn, textIn } from './request-params.js';
import type { ResourceSubscriptions } from './resource-subscriptions.js';
import { listedBy, type TransparentLists } from './transparent-lists.js';

export interface TransparentDependencies {
  readonly servers: ServerSet;
  readonly routes: OfferRoutes;
  readonly lists: TransparentLists;
  readonly calls: GatewayCalls;
  readonly watch: ListWatch;
  readonly subscriptions: ResourceSubscriptions;
  readonly decisions: Decisions;
  /** Whether an agent may use a server, as the rules are now. */
  readonly admitServer: (agent: string | undefined, server: string) => Admission;
}

/** All that all servers offer, as if it were one server. */
export function transparentFace(dependencies: TransparentDependencies): Face {
  const { subscriptions, watch } = dependencies;
  const face = new TransparentFace(dependencies);
  return {
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
    },
    instructions: undefined,
    workOf: (request) => {
      const work = face.workOf(request);
      return work === undefined ? undefined : answering(work);
    },
    changed: () => {
      subscriptions.changed();
      watch.changed();
    },
    clientGone: (client) => {
      watch.clientGone(client);
      subscriptions.clientGone(client);
    },
    close: () => watch.close(),
  };
}

/** What fails is answered with an error of JSON-RPC. */
function answering(work: McpWork): McpWork {
  return async (call) => {
    try {
      return await work(call);
    } catch (error) {
      throw asRpcError(error);
    }
  };
}

class TransparentFace {
  readonly #dependencies: TransparentDependencies;

  constructor(dependencies: TransparentDependencies) {
    this.#dependencies = dependencies;
  }

  workOf({ method, params = {} }: McpRequest): McpWork | undefined {
    const kind = listedBy(method);
    if (kind !== undefined) return (call) => this.#list(call, method, kind, params);
    switch (method) {
      case 'tools/call':
        return (call) => this.#callTool(call, params);
      case 'prompts/get':
        return (call) => this.#getPrompt(call, params);
      case 'resources/read':
        return (call) => this.#readResource(call, params);
      case 'resources/subscribe':
        return (call) => this.#subscribe(call, params);
      case 'resources/unsubscribe':
        return async ({ caller }) => {
          await this.#dependencies.subscriptions.unsubscribe(caller.client, textIn(params, 'uri', method));
          return {};
        };
      case 'completion/complete':
        return (call) => this.#complete(call, params);
      default:
        return undefined;
    }
  }

  async #list(call: McpCall, operation: string, kind: ListKind, { cursor }: Params): Promise<Result> {
    const { decisions, lists, routes } = this.#dependencies;
    const viewer = routes.viewer({ call, operation });
    return decisions.answer(call, viewer.agent, { operation }, () => lists.list(call, viewer, kind, cursor));
  }

  async #callTool(call: McpCall, params: Params): Promise<Result> {
    const { routes } = this.#dependencies;
    const question = { call, operation: 'tools/call' };
    const name = textIn(params, 'name', question.operation);
    const given = guardedParams(params, 'tools/call');
    const viewer = routes.viewer(question, name);
    try {
      const { server, original } = await routes.tool(question, viewer, name);
      return await this.#run(call, viewer, 'tools/call', server, named(given, name, original));
    } catch (error) {
      // What a server says by an error of JSON-RPC stays one, and MCP has one for a tool that there is not.
      const isRpc =
        !(error instanceof CallFailure) || error.details.serverMessage !== undefined || error.code === 'TOOL_NOT_FOUND';
      if (isRpc) throw error;
      return failureResult(error);
    }
  }

  async #getPrompt(call: McpCall, params: Params): Promise<Result> {
    const { routes } = this.#dependencies;
    const question = { call, operation: 'prompts/get' };
    const name = textIn(params, 'name', question.operation);
    const given = guardedParams(params, 'prompts/get');
    const viewer = routes.viewer(question, name);
    const { server, original } = await routes.prompt(question, viewer, name);
    return this.#run(call, viewer, 'prompts/get', server, named(given, name, original));
  }

  async #readResource(call: McpCall, params: Params): Promise<Result> {
    const { routes } = this.#dependencies;
    const question = { call, operation: 'resources/read' };
    const uri = textIn(params, 'uri', question.operation);
    const given = guardedParams(params, 'resources/read');
    const viewer = routes.viewer(question, uri);
    return this.#run(call, viewer, 'resources/read', await routes.resource(question, viewer, uri), given);
  }

  async #subscribe(call: McpCall, params: Params): Promise<Result> {
    const { routes, subscriptions } = this.#dependencies;
    const question = { call, operation: 'resources/subscribe' };
    const uri = textIn(knownParams(params, ['uri', '_meta'], question.operation), 'uri', question.operation);
    const viewer = routes.viewer(question, uri);
    const server = await routes.resource(question, viewer, uri);
    return this.#unhooked(question, viewer, { server, subject: uri }, async () => {
      await subscriptions.subscribe(call.caller.client, viewer, server, uri, call.signal);
      return {};
    });
  }

  async #complete(call: McpCall, params: Params): Promise<Result> {
    const { routes, servers } = this.#dependencies;
    const question = { call, operation: 'completion/complete' };
    knownParams(params, ['ref', 'argument', 'context', '_meta'], question.operation);
    const viewer = routes.viewer(question);
    const { server, ref } = await routes.reference(question, viewer, recordIn(params, 'ref', question.operation));
    const options = { ...viewer.options, signal: call.signal, on: listenerOf(call) };
    const request = { method: question.operation, params: { ...params, ref } };
    return this.#unhooked(question, viewer, { server, subject: textOf(ref) }, async () => ({
      ...(await servers.request(server, request, options)),
    }));
  }

  /** Asks a server what no hook looks at: the rules are asked once more, since lists may have taken their time. */
  #unhooked(
    { call, operation }: RoutedQuestion,
    { agent }: OfferViewer,
    { server, subject }: { readonly server: string; readonly subject: string },
    ask: () => Promise<Result>,
  ): Promise<Result> {
    const { admitServer, decisions } = this.#dependencies;
    return decisions.answer(call, agent, { operation, server, subject }, async () => {
      const admission = admitServer(agent, server);
      if (!admission.allowed) throw deniedFailure(admission);
      try {
        return await ask();
      } catch (error) {
        throw error instanceof RpcError ? error : failureOfServer(error, { server, method: operation, params: {} });
      }
    });
  }

  async #run(
    call: McpCall,
    { agent }: OfferViewer,
    method: GuardedMethod,
    server: string,
    params: Params,
  ): Promise<Result> {
    const { result } = await this.#dependencies.calls.run({ agent, call }, { server, method, params });
    return { ...result };
  }
}

/** With the name that the server knows: mostly it is that of the agent. */
function named(params: Params, name: string, original: string): Params {
  return name === original ? params : { ...params, name: original };
}

function textOf({ name, uri }: Params): string {
  return String(name ?? uri);
}
