import { checkOptionNames, invalid } from '../config/code-options.js';
import { isPlainObject } from '../json/records.js';
import { GatechartError } from '../errors.js';
import type { CancelSignal } from '../time/cancellation.js';
import { harmlessMembers, harmlessRequests, settableMembers } from './client-members.js';
import { checkFunction, checkManager } from './guard-options.js';
import type { GuardingManager, OutcomeListener } from './guarded-call.js';
import { guardedMethods, isGuardedMethod } from './guarded-methods.js';
import type {
  ContextOfRequest,
  ExtensionsOfRequest,
  GuardedMethod,
  RequestGuard,
  SendRequest,
} from './guarded-request.js';
import type { RequestParams } from './request-params.js';

/** What {@link guardClient} can be told. */
export interface GuardClientOptions {
  /**
   * What the caller of a blocked tool gets: a tool error (`isError: true`) that names plugin, reason and code, or a
   * thrown PluginViolationError. Prompts and resources have no error to answer with, and always throw. Default `answer`.
   */
  readonly blocks?: 'answer' | 'throw' | undefined;
  /** What plugins are told of a request beside its payload: the trace it belongs to, who asks. */
  readonly extensionsOf?: ExtensionsOfRequest | undefined;
  /** Hears what has come of each hook: metadata, headers and retry delays are in there. What it throws fails the call. */
  readonly onOutcome?: OutcomeListener | undefined;
  /**
   * Puts headers that plugins ask for into the parameters of a tool call, in `_meta` say. Without it such a call fails
   * with UNGUARDED, because an MCP client has no place for them.
   */
  readonly applyHeaders?:
    | ((params: RequestParams, headers: Readonly<Record<string, string>>) => RequestParams)
    | undefined;
  /** Members of the client, beside those of the SDK that bring nothing to look at, that may be used without a hook. */
  readonly passThrough?: readonly string[] | undefined;
}

const optionNames = ['blocks', 'extensionsOf', 'onOutcome', 'applyHeaders', 'passThrough'];

const guardedMembers: Readonly<Record<string, GuardedMethod>> = {
  callTool: 'tools/call',
  getPrompt: 'prompts/get',
  readResource: 'resources/read',
};

/** What of an MCP SDK client is guarded; each version has it with types of its own. */
export interface GuardableClient {
  callTool?(...args: never[]): unknown;
  getPrompt?(...args: never[]): unknown;
  readResource?(...args: never[]): unknown;
}

/**
 * An MCP client whose `callTool`, `getPrompt` and `readResource` run their hooks: the one before may change or block
 * what is asked, the one after what is answered. `request` with one of their methods does the same. All else that brings
 * nothing to look at (lists, subscriptions, `connect`, `close`) is the client's own; what is not known, tasks and the raw
 * transport among it, is refused with UNGUARDED.
 *
 * Cancellation, time-outs and progress are passed through; the signal of a call cancels its hooks too. Hooks look at
 * copies, and what they looked at is what is sent. An error that a tool call ends with is shown to the second hook as a
 * tool error.
 *
 * @param client an MCP SDK client, version 1 or 2; anything with their methods
 * @param manager runs the hooks
 * @param contextOf makes the context of each request; a context is one request's and must not be shared
 * @throws GatechartError CONFIG_INVALID
 */
export function guardClient<Client extends GuardableClient>(
  client: Client,
  manager: GuardingManager,
  contextOf: ContextOfRequest,
  options: GuardClientOptions = {},
): Client {
  const owner = 'guardClient';
  if (Object.keys(guardedMembers).every((name) => typeof Reflect.get(Object(client), name) !== 'function'))
    throw invalid(
      `client of ${owner} has none of ${Object.keys(guardedMembers).join(', ')}; expected an MCP SDK client`,
    );
  checkManager(manager, owner);
  checkFunction(contextOf, 'contextOf', owner);
  checkOptionNames(options, optionNames, owner);
  const { blocks = 'answer', extensionsOf, onOutcome, applyHeaders, passThrough = [] } = options;
  if (blocks !== 'answer' && blocks !== 'throw')
    throw invalid(`option blocks of ${owner} is ${JSON.stringify(blocks)}, expected "answer" or "throw"`);
  checkFunction(extensionsOf, 'extensionsOf', owner, 'optional');
  checkFunction(onOutcome, 'onOutcome', owner, 'optional');
  checkFunction(applyHeaders, 'applyHeaders', owner, 'optional');
  if (!Array.isArray(passThrough))
    throw invalid(`option passThrough of ${owner} is no list; expected names of members`);
  const guard = { manager, contextOf, extensionsOf, blocks, onOutcome, applyHeaders };
  return new Proxy(client, new GuardedClient(guard, new Set(passThrough)));
}

