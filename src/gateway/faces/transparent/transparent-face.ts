import { createHash } from 'node:crypto';
import { ErrorCode, type Result } from '@modelcontextprotocol/sdk/types.js';
import type { Listed, ListKind, ServerSet } from '../../../downstream/server-set-api.js';
import type { GuardedMethod } from '../../../guard/guarded-request.js';
import type { McpCall, McpRequest, McpWork } from '../../../serving/mcp/mcp-service.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';
import { CallFailure } from '../../call/call-failure.js';
import type { GatewayCalls } from '../../call/gateway-calls.js';
import type { Offer } from '../../offer/offered-names.js';
import { resourceRoutes } from '../../offer/resource-routes.js';
import type { OfferViewer } from '../../offer/tool-offers.js';
import type { Seal } from '../../seal.js';
import { listenerOf } from '../call-listener.js';
import type { Face } from '../face.js';
import { asRpcError } from '../failure-answer.js';
import { failureResult } from '../tool-result.js';
import type { ListWatch } from './list-watch.js';
import type { MergedOffers } from './merged-offers.js';
import { pageOf } from './pages.js';
import type { ResourceSubscriptions } from './resource-subscriptions.js';

export interface TransparentDependencies {
  readonly servers: ServerSet;
  readonly offers: MergedOffers;
  readonly calls: GatewayCalls;
  readonly watch: ListWatch;
  readonly subscriptions: ResourceSubscriptions;
  readonly seal: Seal;
  /** @throws CallFailure */
  readonly agentOf: (call: McpCall) => string | undefined;
  readonly viewerOf: (call: McpCall, agent: string | undefined) => OfferViewer;
  readonly record: (
    call: McpCall,
    agent: string | undefined,
    operation: string,
    failure: CallFailure | undefined,
    subject?: string,
  ) => void;
}

const listMethods: Readonly<Record<string, ListKind>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};

/** The result member that each list is in. */
const listKeys: Readonly<Record<ListKind, string>> = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  resourceTemplates: 'resourceTemplates',
};

type Params = Readonly<Record<string, unknown>>;

/** All that all servers offer, as if it were one server. */
export function transparentFace(dependencies: TransparentDependencies): Face {
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
    workOf: (request) => face.workOf(request),
    changed: () => dependencies.watch.changed(),
    close: () => dependencies.watch.close(),
    clientGone: (client) => {
      dependencies.watch.clientGone(client);
      dependencies.subscriptions.clientGone(client);
    },
  };
}

class TransparentFace {
  readonly #dependencies: TransparentDependencies;

  constructor(dependencies: TransparentDependencies) {
    this.#dependencies = dependencies;
  }

