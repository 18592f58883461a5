import type { IncomingMessage } from 'node:http';
import type { GlobalContext } from '../../context/global-context.js';
import type { PluginContexts } from '../../context/plugin-contexts.js';
import { outcomeOf } from '../../guard/guarded-call.js';
import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import { mergeHeaders } from '../../hooks/headers.js';
import type { HookOutcome } from '../../hooks/hook-outcome.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { Logger } from '../../observability/logger.js';
import { isRefusal } from '../../serving/http/authentication.js';
import type { Refusal } from '../../serving/http/http-answers.js';
import type { HeadChange, ResponseHead } from '../../serving/http/http-response.js';
import type { Admission } from '../../serving/http/request-filter.js';
import { readableHeaders, withoutCredentials } from '../../serving/http/request-headers.js';
import type { McpIdentity } from '../../serving/mcp/mcp-service.js';
import { authorizationOf } from './authorization-header.js';
import type { CredentialDigest } from './credential-digest.js';
import { answerHeaders, requestHeaders } from './hook-headers.js';
import { failureRefusal, violationRefusal } from './hook-refusal.js';
import { expectedUser, readUser } from './resolved-user.js';

/** What runs the hooks. */
export type HttpHookManager = Pick<PluginManager, 'invokeHook' | 'hasHooksFor'>;

export interface HttpHooksDependencies {
  readonly manager: HttpHookManager;
  readonly digest: CredentialDigest;
  readonly logger: Logger;
}

type HttpHook = 'http_pre_request' | 'http_auth_resolve_user' | 'http_auth_check_permission' | 'http_post_request';

/** What is asked for on `http_auth_check_permission`: to use what is served at `/mcp`. */
const permission = 'mcp.access';

const accountDisabled: Refusal = {
  status: 401,
  message: 'Unauthorized: the account is disabled',
  rpcCode: -32_001,
  headers: { 'www-authenticate': 'Bearer' },
};

/** One request on its way through the hooks, which share a context. */
export class HookedRequest {
  readonly #request: IncomingMessage;
  readonly #dependencies: HttpHooksDependencies;
  readonly #context: GlobalContext;
  #contexts: PluginContexts | undefined;
  #headers: Readonly<Record<string, string>>;
  #identity: McpIdentity | undefined;
  #isAdmin = false;
  #authMethod: string | undefined;
  /** What plugins want on the answer. */
  #answerHeaders: Readonly<Record<string, string>> = {};

  constructor(
    request: IncomingMessage,
    identity: McpIdentity | undefined,
    requestId: string,
    dependencies: HttpHooksDependencies,
  ) {
    this.#request = request;
    this.#identity = identity;
    this.#dependencies = dependencies;
    this.#headers = readableHeaders(request);
    this.#context = { requestId, user: identity?.user ?? null, state: {}, metadata: {} };
  }

