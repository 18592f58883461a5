import { suggestionFor } from '../config/suggestion.js';
import type { GlobalContext, UserContext } from '../context/global-context.js';
import { GlobalContextView } from '../invocation/global-context-view.js';
import { describeValue } from '../json/described-value.js';
import { isPlainObject } from '../json/records.js';

type Kind = 'text' | 'texts' | 'flag' | 'record' | 'textOrRecord' | 'user';

const expected: Readonly<Record<Kind, string>> = {
  text: 'a string',
  texts: 'a list of strings',
  flag: 'true or false',
  record: 'a plain object',
  textOrRecord: 'a string or a plain object',
  user: 'a plain object',
};

const globalFields: Readonly<Record<keyof GlobalContext, Kind>> = {
  requestId: 'text',
  user: 'textOrRecord',
  userContext: 'user',
  tenantId: 'text',
  serverId: 'text',
  contentType: 'text',
  state: 'record',
  metadata: 'record',
};

const userFields: Readonly<Record<keyof UserContext, Kind>> = {
  userId: 'text',
  email: 'text',
  fullName: 'text',
  isAdmin: 'flag',
  groups: 'texts',
  roles: 'texts',
  teamId: 'text',
  teams: 'texts',
  department: 'text',
  attributes: 'record',
  authMethod: 'text',
  authenticatedAt: 'text',
  serviceAccount: 'text',
  delegationChain: 'texts',
};

const namedFields: Readonly<Record<'state' | 'metadata', Kind>> = { state: 'record', metadata: 'record' };

/** Words that others use. */
const synonyms: Readonly<Record<string, string>> = {
  tenant: 'tenantId',
  server: 'serverId',
  userid: 'user',
  username: 'user',
  principal: 'user',
  id: 'requestId',
  traceid: 'requestId',
  correlationid: 'requestId',
  mimetype: 'contentType',
};

/** What is wrong with a context, in words that name the field; undefined where nothing is. `path` leads to it. */
export function contextProblem(context: unknown, path: string): string | undefined {
  if (typeof context !== 'object' || context === null) return noRequestId(context);
  const problem = problemOf(context, globalFields, path);
  if (problem !== undefined) return problem;
  const { requestId }: { requestId?: unknown } = context;
  return typeof requestId === 'string' ? undefined : noRequestId(requestId);
}

/** The same for the context of a call by name. */
export function namedContextProblem(context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null) return noRequestId(undefined);
  if (!isPlainObject(context)) return found('', context, 'a plain object with a globalContext');
  for (const key of Object.keys(context)) {
    if (key === 'globalContext' || context[key] === undefined) continue;
    const problem = fieldProblem(key, context[key], namedFields, '', ['globalContext', 'state', 'metadata']);
    if (problem !== undefined) return problem;
  }
  return contextProblem(context['globalContext'], 'globalContext');
}

function noRequestId(found: unknown): string {
  return `has no requestId: found ${found === null ? 'null' : typeof found}, expected a string`;
}

function problemOf(record: unknown, fields: Readonly<Record<string, Kind>>, path: string): string | undefined {
  if (!isPlainObject(record)) {
    // A plugin may invoke a hook with what it was given.
    return record instanceof GlobalContextView ? undefined : found(path, record, 'a plain object');
  }
  // Not `Object.keys`, which costs as much as all the rest.
  for (const key in record) {
    const value = record[key];
    const kind = value === undefined || !Object.hasOwn(record, key) ? 'absent' : fields[key];
    if (kind === 'absent' || (kind === 'text' && typeof value === 'string')) continue;
    const problem = fieldProblem(key, value, fields, path);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function fieldProblem(
  key: string,
  value: unknown,
  fields: Readonly<Record<string, Kind>>,
  path: string,
  known?: readonly string[],
): string | undefined {
  const kind = Object.hasOwn(fields, key) ? fields[key] : undefined;
  const at = path === '' ? key : `${path}.${key}`;
  if (kind === undefined) return unknownField(key, at, known ?? Object.keys(fields));
  // Both are asked for by name.
  if (key === 'requestId' || (value === null && key !== 'userId')) return undefined;
  if (kind === 'user' && isPlainObject(value)) {
    const { userId } = value;
    return (
      problemOf(value, userFields, at) ?? (userId === undefined ? found(`${at}.userId`, userId, 'a string') : undefined)
    );
  }
  return is(kind, value) ? undefined : found(at, value, expected[kind]);
}

function is(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return Array.isArray(value) && value.every((element) => typeof element === 'string');
    case 'flag':
      return typeof value === 'boolean';
    case 'textOrRecord':
      return typeof value === 'string' || isPlainObject(value);
    default:
      return isPlainObject(value);
  }
}

function found(path: string, value: unknown, what: string): string {
  return `${path === '' ? '' : `${path}: `}found ${describeValue(value)}, expected ${what}`;
}

function unknownField(key: string, at: string, known: readonly string[]): string {
  const meant = suggestionFor(key, known) ?? synonyms[key.toLowerCase().replaceAll(/[^a-z]/g, '')];
  const hint = meant !== undefined && known.includes(meant) ? `; did you mean \`${meant}\`?` : undefined;
  return `${at.slice(0, 100).toWellFormed()}: unknown field${hint ?? `, expected ${known.join(', ')}`}`;
}