  workOf({ method, params = {} }: McpRequest): McpWork | undefined {
    const kind = Object.hasOwn(listMethods, method) ? listMethods[method] : undefined;
    if (kind !== undefined) return this.#work((call) => this.#list(call, method, kind, params));
    switch (method) {
      case 'tools/call':
        return this.#work((call) => this.#callTool(call, params));
      case 'prompts/get':
        return this.#work((call) => this.#getPrompt(call, params));
      case 'resources/read':
        return this.#work((call) => this.#readResource(call, params));
      case 'resources/subscribe':
        return this.#work((call) => this.#subscribe(call, params));
      case 'resources/unsubscribe':
        return this.#work(async (call) => {
          await this.#dependencies.subscriptions.unsubscribe(call.caller.client, textIn(params, 'uri', method));
          return {};
        });
      case 'completion/complete':
        return this.#work((call) => this.#complete(call, params));
      default:
        return undefined;
    }
  }

  #work(run: McpWork): McpWork {
    return async (call) => {
      try {
        return await run(call);
      } catch (error) {
        throw asRpcError(error);
      }
    };
  }

  async #list(call: McpCall, operation: string, kind: ListKind, { cursor }: Params): Promise<Result> {
    const { offers, record, seal, watch } = this.#dependencies;
    const viewer = this.#viewer(call, operation);
    const offer = await offers.of(viewer, kind);
    record(call, viewer.agent, operation, undefined);
    const { client } = call.caller;
    const again = async (): Promise<string> => fingerprintOf(await offers.of(viewer, kind));
    watch.saw(client, kind, { fingerprint: fingerprintOf(offer), again });
    const keyOf = (item: Listed): string => String(item['uri'] ?? item['uriTemplate'] ?? item['name']);
    const principal = `${operation} ${client.id}`;
    const { items, nextCursor } = pageOf(itemsOf(offer), keyOf, cursor, { seal, principal });
    return { [listKeys[kind]]: items, ...(nextCursor !== undefined && { nextCursor }) };
  }

  async #callTool(call: McpCall, params: Params): Promise<Result> {
    const name = textIn(params, 'name', 'tools/call');
    const viewer = this.#viewer(call, 'tools/call', name);
    const offer = await this.#dependencies.offers.of(viewer, 'tools');
    const found = offer.table.get(name);
    if (found === undefined) {
      throw this.#unknown(call, viewer, 'tools/call', new CallFailure('TOOL_NOT_FOUND', `Unknown tool: ${name}`), name);
    }
    try {
      return await this.#run(call, viewer, 'tools/call', found.server, { ...params, name: found.original });
    } catch (error) {
      // What a server says by an error of JSON-RPC stays one.
      if (error instanceof CallFailure && error.details.serverMessage === undefined) return failureResult(error);
      throw error;
    }
  }

  async #getPrompt(call: McpCall, params: Params): Promise<Result> {
    const name = textIn(params, 'name', 'prompts/get');
    const viewer = this.#viewer(call, 'prompts/get', name);
    const found = (await this.#dependencies.offers.of(viewer, 'prompts')).table.get(name);
    if (found === undefined) {
      throw this.#unknown(
        call,
        viewer,
        'prompts/get',
        new CallFailure('PROMPT_NOT_FOUND', `Unknown prompt: ${name}`),
        name,
      );
    }
    return this.#run(call, viewer, 'prompts/get', found.server, { ...params, name: found.original });
  }

  async #readResource(call: McpCall, params: Params): Promise<Result> {
    const uri = textIn(params, 'uri', 'resources/read');
    const viewer = this.#viewer(call, 'resources/read', uri);
    const server = await this.#serverOf(call, viewer, 'resources/read', uri);
    return this.#run(call, viewer, 'resources/read', server, params);
  }

  async #subscribe(call: McpCall, params: Params): Promise<Result> {
    const { subscriptions, record } = this.#dependencies;
    const uri = textIn(params, 'uri', 'resources/subscribe');
    const viewer = this.#viewer(call, 'resources/subscribe', uri);
    const server = await this.#serverOf(call, viewer, 'resources/subscribe', uri);
    await subscriptions.subscribe(call.caller.client, server, uri, { ...viewer.options, signal: call.signal });
    record(call, viewer.agent, 'resources/subscribe', undefined, uri);
    return {};
  }

  async #complete(call: McpCall, params: Params): Promise<Result> {
    const ref = recordIn(params, 'ref', 'completion/complete');
    const { server, ref: original } = await this.#referred(call, ref);
    const request = { method: 'completion/complete', params: { ...params, ref: original } };
    const viewer = this.#viewer(call, 'completion/complete');
    const options = { ...viewer.options, signal: call.signal, on: listenerOf(call) };
    return { ...(await this.#dependencies.servers.request(server, request, options)) };
  }

  async #referred(call: McpCall, ref: Params): Promise<{ readonly server: string; readonly ref: Params }> {
    const operation = 'completion/complete';
    if (ref['type'] === 'ref/prompt') {
      const name = textIn(ref, 'name', operation);
      const viewer = this.#viewer(call, operation, name);
      const found = (await this.#dependencies.offers.of(viewer, 'prompts')).table.get(name);
      if (found !== undefined) return { server: found.server, ref: { ...ref, name: found.original } };
      throw this.#unknown(
        call,
        viewer,
        operation,
        new CallFailure('PROMPT_NOT_FOUND', `Unknown prompt: ${name}`),
        name,
      );
    }
    if (ref['type'] !== 'ref/resource')
      throw new RpcError(
        ErrorCode.InvalidParams,
        'ref.type of completion/complete: expected ref/prompt or ref/resource',
      );
    const uri = textIn(ref, 'uri', operation);
    const viewer = this.#viewer(call, operation, uri);
    const template = (await this.#dependencies.offers.of(viewer, 'resourceTemplates')).table.get(uri);
    return { server: template?.server ?? (await this.#serverOf(call, viewer, operation, uri)), ref };
  }

  async #serverOf(call: McpCall, viewer: OfferViewer, operation: string, uri: string): Promise<string> {
    const { offers } = this.#dependencies;
    const [resources, templates] = await Promise.all([
      offers.of(viewer, 'resources'),
      offers.of(viewer, 'resourceTemplates'),
    ]);
    const route = resourceRoutes(resources, templates)(uri);
    if (route.kind === 'server') return route.server;
    const why = route.kind === 'unknown' ? '' : ': more than one server could mean it';
    throw this.#unknown(
      call,
      viewer,
      operation,
      new CallFailure('RESOURCE_NOT_FOUND', `Resource not found: ${uri}${why}`),
      uri,
    );
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

  /** Whoever asks, or the failure that says why it is nobody. */
  #viewer(call: McpCall, operation: string, subject?: string): OfferViewer {
    const { agentOf, record, viewerOf } = this.#dependencies;
    try {
      return viewerOf(call, agentOf(call));
    } catch (error) {
      if (error instanceof CallFailure) record(call, undefined, operation, error, subject);
      throw error;
    }
  }

  #unknown(call: McpCall, viewer: OfferViewer, operation: string, failure: CallFailure, subject: string): CallFailure {
    this.#dependencies.record(call, viewer.agent, operation, failure, subject);
    return failure;
  }
}

function itemsOf({ items }: Offer): readonly Listed[] {
  return items.map(({ item }) => item);
}

const fingerprints = new WeakMap<Offer, string>();

function fingerprintOf(offer: Offer): string {
  const known = fingerprints.get(offer);
  if (known !== undefined) return known;
  const made = createHash('sha256')
    .update(JSON.stringify(itemsOf(offer)))
    .digest('base64');
  fingerprints.set(offer, made);
  return made;
}

function textIn(params: Params, field: string, method: string): string {
  const value = params[field];
  if (typeof value === 'string') return value;
  throw new RpcError(ErrorCode.InvalidParams, `${method}: expected a string as ${field}, found ${typeof value}`);
}

function recordIn(params: Params, field: string, method: string): Params {
  const value = params[field];
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new RpcError(ErrorCode.InvalidParams, `${method}: expected an object as ${field}, found ${typeof value}`);
}