  /** Runs the hooks before a request; never rejects. */
  async admit(): Promise<Admission | Refusal> {
    const refusal = (await this.#preRequest()) ?? (await this.#resolveUser()) ?? (await this.#checkPermission());
    if (refusal !== undefined) return refusal;
    const wantsHead = this.#isOn('http_post_request') || Object.keys(this.#answerHeaders).length > 0;
    return {
      identity: this.#identity,
      headers: this.#headers,
      ...(wantsHead && { after: (head: ResponseHead) => this.#postRequest(head) }),
    };
  }

  async #preRequest(): Promise<Refusal | undefined> {
    const outcome = await this.#run('http_pre_request', this.#facts(), 403);
    if (isRefusal(outcome)) return outcome;
    const added = outcome?.modifiedPayload;
    if (added !== undefined) {
      this.#headers = mergeHeaders(this.#headers, requestHeaders(added, this.#dependencies.logger));
    }
    return undefined;
  }

  async #resolveUser(): Promise<Refusal | undefined> {
    const hook = 'http_auth_resolve_user';
    const { headers, clientHost, clientPort } = this.#facts();
    const credentials = this.#credentials();
    const payload = { headers, clientHost, clientPort, ...(credentials !== undefined && { credentials }) };
    const outcome = await this.#run(hook, payload, 401);
    if (isRefusal(outcome)) return outcome;
    const record = outcome?.modifiedPayload;
    if (record === undefined) return undefined;
    const user = readUser(record);
    if (user === undefined) {
      return failureRefusal(hook, new Error(`a plugin answered with no user; expected ${expectedUser}`), this.#logger);
    }
    if (!user.isActive) return accountDisabled;
    const { digest } = this.#dependencies;
    const { claims = {}, scopes = [], credentials: proven } = this.#identity ?? {};
    // Whoever shares a token with others shares no session with them, and neither does who shares a name.
    const said = proven ?? JSON.stringify(credentials ?? null);
    this.#identity = { user: user.name, claims, scopes, credentials: digest.of('user', user.name, said) };
    this.#context.user = user.name;
    this.#isAdmin = user.isAdmin;
    const method = outcome?.metadata['auth_method'];
    if (typeof method === 'string') this.#authMethod = method;
    return undefined;
  }

  async #checkPermission(): Promise<Refusal | undefined> {
    const hook = 'http_auth_check_permission';
    const payload = {
      userEmail: this.#identity?.user ?? '',
      permission,
      resourceType: 'mcp',
      isAdmin: this.#isAdmin,
      authMethod: this.#authMethod,
      clientHost: this.#request.socket.remoteAddress,
      userAgent: this.#headers['user-agent'],
    };
    const outcome = await this.#run(hook, payload, 403);
    if (isRefusal(outcome)) return outcome;
    const decision = outcome?.modifiedPayload;
    if (decision === undefined || decision.granted) return undefined;
    const reason = decision.reason ?? '';
    return {
      status: 403,
      message: `Forbidden: the permission ${permission} is refused${reason === '' ? '' : `: ${reason}`}`,
      rpcCode: -32_003,
    };
  }

  async #postRequest(head: ResponseHead): Promise<HeadChange | Refusal> {
    const payload = { ...this.#facts(), responseHeaders: withoutCredentials(head.headers), statusCode: head.status };
    const outcome = await this.#run('http_post_request', payload, 403);
    if (isRefusal(outcome)) return outcome;
    const added = answerHeaders(outcome?.modifiedPayload ?? {}, this.#logger);
    return { headers: mergeHeaders(this.#answerHeaders, added) };
  }

  /** What came of a hook; undefined where no plugin is on it. Not passed is refused, whatever the reason. */
  async #run<Hook extends HttpHook>(
    hook: Hook,
    payload: BuiltInHooks[Hook]['payload'],
    status: number,
  ): Promise<HookOutcome<BuiltInHooks[Hook]['result']> | Refusal | undefined> {
    if (!this.#isOn(hook)) return undefined;
    try {
      const options = this.#contexts === undefined ? {} : { contexts: this.#contexts };
      const outcome = await outcomeOf(this.#dependencies.manager.invokeHook(hook, payload, this.#context, options));
      if (!outcome.continueProcessing) return violationRefusal(outcome.violation, status, this.#logger);
      this.#contexts = outcome.contexts ?? this.#contexts;
      this.#answerHeaders = mergeHeaders(this.#answerHeaders, answerHeaders(outcome.httpHeaders ?? {}, this.#logger));
      return outcome;
    } catch (error) {
      return failureRefusal(hook, error, this.#logger);
    }
  }

  #facts(): BuiltInHooks['http_pre_request']['payload'] {
    const { method = '', url = '', socket } = this.#request;
    return {
      // A query may carry what nobody is to see.
      path: url.split('?', 1)[0] ?? '',
      method,
      clientHost: socket.remoteAddress,
      clientPort: socket.remotePort,
      headers: { ...this.#headers },
    };
  }

  /** What came in `Authorization`, for the hook that is there for it. */
  #credentials(): Record<string, unknown> | undefined {
    const authorization = authorizationOf(this.#request);
    if (authorization.kind !== 'given') return undefined;
    const { scheme, credentials } = authorization;
    return { scheme, credentials };
  }

  #isOn(hook: HttpHook): boolean {
    return this.#dependencies.manager.hasHooksFor(hook);
  }

  get #logger(): Logger {
    return this.#dependencies.logger;
  }
}
