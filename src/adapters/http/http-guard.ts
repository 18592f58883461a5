import { randomUUID } from 'node:crypto';
import type { GlobalContext } from '../../context/global-context.js';
import type { PluginContexts } from '../../context/plugin-contexts.js';
import type { Extensions } from '../../extensions/extensions.js';
import { answerHeaders, requestHeaders } from '../../gateway/http/hook-headers.js';
import { failureRefusal, violationRefusal } from '../../gateway/http/hook-refusal.js';
import { expectedUser, readUser } from '../../gateway/http/resolved-user.js';
import { outcomeOf } from '../../guard/guarded-call.js';
import { messageOf } from '../../errors.js';
import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import { mergeHeaders } from '../../hooks/headers.js';
import type { HookOutcome } from '../../hooks/hook-outcome.js';
import { createLogger, type Logger, unfailingLogger } from '../../observability/logger.js';
import type { Refusal } from '../../serving/http/http-answers.js';
import { withoutCredentials } from '../../serving/http/request-headers.js';
import { type HttpFacts, type HttpHead, type HttpPass, type HttpRefusal, pathOf } from './http-exchange.js';
import type { AskedPermission, HttpGuardingManager, HttpGuardOptions, HttpHook } from './http-guard-options.js';

const users = new WeakMap<object, Readonly<Record<string, unknown>>>();

/** The user that a plugin on `http_auth_resolve_user` has found for a request (in Hono: for its context), if one has. */
export function resolvedUser(request: object): Readonly<Record<string, unknown>> | undefined {
  return users.get(request);
}

/** Credentials in answers, which belong to the client. */
const answerCredentials = 'set-cookie';

/** One HTTP request on its way through its hooks, whatever serves it. */
export class HttpGuard<Request extends object> {
  readonly #request: Request;
  readonly #facts: HttpFacts;
  readonly #manager: HttpGuardingManager;
  readonly #options: HttpGuardOptions<Request>;
  readonly #logger: Logger;
  #context: GlobalContext = { requestId: '' };
  #contexts: PluginContexts | undefined;
  #extensions: Extensions | undefined;
  #headers: Readonly<Record<string, string>>;
  #added: Readonly<Record<string, string>> = {};
  #answerHeaders: Readonly<Record<string, string>> = {};
  #isAdmin = false;
  #authMethod: string | undefined;

  constructor(request: Request, facts: HttpFacts, manager: HttpGuardingManager, options: HttpGuardOptions<Request>) {
    this.#request = request;
    this.#facts = facts;
    this.#manager = manager;
    this.#options = options;
    this.#logger = unfailingLogger(options.logger ?? createLogger('warn'));
    this.#headers = withoutCredentials(facts.headers);
  }

