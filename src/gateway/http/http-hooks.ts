import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Refusal } from '../../serving/http/http-answers.js';
import type { Admission, RequestFilter } from '../../serving/http/request-filter.js';
import type { McpIdentity } from '../../serving/mcp/mcp-service.js';
import { HookedRequest, type HttpHooksDependencies } from './hooked-request.js';

const hooks = [
  'http_pre_request',
  'http_auth_resolve_user',
  'http_auth_check_permission',
  'http_post_request',
] as const;

/**
 * Runs the `http_*` hooks around requests to `/mcp`, after these have proven who sends them: nobody makes plugins work who
 * has not. Over a stream the last one runs before its head is written.
 */
export class HttpHooks implements RequestFilter {
  readonly #dependencies: HttpHooksDependencies;

  constructor(dependencies: HttpHooksDependencies) {
    this.#dependencies = dependencies;
  }

  before(request: IncomingMessage, identity: McpIdentity | undefined): Promise<Admission | Refusal> | undefined {
    const { manager } = this.#dependencies;
    if (!hooks.some((hook) => manager.hasHooksFor(hook))) return undefined;
    const id = randomUUID();
    return new HookedRequest(request, identity, id, this.#dependencies).admit();
  }
}