class GuardedClient<Client extends GuardableClient> implements ProxyHandler<Client> {
  readonly #guard: RequestGuard;
  readonly #passThrough: ReadonlySet<string>;
  /** Functions made so far, so that a member is the same each time it is asked for. */
  readonly #made = new Map<unknown, unknown>();

  constructor(guard: RequestGuard, passThrough: ReadonlySet<string>) {
    this.#guard = guard;
    this.#passThrough = passThrough;
  }

  get(client: Client, name: string | symbol): unknown {
    if (!(name in client)) return undefined;
    const member: unknown = Reflect.get(client, name, client);
    if (typeof name === 'symbol' || this.#passThrough.has(name) || harmlessMembers.has(name))
      return this.#bound(client, member);
    if (Object.hasOwn(guardedMembers, name) || name === 'request') return this.#guarded(client, name, member);
    if (name in Object.prototype) return member;
    throw unguarded(name);
  }

  set(client: Client, name: string | symbol, value: unknown): boolean {
    if (typeof name !== 'string' || !settableMembers.has(name)) throw unguarded(String(name));
    return Reflect.set(client, name, value, client);
  }

  defineProperty(_client: Client, name: string | symbol): boolean {
    throw unguarded(String(name));
  }

  deleteProperty(_client: Client, name: string | symbol): boolean {
    throw unguarded(String(name));
  }

  setPrototypeOf(): boolean {
    throw unguarded('the prototype');
  }

  #bound(client: Client, member: unknown): unknown {
    if (typeof member !== 'function') return member;
    return this.#once(member, () => member.bind(client));
  }

  #guarded(client: Client, name: string, member: unknown): unknown {
    if (typeof member !== 'function') return member;
    const call = (args: readonly unknown[]): unknown => Reflect.apply(member, client, args);
    return this.#once(member, () =>
      name === 'request'
        ? async (request: unknown, ...rest: unknown[]) => this.#request(call, request, rest)
        : async (params: unknown, ...rest: unknown[]) =>
            this.#run(guardedMembers[name] ?? 'tools/call', params, rest, (sent) => call([sent, ...rest])),
    );
  }

  #request(call: (args: readonly unknown[]) => unknown, request: unknown, rest: readonly unknown[]): unknown {
    const { method, params, ...others } = isPlainObject(request) ? request : {};
    const [other] = Object.keys(others);
    if (other !== undefined) throw unguarded(`request with a field ${other}`);
    if (isGuardedMethod(method))
      return this.#run(method, params, rest, (sent) => call([{ method, params: sent }, ...rest]));
    if (typeof method === 'string' && harmlessRequests.has(method)) return call([{ method, params }, ...rest]);
    throw unguarded(`request of ${String(method)}`);
  }

  #run(method: GuardedMethod, params: unknown, rest: readonly unknown[], send: SendRequest): unknown {
    const options = rest.filter((argument) => typeof argument === 'object' && argument !== null);
    if (options.some((argument) => 'task' in argument && argument.task !== undefined))
      throw unguarded(`${method} as a task, whose result is fetched later,`);
    const signal = options.map((argument) => ('signal' in argument ? argument.signal : undefined)).find(isSignal);
    return guardedMethods[method](this.#guard, params, send, signal);
  }

  #once(member: unknown, make: () => unknown): unknown {
    const made: unknown = this.#made.get(member) ?? make();
    this.#made.set(member, made);
    return made;
  }
}

function isSignal(value: unknown): value is CancelSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}

function unguarded(what: string): GatechartError {
  return new GatechartError(
    'UNGUARDED',
    `${what} of a guarded client is refused: no hook looks at it. Use callTool, getPrompt or readResource, or name it in passThrough.`,
  );
}