  /** Runs the hooks before the request is handled: the headers that it gets, or why it does not pass. Never rejects. */
  async before(): Promise<HttpPass | HttpRefusal> {
    const { contextOf, extensionsOf } = this.#options;
    try {
      this.#context = (await contextOf?.(this.#request)) ?? { requestId: randomUUID() };
      this.#extensions = await extensionsOf?.(this.#request);
      const refusal = (await this.#preRequest()) ?? (await this.#resolveUser()) ?? (await this.#checkPermission());
      return refusal === undefined ? { headers: this.#added } : answered(refusal);
    } catch (error) {
      return answered(failureRefusal('http_pre_request', error, this.#logger));
    }
  }

  /**
   * Runs the hook behind the handler: the headers that the answer gets, or what is answered instead. Never rejects.
   *
   * @param head undefined where nobody is there any more to be answered
   */
  async after(head: HttpHead | undefined): Promise<HttpPass | HttpRefusal> {
    const { [answerCredentials]: _secret, ...responseHeaders } = withoutCredentials(head?.headers ?? {});
    const payload = {
      ...this.#payload(),
      ...(head !== undefined && { responseHeaders, statusCode: head.status }),
    };
    const outcome = await this.#run('http_post_request', payload, 403);
    if (isRefused(outcome)) return answered(outcome.refusal);
    const added = answerHeaders(outcome?.modifiedPayload ?? {}, this.#logger);
    return { headers: mergeHeaders(this.#answerHeaders, added) };
  }

  /** What is answered where an answer cannot be sent as a handler made it. */
  unsendable(error: unknown): HttpRefusal {
    this.#logger.error({ error: messageOf(error) }, 'an answer cannot be sent as the handler made it');
    return answered({ status: 500, message: 'Internal server error' });
  }

  async #preRequest(): Promise<Refusal | undefined> {
    const outcome = await this.#run('http_pre_request', this.#payload(), 403);
    if (isRefused(outcome)) return outcome.refusal;
    if (outcome?.modifiedPayload === undefined) return undefined;
    this.#added = requestHeaders(outcome.modifiedPayload, this.#logger);
    this.#headers = mergeHeaders(this.#headers, this.#added);
    return undefined;
  }

  async #resolveUser(): Promise<Refusal | undefined> {
    const hook = 'http_auth_resolve_user';
    const { headers, clientHost, clientPort } = this.#payload();
    const credentials = credentialsIn(this.#facts.headers['authorization']);
    const payload = { headers, clientHost, clientPort, ...(credentials !== undefined && { credentials }) };
    const outcome = await this.#run(hook, payload, 401);
    if (isRefused(outcome)) return outcome.refusal;
    const record = outcome?.modifiedPayload;
    if (record === undefined) return undefined;
    const user = readUser(record);
    if (user === undefined)
      return failureRefusal(hook, new Error(`a plugin answered with no user; expected ${expectedUser}`), this.#logger);
    if (!user.isActive) return { status: 401, message: 'Unauthorized: the account is disabled' };
    users.set(this.#request, record);
    this.#context.user = user.name;
    this.#isAdmin = user.isAdmin;
    const method = outcome?.metadata['auth_method'];
    if (typeof method === 'string') this.#authMethod = method;
    return undefined;
  }

  async #checkPermission(): Promise<Refusal | undefined> {
    const hook = 'http_auth_check_permission';
    if (!this.#manager.hasHooksFor(hook)) return undefined;
    let asked: AskedPermission;
    try {
      asked = this.#options.permissionOf?.(this.#request) ?? { permission: 'http.access', resourceType: 'http' };
    } catch (error) {
      return failureRefusal(hook, error, this.#logger);
    }
    const { user } = this.#context;
    const payload = {
      ...asked,
      userEmail: typeof user === 'string' ? user : '',
      isAdmin: this.#isAdmin,
      authMethod: this.#authMethod,
      clientHost: this.#facts.clientHost,
      userAgent: this.#headers['user-agent'],
    };
    const outcome = await this.#run(hook, payload, 403);
    if (isRefused(outcome)) return outcome.refusal;
    const decision = outcome?.modifiedPayload;
    if (decision === undefined || decision.granted) return undefined;
    const why = decision.reason === undefined ? '' : `: ${decision.reason}`;
    return { status: 403, message: `Forbidden: the permission ${asked.permission} is refused${why}` };
  }

  /** What came of a hook; undefined where no plugin is on it. Not passed is refused, whatever the reason. */
  async #run<Hook extends HttpHook>(
    hook: Hook,
    payload: BuiltInHooks[Hook]['payload'],
    status: number,
  ): Promise<HookOutcome<BuiltInHooks[Hook]['result']> | Refused | undefined> {
    if (!this.#manager.hasHooksFor(hook)) return undefined;
    try {
      const options = {
        ...(this.#contexts !== undefined && { contexts: this.#contexts }),
        ...(this.#extensions !== undefined && { extensions: this.#extensions }),
      };
      const outcome = await outcomeOf(this.#manager.invokeHook(hook, payload, this.#context, options));
      this.#options.onOutcome?.(outcome, hook, this.#context);
      if (!outcome.continueProcessing) return { refusal: violationRefusal(outcome.violation, status, this.#logger) };
      this.#contexts = outcome.contexts ?? this.#contexts;
      this.#extensions = outcome.modifiedExtensions ?? this.#extensions;
      this.#answerHeaders = mergeHeaders(this.#answerHeaders, answerHeaders(outcome.httpHeaders ?? {}, this.#logger));
      return outcome;
    } catch (error) {
      return { refusal: failureRefusal(hook, error, this.#logger) };
    }
  }

  #payload(): BuiltInHooks['http_pre_request']['payload'] {
    const { method, url, clientHost, clientPort } = this.#facts;
    return { path: pathOf(url), method, clientHost, clientPort, headers: { ...this.#headers } };
  }
}

interface Refused {
  readonly refusal: Refusal;
}

function isRefused(outcome: object | undefined): outcome is Refused {
  return outcome !== undefined && 'refusal' in outcome;
}

function answered({ status, message, rpcData, headers = {} }: Refusal): HttpRefusal {
  const code = typeof rpcData === 'object' && rpcData !== null && 'code' in rpcData ? rpcData.code : undefined;
  const body = JSON.stringify({ error: { message, ...(code !== undefined && { code }) } });
  return { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
}

function credentialsIn(authorization: string | undefined): Record<string, unknown> | undefined {
  if (authorization === undefined) return undefined;
  const [scheme = '', ...rest] = authorization.trim().split(/[ \t]+/);
  return { scheme, credentials: rest.join(' ') };
}
