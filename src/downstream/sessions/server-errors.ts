import type { ConnectionStatus } from '../../connection/connection-api.js';
import { suggestionFor } from '../../config/suggestion.js';
import { GatechartError, isGatechartError, messageOf } from '../../errors.js';
import type { BrokenEntry } from '../server-entry.js';

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
  return new GatechartError('SERVER_UNAVAILABLE', `Server ${name} cannot be used: ${error}`, {
    details: { server: name, reason: error },
  });
}

/**
 * What a caller is told of what its connection said: a server that cannot be reached is unavailable, with the reason and
 * when it is tried next. All else is told as it is.
 */
export function serverError(name: string, error: unknown, status: ConnectionStatus): unknown {
  if (!isGatechartError(error)) return error;
  const login = loginIn(error);
  if (login !== undefined) return login;
  if (error.code !== 'CONNECTION_FAILED') return error;
  const reason = status.lastError === undefined ? error.message : messageOf(status.lastError);
  const waitsMs = timedStates.has(status.state) ? status.nextTimerInMs : undefined;
  return new GatechartError('SERVER_UNAVAILABLE', `Server ${name} is unavailable: ${ended(reason)} ${next(status)}`, {
    cause: error,
    details: { server: name, reason, ...(waitsMs === undefined ? {} : { nextTryInMs: Math.ceil(waitsMs) }) },
  });
}

/** The states of a connection whose timer says when the server is tried next. */
const timedStates: ReadonlySet<string> = new Set(['reconnecting.backingOff', 'failed.coolingDown']);

function next({ state, nextTimerInMs = 0 }: ConnectionStatus): string {
  switch (state) {
    case 'reconnecting.backingOff':
      return `It is tried again in ${shown(nextTimerInMs)}.`;
    case 'failed.coolingDown':
      return `The first call after ${shown(nextTimerInMs)} tries it again.`;
    case 'queued':
      return 'It waits for its turn: other servers are starting.';
    case 'connecting':
      return 'It is being tried still.';
    default:
      return 'The next call tries it again.';
  }
}

/** Something was to be subscribed to on sessions that last for one call each. */
export function nothingToListenTo(name: string): GatechartError {
  const why = 'its sessions last for one call each (`isolation: per-call`), so that nobody would hear of updates';
  return new GatechartError('CALL_REFUSED', `Nothing of server ${name} can be subscribed to: ${why}.`, {
    details: { server: name },
  });
}

/** What asks for a login, among what led to an error. */
export function loginIn(error: unknown): GatechartError | undefined {
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
