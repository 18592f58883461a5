import { mediaType } from '../../../wire/media-type.js';
import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../../../json/records.js';
import { isIdOf, messagesIn } from '../../mcp/json-rpc.js';

const longestShown = 200;

/** What the official servers say, word for word, instead of 404: TypeScript examples, Python before 1.26. */
const sessionUnknown = 'Bad Request: No valid session ID provided';
/** What a server of the TypeScript SDK says that was started again and has no session yet. */
const serverFresh = 'Bad Request: Server not initialized';
const serverError = -32_000;
const methodNotFound = -32_601;

/**
 * Whether an answer to a request that carried a session id says that there is no such session, so that the request was not
 * executed: status 404, or exactly what the official servers say with status 400. An error with the id of the request is
 * the answer to it, whatever its words; so is, with 404 too, that its method is not known.
 */
export function isSessionUnknown(status: number, text: string, request: unknown): boolean {
  const [message] = messagesIn(text);
  const error = message !== undefined && isRecord(message.error) ? message.error : undefined;
  const isOurs = request !== undefined && message !== undefined && isIdOf(message.id, request);
  if (status === 404) return !(isOurs && error?.['code'] === methodNotFound);
  if (status !== 400) return false;
  if (error === undefined) return text.trim() === sessionUnknown;
  const says: unknown = error['message'];
  return !isOurs && error['code'] === serverError && (says === sessionUnknown || says === serverFresh);
}

/** An answer in words, with its first characters. */
export function describeAnswer(status: number, headers: IncomingHttpHeaders, text: string): string {
  const type = mediaType(headers['content-type']) || 'no content type';
  const start = text.trim().replaceAll(/\s+/g, ' ').slice(0, longestShown);
  return `answered ${status} ${STATUS_CODES[status] ?? ''} with ${type}${start === '' ? ' and no content' : `: ${start}`}`;
}

/** Milliseconds that a server asks to be left alone for, in seconds or as a date; undefined where it does not say so. */
export function retryAfterOf({ 'retry-after': value }: IncomingHttpHeaders): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
