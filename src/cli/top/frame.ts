import type { InvocationDetail } from '../../inspect/live/feed/feed-invocations.js';
import type { NextMessage } from '../../inspect/live/feed/feed-next.js';
import type { FeedPicture } from './feed-picture.js';
import type { Look } from './look.js';
import type { Rows } from './rows.js';
import type { View } from './view.js';

/** All that a screen is made of. */
export interface Frame {
  readonly picture: FeedPicture;
  readonly view: View;
  readonly rows: Rows;
  readonly columns: number;
  readonly height: number;
  readonly look: Look;
  /** Milliseconds since the epoch of the host; stands still where nothing is heard. */
  readonly now: number;
  /** Milliseconds since anything was heard. */
  readonly silentMs: number;
  /** Minutes that the clock on the wall is ahead of UTC. */
  readonly utcOffset: number;
  /** What was asked for the chosen row, if it has been answered. */
  readonly next: NextMessage | undefined;
  readonly invocation: InvocationDetail | undefined;
}

/** A feed that is silent for so long is said to be: nothing tells from afar a quiet process from one that is gone. */
export const silenceMs = 8_000;
