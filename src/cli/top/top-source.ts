import type { InvocationDetail } from '../../inspect/live/feed/feed-invocations.js';
import type { NextMessage } from '../../inspect/live/feed/feed-next.js';
import type { FeedMessage } from '../../inspect/live/feed/messages.js';

/** Where the screen gets from what it shows: the feed of a process, and answers to what is asked of one row. */
export interface TopSource {
  /** Ends when the process does; throws where it cannot be heard any more. */
  readonly messages: AsyncIterable<FeedMessage>;
  /** Undefined where there is no such actor. */
  next(actor: string): Promise<NextMessage | undefined>;
  /** Undefined where it is no longer held. */
  invocation(id: string): Promise<InvocationDetail | undefined>;
  close(): Promise<void>;
}
