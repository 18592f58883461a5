import { suggestionFor } from '../../config/suggestion.js';
import { GatechartError, isGatechartError, messageOf } from '../../errors.js';
import type { BrokenEntry, ServerEntry } from '../server-entry.js';
import { withoutSecrets } from './secret-texts.js';

/** How far down an error is looked for what led to it. */
const deepest = 8;

/** No server has the name. */
export function serverNotFound(name: string, names: readonly string[]): GatechartError {
  const meant = suggestionFor(name, names);
  const hint = meant !== undefined ? `; did you mean '${meant}'?` : `${names.length === 0 ? '; there are none' : ''}.`;
  return new GatechartError('SERVER_NOT_FOUND', `No server is called '${name}'${hint}`, { details: { server: name } });
}

/** The entry of the server cannot be used. */
export function serverUnusable({ name, error }: BrokenEntry): GatechartError {
  return new GatechartError('SERVER_UNAVAILABLE', `${unusable(name)}${error}`, {
    details: { server: name, reason: error },
  });
}

/** Where the connection of a call is that came to no good. */
export interface Whereabouts {
  readonly state: string;
  readonly lastError: Error | undefined;
  /** Milliseconds until the server may be tried again; undefined where that is not a matter of time. */
  readonly nextTryInMs: number | undefined;
}

/**
 * What a caller is told of what its connection said: a server that cannot be reached is unavailable, with the reason and
 * when it is tried next. All else is told as it is, but for the secrets that the server was given.
 */
export function serverError(entry: ServerEntry, error: unknown, whereabouts: Whereabouts): unknown {
  if (!isGatechartError(error)) return error;
  const login = loginIn(error);
  if (login !== undefined) return login;
  if (error.code !== 'CONNECTION_FAILED') return withoutSecretsOf(entry, error);
  const { name } = entry;
  const { lastError, nextTryInMs } = whereabouts;
  const reason = withoutSecrets(messageOf(lastError ?? error), entry);
  const message = `${unavailable(name)}${ended(withoutName(reason, name))} ${next(whereabouts)}`;
  return new GatechartError('SERVER_UNAVAILABLE', message, {
    cause: error,
    details: { server: name, reason, ...(nextTryInMs === undefined ? {} : { nextTryInMs: Math.ceil(nextTryInMs) }) },
  });
}

/** A message about a server, for a sentence that has said which server it is. */
export function withoutServer(message: string, name: string): string {
  const lead = [unavailable(name), unusable(name)].find((one) => message.startsWith(one)) ?? '';
  return message.slice(lead.length);
}

function unavailable(name: string): string {
  return `Server ${name} is unavailable: `;
}

function unusable(name: string): string {
  return `Server ${name} cannot be used: `;
}

/** The words of a connection or its transport, which begin with its name. */
function withoutName(reason: string, name: string): string {
  if (reason.startsWith(`${name}: `)) return reason.slice(name.length + 2);
  return reason.startsWith(`${name} `) ? `it${reason.slice(name.length)}` : reason;
}

function next({ state, nextTryInMs }: Whereabouts): string {
  if (state === 'queued') return 'It waits for its turn: other servers are starting.';
  if (state === 'connecting') return 'It is being tried still.';
  if (nextTryInMs === undefined) return 'The next call tries it again.';
  const when = shown(nextTryInMs);
  return state.startsWith('failed') ? `The first call after ${when} tries it again.` : `It is tried again in ${when}.`;
}

/** The last lines that a server printed are in messages, and it prints what it was given. */
function withoutSecretsOf(entry: ServerEntry, error: GatechartError): GatechartError {
  const message = withoutSecrets(error.message, entry);
  if (message === error.message) return error;
  return new GatechartError(error.code, message, { cause: error.cause, details: { ...error.details } });
}

/** Something was to be subscribed to on sessions that last for one call each. */
export function nothingToListenTo(name: string): GatechartError {
  const why = 'its sessions last for one call each (`isolation: per-call`), so that nobody would hear of updates';
  return new GatechartError('CALL_REFUSED', `Nothing of server ${name} can be subscribed to: ${why}.`, {
    details: { server: name },
  });
}

/** What asks for a login, among what led to an error. */
function loginIn(error: unknown): GatechartError | undefined {
  let one = error;
  for (let depth = 0; depth < deepest && one instanceof Error; depth++, one = one.cause) {
    if (isGatechartError(one) && one.code === 'LOGIN_NEEDED') return one;
  }
  return undefined;
}

function shown(ms: number): string {
  return ms < 1_000 ? `${Math.ceil(ms)} ms` : `${Math.ceil(ms / 100) / 10} s`;
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
