import type { ActorState } from '../../feed/feed-states.js';
import { meaningOf } from '../parts/meaning.js';
import { counted } from '../parts/time-format.js';
import type { Order } from '../parts/control-order.js';

/** What a person may tell a connection to do as it stands; nothing where it would do nothing. */
export function connectionOrders(actor: ActorState): readonly Order[] {
  const { id, name, at, waiting = 0, inFlight = 0 } = actor;
  if (at.startsWith('clos') || actor.ended !== undefined) return [];
  const meaning = meaningOf(at);
  const waits =
    waiting === 0
      ? 'No call waits for it.'
      : `${counted(waiting, 'call')} ${waiting === 1 ? 'goes' : 'go'} with it if it succeeds.`;
  const retry: Order = {
    label: 'Try now',
    title: `Try ${name} now?`,
    consequence: `A link is opened at once, instead of when the timer ends. ${waits}`,
    grave: false,
    request: { do: 'retry', actor: id, expect: at },
  };
  const refused =
    waiting + inFlight === 0
      ? 'No call is under way.'
      : `${counted(waiting + inFlight, 'call')} ${waiting + inFlight === 1 ? 'is' : 'are'} refused or cut off.`;
  const close: Order = {
    label: 'Close',
    title: `Close ${name}?`,
    consequence: `${refused} Nothing opens it again until a reload.`,
    grave: true,
    request: { do: 'close', actor: id, expect: at },
  };
  const mayRetry = at === 'reconnecting.backingOff' || (meaning === 'failed' && !at.endsWith('releasing'));
  return mayRetry ? [retry, close] : [close];
}
