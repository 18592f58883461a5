import type { Result } from '@modelcontextprotocol/sdk/types.js';
import type { ListKind, ServerSet } from '../../../downstream/server-set-api.js';
import type { GuardedMethod } from '../../../guard/guarded-request.js';
import type { McpCall, McpRequest, McpWork } from '../../../serving/mcp/mcp-service.js';
import { CallFailure } from '../../call/call-failure.js';
import type { Decisions } from '../../call/decisions.js';
import type { GatewayCalls } from '../../call/gateway-calls.js';
import type { OfferViewer } from '../../offer/tool-offers.js';
import { listenerOf } from '../call-listener.js';
import type { Face } from '../face.js';
import { asRpcError } from '../failure-answer.js';
import { failureResult } from '../tool-result.js';
import type { ListWatch } from './list-watch.js';
import type { OfferRoutes } from './offer-routes.js';
import { type Params, recordIn, textIn } from './request-params.js';
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
    changed: () => watch.changed(),
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
    const viewer = routes.viewer(question, name);
    const { server, original } = await routes.tool(question, viewer, name);
    try {
      return await this.#run(call, viewer, 'tools/call', server, { ...params, name: original });
    } catch (error) {
      // What a server says by an error of JSON-RPC stays one.
      if (error instanceof CallFailure && error.details.serverMessage === undefined) return failureResult(error);
      throw error;
    }
  }

  async #getPrompt(call: McpCall, params: Params): Promise<Result> {
    const { routes } = this.#dependencies;
    const question = { call, operation: 'prompts/get' };
    const name = textIn(params, 'name', question.operation);
    const viewer = routes.viewer(question, name);
    const { server, original } = await routes.prompt(question, viewer, name);
    return this.#run(call, viewer, 'prompts/get', server, { ...params, name: original });
  }

  async #readResource(call: McpCall, params: Params): Promise<Result> {
    const { routes } = this.#dependencies;
    const question = { call, operation: 'resources/read' };
    const uri = textIn(params, 'uri', question.operation);
    const viewer = routes.viewer(question, uri);
    return this.#run(call, viewer, 'resources/read', await routes.resource(question, viewer, uri), params);
  }

  async #subscribe(call: McpCall, params: Params): Promise<Result> {
    const { decisions, routes, subscriptions } = this.#dependencies;
    const question = { call, operation: 'resources/subscribe' };
    const uri = textIn(params, 'uri', question.operation);
    const viewer = routes.viewer(question, uri);
    const server = await routes.resource(question, viewer, uri);
    const { operation } = question;
    await decisions.answer(call, viewer.agent, { operation, server, subject: uri }, () =>
      subscriptions.subscribe(call.caller.client, server, uri, { ...viewer.options, signal: call.signal }),
    );
    return {};
  }

  async #complete(call: McpCall, params: Params): Promise<Result> {
    const { decisions, routes, servers } = this.#dependencies;
    const question = { call, operation: 'completion/complete' };
    const viewer = routes.viewer(question);
    const { server, ref } = await routes.reference(question, viewer, recordIn(params, 'ref', question.operation));
    const options = { ...viewer.options, signal: call.signal, on: listenerOf(call) };
    const { operation } = question;
    const request = { method: operation, params: { ...params, ref } };
    const result = await decisions.answer(call, viewer.agent, { operation, server, subject: textOf(ref) }, () =>
      servers.request(server, request, options),
    );
    return { ...result };
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

function textOf({ name, uri }: Params): string {
  return String(name ?? uri);
}
