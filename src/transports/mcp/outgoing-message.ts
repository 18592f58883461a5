import { GatechartError } from '../../errors.js';
import { LinkError } from '../transport.js';
import type { McpRequest } from './mcp-messages.js';
import { sentParams } from './progress-token.js';

/** Bytes of UTF-8 that one character of a string can have. */
const mostBytesEach = 3;

export interface OutgoingLimits {
  /** Of the connection, for messages to people. */
  readonly name: string;
  readonly maxMessageBytes: number;
}

/** A request that writes its params itself. It asks for no progress. */
export interface SelfWritingRequest extends McpRequest {
  /** The params as `JSON.stringify` writes them. */
  paramsText(): string;
}

function isSelfWriting(request: McpRequest): request is SelfWritingRequest {
  return 'paramsText' in request && typeof request.paramsText === 'function';
}

/**
 * A request as it is sent.
 *
 * @throws LinkError `refused` with a cause MESSAGE_TOO_LARGE; what JSON.stringify throws
 */
export function outgoingText(id: number, request: McpRequest, limits: OutgoingLimits): string {
  const text = written(id, request, limits);
  if (text.length * mostBytesEach > limits.maxMessageBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.maxMessageBytes) throw tooLarge(bytes, limits);
  }
  return text;
}

function written(id: number, request: McpRequest, limits: OutgoingLimits): string {
  try {
    const { method } = request;
    const params = isSelfWriting(request) ? request.paramsText() : JSON.stringify(sentParams(request, id));
    const rest = params === undefined ? '' : `,"params":${params}`;
    return `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}${rest}}`;
  } catch (error) {
    // V8's answer to texts of more than half a gigabyte.
    if (error instanceof RangeError && /string length/i.test(error.message)) throw tooLarge(undefined, limits);
    throw error;
  }
}

function tooLarge(bytes: number | undefined, { name, maxMessageBytes: limit }: OutgoingLimits): LinkError {
  const found = bytes === undefined ? 'more bytes than a text can have' : `${bytes} bytes`;
  const message = `${name}: the request has ${found}, a message may have ${limit}; it was not sent`;
  const details = { connection: name, limit, ...(bytes !== undefined && { bytes }) };
  return new LinkError('refused', message, { cause: new GatechartError('MESSAGE_TOO_LARGE', message, { details }) });
}
