import { feedVersion } from './feed-version.js';
import type { FeedMessage } from './messages.js';

const types: ReadonlySet<unknown> = new Set<FeedMessage['type']>([
  'hello',
  'snapshot',
  'delta',
  'sample',
  'gap',
  'gone',
  'bye',
]);

/** Whether something is a message of this version. What is in it is the host's word: it is of the same package, or another. */
export function isFeedMessage(message: unknown): message is FeedMessage {
  return (
    typeof message === 'object' &&
    message !== null &&
    'v' in message &&
    message.v === feedVersion &&
    'type' in message &&
    types.has(message.type)
  );
}
