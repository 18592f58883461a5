import { GatechartError, messageOf } from '../../../errors.js';
import { EventStream } from '../../../transports/http/events/event-stream.js';
import { isFeedMessage } from '../feed/feed-message-check.js';
import { feedVersion } from '../feed/feed-version.js';
import { type FeedMessage } from '../feed/messages.js';

/** Bytes of one message: what is sent has 64 KB. */
const mostMessageBytes = 1024 * 1024;

/**
 * The messages of a feed, as they come. Ends behind the last one, with which the process says that it ends.
 *
 * @param passed told how far all has come: what to name to go on there
 * @throws GatechartError SERVER_UNAVAILABLE where the feed breaks off, PROTOCOL_ERROR where it says what is not understood
 */
export async function* feedMessages(
  body: AsyncIterable<Uint8Array>,
  passed: (seq: number) => void,
): AsyncGenerator<FeedMessage, void> {
  const came: FeedMessage[] = [];
  const stream = new EventStream({
    maxEventBytes: mostMessageBytes,
    // What the feed sends is no JSON-RPC; what is, is none of its messages.
    onStray: (data) => void came.push(messageIn(data)),
    onMessages: () => {
      throw notUnderstood();
    },
    onTooLarge: () => {
      throw new GatechartError(
        'PROTOCOL_ERROR',
        `The inspected process sends more than ${mostMessageBytes} bytes at once.`,
      );
    },
  });
  for await (const chunk of read(body)) {
    const isReadable = stream.push(Buffer.from(chunk));
    if (stream.lastEventId !== undefined) passed(Number(stream.lastEventId));
    for (const message of came.splice(0)) {
      yield message;
      if (message.type === 'bye') return;
    }
    if (!isReadable) break;
  }
  throw brokenOff('it has ended, and did not say why');
}

async function* read(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } catch (error) {
    // fetch says `terminated`, and what happened is the cause.
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
    throw brokenOff(reason, error);
  }
}

function brokenOff(reason: string, cause?: unknown): GatechartError {
  const message = `The feed of the inspected process broke off: ${reason}. Have the process print another address.`;
  return new GatechartError('SERVER_UNAVAILABLE', message, { cause });
}

function notUnderstood(): GatechartError {
  const message = `The inspected process says what version ${feedVersion} of the feed does not have; use the gatechart that it runs.`;
  return new GatechartError('PROTOCOL_ERROR', message);
}

function messageIn(data: string): FeedMessage {
  const message = json(data);
  if (isFeedMessage(message)) return message;
  throw notUnderstood();
}

function json(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
