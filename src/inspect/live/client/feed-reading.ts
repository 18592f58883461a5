import { EventStream } from '../../../transports/http/events/event-stream.js';
import { isRecord } from '../../../json/records.js';
import { type FeedMessage, feedVersion } from '../feed/messages.js';

/** How a feed ended. */
export interface FeedEnd {
  /** In words: what the process said, or what went wrong. */
  readonly why: string;
  /** All up to this event came; undefined where nothing did. */
  readonly last: number | undefined;
}

/** Bytes of one message: what is sent has 64 KB. */
const mostMessageBytes = 1024 * 1024;

/** Reads a feed to its end, message by message. Never rejects; what `onMessage` throws ends it. */
export async function readFeed(
  body: AsyncIterable<Uint8Array>,
  onMessage: (message: FeedMessage) => void,
): Promise<FeedEnd> {
  let why = 'the feed broke off';
  const take = (data: string): void => {
    const message = messageIn(data);
    if (message.type === 'bye') why = message.why;
    onMessage(message);
  };
  const stream = new EventStream({
    maxEventBytes: mostMessageBytes,
    // What the feed sends is no JSON-RPC; what is, is none of its messages.
    onStray: take,
    onMessages: () => {
      throw new Error(notUnderstood);
    },
    onTooLarge: () => {
      throw new Error(`it sends a message of more than ${mostMessageBytes} bytes`);
    },
  });
  try {
    for await (const chunk of body) if (!stream.push(Buffer.from(chunk))) break;
  } catch (error) {
    why = error instanceof Error ? reasonOf(error) : String(error);
  }
  const { lastEventId } = stream;
  return { why, last: lastEventId === undefined ? undefined : Number(lastEventId) };
}

const notUnderstood = `it says what version ${feedVersion} of the feed does not have`;

const types: ReadonlySet<string> = new Set<FeedMessage['type']>([
  'hello',
  'snapshot',
  'delta',
  'sample',
  'gap',
  'gone',
  'bye',
]);

/** @throws Error for what is none: a newer process may say what this one does not know */
function messageIn(data: string): FeedMessage {
  const message: unknown = JSON.parse(data);
  if (isFeedMessage(message)) return message;
  throw new Error(notUnderstood);
}

/** What is in a message is the host's word: it is of the same package, or of another version of the feed. */
function isFeedMessage(message: unknown): message is FeedMessage {
  return isRecord(message) && message['v'] === feedVersion && types.has(String(message['type']));
}

/** fetch says `terminated`, and what happened is the cause. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
