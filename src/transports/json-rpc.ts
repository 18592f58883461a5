import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../context/plain-data.js';
import { excerpt } from '../observability/excerpt.js';
import { LinkError } from './transport.js';

/** A JSON-RPC message as it came off the wire: known to be an object that says it is JSON-RPC 2.0, nothing more. */
export interface WireMessage {
  readonly jsonrpc: '2.0';
  readonly id?: unknown;
  readonly method?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Cheap on purpose: the SDK checks what it handles itself, and an answer's content is its reader's to check. */
export function isWireMessage(value: unknown): value is WireMessage {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value && value.jsonrpc === '2.0';
}

/** What the SDK's client may be handed: it validates every message again before it acts on it. */
export function isSdkMessage(message: unknown): message is JSONRPCMessage {
  return isWireMessage(message) && (typeof message.method === 'string' || message.id !== undefined);
}

export function isAnswer(message: WireMessage): boolean {
  return message.method === undefined && message.id !== undefined;
}

/**
 * An answer to `initialize`, which has the id 0, that the SDK's client does not take for one: it drops what it cannot read
 * and would wait for ever.
 */
export function isBadInitializeAnswer(message: WireMessage): boolean {
  return message.id === 0 && isAnswer(message) && !isJSONRPCResultResponse(message) && !isJSONRPCErrorResponse(message);
}

export const badInitializeAnswer = 'answered initialize with what is neither a JSON-RPC result nor a JSON-RPC error';

/** Servers have no error code of their own for it: a lost session is told by its message alone. */
const sessionEnded = /\bsession\b[^.]{0,40}\bterminated\b/i;

/**
 * Servers that refuse a session with status 400 say it in more ways: `No valid session ID provided`, `Session not found`.
 * With any other status such words may be about a session of the user's, after the request was executed.
 */
const sessionUnknown =
  /\bsession\b[^.]{0,40}\b(terminated|expired|not found|unknown)\b|\b(unknown|invalid|no valid|no such) session\b/i;

function saysSessionEnded(message: string): boolean {
  return sessionEnded.test(message);
}

/** Whether an HTTP error says that the request was not executed because our session is unknown; `why` is what its body says. */
export function saysSessionUnknown(status: number, why: LinkError | undefined): boolean {
  if (status === 404 || why?.fate === 'sessionLost') return true;
  return status === 400 && why !== undefined && sessionUnknown.test(why.message);
}

/** Characters of a server's own words that go into a message. */
const longestShown = 2000;

/** The error of an answer that is not a result, as an answer: what it says is about the request, never about our link. */
export function refusalOfAnswer(message: WireMessage): LinkError {
  const { error, id: _id, jsonrpc: _version, ...rest } = message;
  if (!isRecord(error)) {
    const found = excerpt(JSON.stringify(error === undefined ? rest : { ...rest, error }), longestShown);
    return new LinkError('refused', `the server answered with neither a result object nor an error, but with ${found}`);
  }
  const text = typeof error.message === 'string' && error.message !== '' ? error.message : 'the server gave no message';
  return new LinkError('refused', excerpt(text, longestShown), {
    ...(typeof error.code === 'number' ? { rpcCode: error.code } : {}),
    rpcData: error.data,
  });
}

/** The same where there are sessions, which an answer may say we have lost. */
export function errorOfAnswer(message: WireMessage): LinkError {
  const refusal = refusalOfAnswer(message);
  if (!isRecord(message.error) || !saysSessionEnded(refusal.message)) return refusal;
  const { rpcCode, rpcData } = refusal;
  return new LinkError('sessionLost', refusal.message, { ...(rpcCode !== undefined && { rpcCode }), rpcData });
}
