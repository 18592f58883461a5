import { suggestionFor } from '../config/suggestion.js';
import { GatechartError } from '../errors.js';
import { describeValue } from '../json/described-value.js';
import { excerpt } from '../json/excerpt.js';
import { requireJson } from '../json/json-data.js';
import { isPlainObject } from '../json/records.js';
import { copyData } from './data-copy.js';

/** The parameters of an MCP request, as an SDK client takes them. */
export type RequestParams = Readonly<Record<string, unknown>>;

/**
 * A copy of what a method is given.
 *
 * @param fields the parameters that hooks are shown, and `_meta`
 * @throws GatechartError PAYLOAD_INVALID for anything else than an object of JSON data with some of these fields
 */
export function checkedParams(method: string, params: unknown, fields: readonly string[]): RequestParams {
  if (!isPlainObject(params)) throw payloadInvalid(method, `are ${describeValue(params)}, expected an object`);
  const copied = copyData(params, `what ${method} is given`);
  checkFields(method, copied, fields);
  requireJson(copied, `${method} params`);
  return copied;
}

/** @throws GatechartError PAYLOAD_INVALID for a parameter that hooks are not shown */
export function checkFields(method: string, params: RequestParams, fields: readonly string[]): void {
  for (const key of Object.keys(params)) {
    if (fields.includes(key)) continue;
    const meant = key === 'args' ? 'arguments' : suggestionFor(key, fields);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    throw payloadInvalid(method, `have a field ${excerpt(key, longestKey)} that no plugin would see${hint}`);
  }
}

const longestKey = 100;

/** @throws GatechartError PAYLOAD_INVALID */
export function textIn(params: RequestParams, field: string, method: string): string {
  const value = params[field];
  if (typeof value === 'string') return value;
  throw payloadInvalid(method, `have ${typeof value} as ${field}, expected a string`);
}

/** @throws GatechartError PAYLOAD_INVALID */
export function argumentsIn<Args>(
  { arguments: args }: RequestParams,
  method: string,
  fits: (args: unknown) => args is Args,
  expected: string,
): { args?: Args } {
  if (args === undefined) return {};
  if (fits(args)) return { args };
  throw payloadInvalid(method, `have arguments of another form than expected: ${expected}`);
}

export function isTextRecord(value: unknown): value is Record<string, string> {
  return isPlainObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

export function withArguments(params: RequestParams, args: Record<string, unknown> | undefined): RequestParams {
  const { arguments: _before, ...rest } = params;
  return args === undefined ? rest : { ...rest, arguments: args };
}

function payloadInvalid(method: string, problem: string): GatechartError {
  const end = problem.endsWith('?') ? '' : '.';
  return new GatechartError('PAYLOAD_INVALID', `The parameters of ${method} ${problem}${end}`, {
    details: { method },
  });
}
