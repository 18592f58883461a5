import type { StateValue } from 'xstate';
import type { LoginContext } from '../../../machines/index.js';
import { GatechartError } from '../../errors.js';
import { problemOf } from './login-problem.js';

/** A person has to log in. The details say where, for clients that can show an address. */
export function loginNeeded(name: string, { address, lastError }: LoginContext): GatechartError {
  const command = `gatechart login ${name}`;
  const reason = lastError === undefined ? '' : ` (${problemOf(lastError)})`;
  const where = address === undefined ? '' : `open ${address} or `;
  return new GatechartError('LOGIN_NEEDED', `Server ${name} asks for a login${reason}: ${where}run '${command}'`, {
    details: { server: name, command, ...(address === undefined ? {} : { url: address }) },
  });
}

/** No login can be made. */
export function loginRefused(name: string, { lastError, settings }: LoginContext): GatechartError {
  const reason = problemOf(lastError);
  return new GatechartError(
    'SERVER_UNAVAILABLE',
    `Server ${name} asks for a login that cannot be made: ${reason}. It is tried again after ${settings.cooldownMs / 1000} s.`,
    { details: { server: name, reason, retryAfterMs: settings.cooldownMs } },
  );
}

export function loginClosed(name: string): GatechartError {
  return new GatechartError('CONNECTION_CLOSED', `The login of server ${name} was closed`, {
    details: { server: name },
  });
}

/** The state of a login in words; undefined while nobody has asked for one. */
export function loginStatus(name: string, value: StateValue, context: LoginContext): string | undefined {
  const state = typeof value === 'string' ? value : (Object.keys(value)[0] ?? '');
  switch (state) {
    case 'authorised':
    case 'refreshing':
    case 'reviewing': {
      const end = new Date(context.token?.expiresAt ?? Number.NaN);
      // Authorization servers may name a time that no date reaches.
      return Number.isNaN(end.getTime()) ? 'logged in' : `logged in; the token ends ${end.toISOString()}`;
    }
    case 'obtaining':
      return 'a token is being got with the credentials of the client';
    case 'loggingIn':
    case 'needed':
      return loginNeeded(name, context).message;
    case 'refused':
      return loginRefused(name, context).message;
    default:
      return undefined;
  }
}
