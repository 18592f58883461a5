import type { McpCall } from '../../../serving/mcp/mcp-service.js';
import { CallFailure, type FailureCode, type FailureDetails } from '../../call/call-failure.js';
import type { Decisions } from '../../call/decisions.js';
import type { OfferedItem } from '../../offer/offered-names.js';
import { resourceRoutes } from '../../offer/resource-routes.js';
import type { OfferViewer } from '../../offer/tool-offers.js';
import type { MergedOffers } from './merged-offers.js';
import { invalid, type Params, textIn } from './request-params.js';

export interface OfferRoutesDependencies {
  readonly offers: MergedOffers;
  readonly decisions: Decisions;
  readonly viewerOf: (call: McpCall, agent: string | undefined) => OfferViewer;
}

/** One question, on its way to what was offered. */
export interface RoutedQuestion {
  readonly call: McpCall;
  readonly operation: string;
}

/** Finds the server that is meant by what was offered, and tells audits of what was not. */
export class OfferRoutes {
  readonly #dependencies: OfferRoutesDependencies;

  constructor(dependencies: OfferRoutesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whoever asks. @throws CallFailure that says why it is nobody */
  viewer({ call, operation }: RoutedQuestion, subject?: string): OfferViewer {
    const { decisions, viewerOf } = this.#dependencies;
    return viewerOf(call, decisions.agentOf(call, { operation, subject }, undefined));
  }

  /** @throws CallFailure TOOL_NOT_FOUND; SERVER_UNAVAILABLE where a server that is away may have it */
  async tool(question: RoutedQuestion, viewer: OfferViewer, name: string): Promise<OfferedItem> {
    const found = (await this.#dependencies.offers.of(viewer, 'tools')).table.get(name);
    if (found !== undefined) return found;
    const away = this.#dependencies.offers.awayServerOf(viewer, 'tools', name);
    if (away === undefined) return this.#refuse(question, viewer, 'TOOL_NOT_FOUND', `Unknown tool: ${name}`, name);
    const { server, lastError, nextTryInMs: retryAfterMs } = away;
    const why = lastError === undefined ? '' : `: ${lastError}`;
    const message = `Tool ${name}: server '${server}' is not available now${why}`;
    return this.#refuse(question, viewer, 'SERVER_UNAVAILABLE', message, name, { retryAfterMs });
  }

  /** @throws CallFailure PROMPT_NOT_FOUND */
  async prompt(question: RoutedQuestion, viewer: OfferViewer, name: string): Promise<OfferedItem> {
    const found = (await this.#dependencies.offers.of(viewer, 'prompts')).table.get(name);
    return found ?? this.#refuse(question, viewer, 'PROMPT_NOT_FOUND', `Unknown prompt: ${name}`, name);
  }

  /** The server of a resource. @throws CallFailure RESOURCE_NOT_FOUND */
  async resource(question: RoutedQuestion, viewer: OfferViewer, uri: string): Promise<string> {
    const { offers } = this.#dependencies;
    const [resources, templates] = await Promise.all([
      offers.of(viewer, 'resources'),
      offers.of(viewer, 'resourceTemplates'),
    ]);
    const route = resourceRoutes(resources, templates)(uri);
    if (route.kind === 'server') return route.server;
    const why = route.kind === 'unknown' ? '' : ': more than one server could mean it';
    return this.#refuse(question, viewer, 'RESOURCE_NOT_FOUND', `Resource not found: ${uri}${why}`, uri);
  }

  /** The server of what a completion is for, and how that is called there. @throws CallFailure, RpcError */
  async reference(
    question: RoutedQuestion,
    viewer: OfferViewer,
    ref: Params,
  ): Promise<{ readonly server: string; readonly ref: Params }> {
    const { operation } = question;
    if (ref['type'] === 'ref/prompt') {
      const { server, original } = await this.prompt(question, viewer, textIn(ref, 'name', operation));
      return { server, ref: { ...ref, name: original } };
    }
    if (ref['type'] !== 'ref/resource') throw invalid(`${operation}: ref.type: expected ref/prompt or ref/resource`);
    const uri = textIn(ref, 'uri', operation);
    const template = (await this.#dependencies.offers.of(viewer, 'resourceTemplates')).table.get(uri);
    return { server: template?.server ?? (await this.resource(question, viewer, uri)), ref };
  }

  #refuse(
    { call, operation }: RoutedQuestion,
    { agent }: OfferViewer,
    code: FailureCode,
    message: string,
    subject: string,
    details: FailureDetails = {},
  ): never {
    const failure = new CallFailure(code, message, details);
    this.#dependencies.decisions.record(call, agent, { operation, subject }, failure);
    throw failure;
  }
}
