import { suggestionFor } from '../config/suggestion.js';
import { describeValue } from '../json/described-value.js';
import type { GlobalContext } from '../context/global-context.js';
import { isPlainObject } from '../json/records.js';
import { GatechartError } from '../errors.js';
import type { CancelSignal } from '../time/cancellation.js';
import { requireJson } from '../json/json-data.js';
import { blockText, toolError, violationError } from './blocked-call.js';
import { copyData } from './data-copy.js';
import type { FailedCall, GuardingManager, OutcomeListener } from './guarded-call.js';
import { runGuarded } from './guarded-call.js';

/** The parameters of an MCP request, as an SDK client takes them. */
export type RequestParams = Readonly<Record<string, unknown>>;

/** A request that a guard is asked about. */
export interface GuardedRequest {
  readonly method: GuardedMethod;
  /** A copy. */
  readonly params: RequestParams;
}

/** Makes the context of one request. Called once a request, before anything else. */
export type ContextOfRequest = (request: GuardedRequest) => GlobalContext | Promise<GlobalContext>;

export interface MethodGuard {
  readonly manager: GuardingManager;
  readonly contextOf: ContextOfRequest;
  readonly blocks: 'answer' | 'throw';
  readonly onOutcome: OutcomeListener | undefined;
  readonly applyHeaders:
    | ((params: RequestParams, headers: Readonly<Record<string, string>>) => RequestParams)
    | undefined;
}

/** Sends a request on to the server. */
export type SendRequest = (params: RequestParams) => unknown;

type GuardMethod = (
  guard: MethodGuard,
  params: Record<string, unknown>,
  send: SendRequest,
  signal: CancelSignal | undefined,
) => Promise<unknown>;

const methods = {
  'tools/call': { fields: ['name', 'arguments', '_meta'], run: callTool },
  'prompts/get': { fields: ['name', 'arguments', '_meta'], run: getPrompt },
  'resources/read': { fields: ['uri', '_meta'], run: readResource },
} as const satisfies Record<string, { readonly fields: readonly string[]; readonly run: GuardMethod }>;

/** The MCP requests that have hooks. */
export type GuardedMethod = keyof typeof methods;

export function isGuardedMethod(method: unknown): method is GuardedMethod {
  return typeof method === 'string' && Object.hasOwn(methods, method);
}

/**
 * Runs one request between its hooks.
 *
 * @throws GatechartError PAYLOAD_INVALID for parameters with fields that no hook is shown, and for what JSON has no place
 * for: the server would get something else than what the hooks looked at
 */
export function guardRequest(
  guard: MethodGuard,
  method: GuardedMethod,
  params: unknown,
  send: SendRequest,
  signal: CancelSignal | undefined,
): Promise<unknown> {
  const { fields, run } = methods[method];
  const sendJson: SendRequest = (asked) => {
    requireJson(asked, `${method} params`);
    return send(asked);
  };
  return run(guard, checkedParams(method, params, fields), sendJson, signal);
}

async function callTool(
  guard: MethodGuard,
  params: Record<string, unknown>,
  send: SendRequest,
  signal: CancelSignal | undefined,
): Promise<unknown> {
  const method = 'tools/call';
  return runGuarded(guard.manager, {
    pre: 'tool_pre_invoke',
    payload: { name: textIn(params, 'name', method), ...argumentsIn(params, method, isPlainObject, 'an object') },
    context: await guard.contextOf({ method, params: copyData(params, method) }),
    signal,
    onOutcome: guard.onOutcome,
    run: ({ name, args, headers }) => send(withHeaders(guard, withArguments({ ...params, name }, args), headers)),
    post: 'tool_post_invoke',
    answered: ({ name }, result) => ({ name, result }),
    resultIn: ({ result }) => result,
    blocked: (hook, violation) => {
      if (guard.blocks === 'throw') throw violationError(hook, violation);
      return toolError(blockText(violation));
    },
    failed: failedRequest,
  });
}

