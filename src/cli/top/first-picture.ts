import { GatechartError } from '../../errors.js';
import type { FeedMessage } from '../../inspect/live/feed/messages.js';
import type { Clock } from '../../time/clock.js';
import { within } from '../../time/within.js';
import { emptyPicture, type FeedPicture, withMessage } from './feed-picture.js';

/** Milliseconds within which a process has told all that it is. */
const wholeMs = 10_000;

/** Milliseconds that the rates of the first second are waited for. */
const ratesMs = 1_500;

/**
 * A process as it is now: all of its first snapshot, and the rates that come after it.
 *
 * @throws GatechartError LINK_LOST where it ends, or does not tell all, before that
 */
export async function firstPicture(messages: AsyncIterable<FeedMessage>, clock: Clock): Promise<FeedPicture> {
  const told = messages[Symbol.asyncIterator]();
  let picture = emptyPicture;
  let isWhole = false;
  const end = clock.now() + wholeMs;
  let ratesEnd = end;
  for (;;) {
    const one = await within(told.next(), (isWhole ? ratesEnd : end) - clock.now(), clock);
    if (one === undefined || one.value.done === true) {
      if (isWhole) return picture;
      const what =
        one === undefined ? `did not tell its state within ${wholeMs / 1000} s` : 'ended before it told its state';
      throw new GatechartError('LINK_LOST', `the process ${what}; try again`);
    }
    const message = one.value.value;
    picture = withMessage(picture, message);
    if (isWhole && (picture.eventsPerSecond !== undefined || message.type === 'bye')) return picture;
    if (message.type !== 'snapshot' || message.more) continue;
    isWhole = true;
    ratesEnd = clock.now() + ratesMs;
  }
}
