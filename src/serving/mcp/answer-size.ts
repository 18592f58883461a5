import type { JSONRPCMessage, JSONRPCResponse } from '@modelcontextprotocol/sdk/types.js';
import { GatechartError, messageOf } from '../../errors.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';

/** Bytes that the envelope of an answer over MCP has at most, beside the text in it and the id. */
const envelopeBytes = 256;

/** What JSON makes of one character at most: `\u0000`, in UTF-8. */
const mostBytesOfCharacter = 6;

/**
 * The text of a tool's answer, if it can be sent.
 *
 * @throws GatechartError MESSAGE_TOO_LARGE if the answer would be larger than clients read
 */
export function fitAnswer(text: string): string {
  // Measured only where it could be too large: it costs as much as writing it.
  if (text.length * mostBytesOfCharacter + envelopeBytes <= maxMessageBytes) return text;
  const bytes = Buffer.byteLength(JSON.stringify(text)) + envelopeBytes;
  if (bytes > maxMessageBytes) throw tooLarge(bytes);
  return text;
}

/** A message as JSON; an answer that cannot be sent becomes an error with its id. */
export function writeMessage(message: JSONRPCMessage): string {
  try {
    const text = JSON.stringify(message);
    if (text.length * 3 <= maxMessageBytes) return text;
    const bytes = Buffer.byteLength(text);
    if (bytes <= maxMessageBytes) return text;
    throw tooLarge(bytes);
  } catch (error) {
    if (!('id' in message) || message.id === undefined || 'method' in message) throw error;
    const failure: JSONRPCResponse = {
      jsonrpc: '2.0',
      id: message.id,
      error: { code: internalError, message: messageOf(error) },
    };
    return JSON.stringify(failure);
  }
}

const internalError = -32603;

function tooLarge(bytes: number): GatechartError {
  return new GatechartError(
    'MESSAGE_TOO_LARGE',
    `The answer has ${bytes} bytes, and at most ${maxMessageBytes} are possible`,
  );
}