async function getPrompt(
  guard: MethodGuard,
  params: Record<string, unknown>,
  send: SendRequest,
  signal: CancelSignal | undefined,
): Promise<unknown> {
  const method = 'prompts/get';
  return runGuarded(guard.manager, {
    pre: 'prompt_pre_fetch',
    payload: {
      promptId: textIn(params, 'name', method),
      ...argumentsIn(params, method, isTextRecord, 'an object of strings'),
    },
    context: await guard.contextOf({ method, params: copyData(params, method) }),
    signal,
    onOutcome: guard.onOutcome,
    run: ({ promptId, args }) => send(withArguments({ ...params, name: promptId }, args)),
    post: 'prompt_post_fetch',
    answered: ({ promptId }, result) => ({ promptId, result }),
    resultIn: ({ result }) => result,
    blocked: (hook, violation) => {
      throw violationError(hook, violation);
    },
    failed: () => undefined,
  });
}

async function readResource(
  guard: MethodGuard,
  params: Record<string, unknown>,
  send: SendRequest,
  signal: CancelSignal | undefined,
): Promise<unknown> {
  const method = 'resources/read';
  return runGuarded(guard.manager, {
    pre: 'resource_pre_fetch',
    payload: { uri: textIn(params, 'uri', method) },
    context: await guard.contextOf({ method, params: copyData(params, method) }),
    signal,
    onOutcome: guard.onOutcome,
    // What plugins note in the metadata is for the plugins behind them; MCP has no place for it.
    run: ({ uri }) => send({ ...params, uri }),
    post: 'resource_post_fetch',
    answered: ({ uri }, content) => ({ uri, content }),
    resultIn: ({ content }) => content,
    blocked: (hook, violation) => {
      throw violationError(hook, violation);
    },
    failed: () => undefined,
  });
}

function checkedParams(method: GuardedMethod, params: unknown, fields: readonly string[]): Record<string, unknown> {
  if (!isPlainObject(params)) throw payloadInvalid(method, `are ${describeValue(params)}, expected an object`);
  const copied = copyData(params, `what ${method} is given`);
  for (const key of Object.keys(copied)) {
    if (fields.includes(key)) continue;
    const meant = key === 'args' ? 'arguments' : suggestionFor(key, fields);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw payloadInvalid(method, `have a field ${key} that no plugin would see${hint}`);
  }
  requireJson(copied, `${method} params`);
  return copied;
}

function payloadInvalid(method: GuardedMethod, problem: string): GatechartError {
  const end = problem.endsWith('?') ? '' : '.';
  return new GatechartError('PAYLOAD_INVALID', `The parameters of ${method} ${problem}${end}`, {
    details: { method },
  });
}

function textIn(params: Record<string, unknown>, field: string, method: GuardedMethod): string {
  const value = params[field];
  if (typeof value === 'string') return value;
  throw payloadInvalid(method, `have ${typeof value} as ${field}, expected a string`);
}

function argumentsIn<Args>(
  { arguments: args }: Record<string, unknown>,
  method: GuardedMethod,
  fits: (args: unknown) => args is Args,
  expected: string,
): { args?: Args } {
  if (args === undefined) return {};
  if (fits(args)) return { args };
  throw payloadInvalid(method, `have arguments of another form than expected: ${expected}`);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function withArguments(
  params: Record<string, unknown>,
  args: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const { arguments: _before, ...rest } = params;
  return args === undefined ? rest : { ...rest, arguments: args };
}

function withHeaders(
  guard: MethodGuard,
  params: Record<string, unknown>,
  headers: Readonly<Record<string, string>> | undefined,
): RequestParams {
  if (headers === undefined || Object.keys(headers).length === 0) return params;
  if (guard.applyHeaders !== undefined) return guard.applyHeaders(params, headers);
  throw new GatechartError(
    'UNGUARDED',
    `A plugin asks for headers (${Object.keys(headers).join(', ')}) on the call of ${String(params['name'])}, and an MCP client has no place for them; ` +
      'give guardClient the option applyHeaders.',
  );
}

/** A JSON-RPC error has text and data of the server in it, which reach the agent as a result would. */
function failedRequest(error: unknown): FailedCall | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) return undefined;
  const { content, ...rest } = toolError(error.message);
  const data = 'data' in error && error.data !== undefined ? [{ type: 'text', text: JSON.stringify(error.data) }] : [];
  return { result: { content: [...content, ...data], ...rest }, changed: (result) => result };
}
