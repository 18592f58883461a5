import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../context/plain-data.js';
import { errorOfAnswer, isWireMessage } from './json-rpc.js';
import type { LinkError } from './transport.js';

const longestShown = 200;

export function mediaType(headers: IncomingHttpHeaders): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The JSON-RPC error that a body holds, if it is one. */
export function errorIn(text: string): LinkError | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isWireMessage(parsed) && isRecord(parsed.error) ? errorOfAnswer(parsed) : undefined;
  } catch {
    return undefined;
  }
}

/** An answer in words, with its first characters. */
export function describeAnswer(status: number, headers: IncomingHttpHeaders, text: string): string {
  const type = mediaType(headers) || 'no content type';
  const start = text.trim().replaceAll(/\s+/g, ' ').slice(0, longestShown);
  return `answered ${status} ${STATUS_CODES[status] ?? ''} with ${type}${start === '' ? ' and no content' : `: ${start}`}`;
}
