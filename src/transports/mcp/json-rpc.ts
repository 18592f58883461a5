import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../json/records.js';
import { excerpt } from '../../json/excerpt.js';
import { LinkError } from '../transport.js';

/** The codes of JSON-RPC for what cannot be read, for what can be and is no request, and for requests that are not answered. */
export const [parseError, invalidRequest, methodNotFound, invalidParams, internalError] = [
  -32_700, -32_600, -32_601, -32_602, -32_603,
];

/** A JSON-RPC message as it came off the wire: known to be an object that says it is JSON-RPC 2.0, nothing more. */
export interface WireMessage {
  readonly jsonrpc: '2.0';
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Cheap on purpose: the SDK checks what it handles itself, and an answer's content is its reader's to check. */
export function isWireMessage(value: unknown): value is WireMessage {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value && value.jsonrpc === '2.0';
}

/** The JSON-RPC messages in a text, alone or in an array; none where it is something else. */
export function messagesIn(text: string): readonly WireMessage[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isWireMessage(parsed)) return [parsed];
    return (Array.isArray(parsed) ? parsed : [parsed]).filter(isWireMessage);
  } catch {
    return [];
  }
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

/** An error as an answer, also with the id `null` or without one, which servers give that could not read the request. */
export function isErrorAnswer(message: WireMessage): boolean {
  return message.method === undefined && isRecord(message.error);
}

/** Whether an answer names a request by its id. Some servers give back a number as text. */
export function isIdOf(id: unknown, request: unknown): boolean {
  return id === request || (typeof id === 'string' && typeof request === 'number' && id === String(request));
}

/** Characters of a server's own words that go into a message. */
const longestShown = 2000;

/**
 * The error of an answer that is not a result. Whatever its words, also about sessions, they are about what was asked: that
 * our own session is gone is said by the transport, and never by an answer.
 */
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
