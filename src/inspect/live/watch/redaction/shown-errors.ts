import { isIP } from 'node:net';
import { isGatechartError, messageOf } from '../../../../errors.js';
import type { ErrorState } from '../../feed/feed-states.js';
import { shownText } from './shown-text.js';
import type { ValueView } from './value-view.js';

/** Errors whose words are ours alone, or those of the network: they quote neither payloads nor plugins. */
const ownWords: ReadonlySet<string> = new Set([
  'PLUGIN_TIMEOUT',
  'PLUGIN_RESULT_INVALID',
  'INVOCATION_CANCELLED',
  'PLUGIN_RETIRED',
  'MANAGER_CLOSED',
  'CONNECTION_CLOSED',
  'QUEUE_FULL',
  'CALL_TIMEOUT',
  'LOGIN_NEEDED',
]);

/**
 * What may be said of an error of a plugin. Its words may quote a payload, so that where those are hidden only its kind is
 * told, unless the words are ours.
 */
export function shownError(error: unknown, t: number, view: ValueView): ErrorState {
  const code = codeOf(error);
  const message = messageOf(error);
  if (view.isShown || ownWords.has(code)) return { code, message: withoutUrlSecrets(shownText(message)), t };
  const cause = linkCause(error);
  if (cause !== undefined) return { code, message: withoutUrlSecrets(shownText(cause)), t };
  const words = `${message.length} characters, ${view.fingerprints.of(message)}`;
  return { code, message: `${nameOf(error)}: its words are hidden (${words})`, t };
}

/** What may be said of an error of a connection: its words are those of transports and servers, without what they must not tell. */
export function connectionError(error: unknown, t: number, secrets: (text: string) => string): ErrorState {
  return { code: codeOf(error), message: withoutUrlSecrets(shownText(secrets(beginningOf(messageOf(error))))), t };
}

/** As much as is shown, and what of a secret may stand across its end. */
function beginningOf(text: string): string {
  return text.slice(0, 16 * 1024);
}

/** Whatever stands in a URL behind its path, or before its host, may be a key. */
export function withoutUrlSecrets(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"']*)[?#][^\s"']*/gi, '$1')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 …');
}

/** The words of the network, of what led to an error. */
function linkCause(error: unknown): string | undefined {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 8; one = one.cause, depth++) {
    if ('syscall' in one && 'errno' in one) return systemWords(one);
    if (isGatechartError(one) && ownWords.has(one.code)) return one.message;
  }
  return undefined;
}

/** What was tried, and at which address: paths and names of hosts may be of a payload. */
function systemWords(error: Error): string {
  const { syscall, code, address, port } = Object(error) as Readonly<Record<string, unknown>>;
  const words = [syscall, code].filter((word) => typeof word === 'string' && /^\w{1,40}$/.test(word));
  const at = typeof address === 'string' && isIP(address) > 0 ? address : undefined;
  if (at !== undefined) words.push(Number.isInteger(port) ? `${at}:${String(port)}` : at);
  return words.join(' ');
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : nameOf(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error && /^[\w$.]{1,64}$/.test(error.name) ? error.name : 'Error';
}
