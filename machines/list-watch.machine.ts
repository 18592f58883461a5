import { fromCallback, setup } from 'xstate';

/** How long changes of lists count as one. */
export interface ListWatchInput {
  /** Milliseconds. */
  readonly settleMs: number;
}

/** What can happen to the watch over the lists of one client. */
export type ListWatchEvent =
  /** Something may be offered otherwise than before. */
  | { type: 'offers.changed' }
  /** The lists have been looked at, and the client was told of those that are others. */
  | { type: 'lists.lookedAt' }
  | { type: 'close' };

/**
 * The watch over what one client was shown. It is told that a list has changed once for several changes, and only if the
 * list is another one for it. Each client has its own: none waits for the servers of another.
 */
export const listWatchMachine = setup({
  types: { input: {} as ListWatchInput, context: {} as ListWatchInput, events: {} as ListWatchEvent },
  actors: {
    /** Looks at the lists again, and tells the client; sends `lists.lookedAt` at the end, whatever comes of it. */
    lookAtLists: fromCallback<ListWatchEvent>(() => undefined),
  },
  delays: { settling: ({ context }) => context.settleMs },
}).createMachine({
  id: 'listWatch',
  context: ({ input }) => input,
  initial: 'watching',
  on: { close: '.closed' },
  states: {
    watching: {
      description: 'The client has been told of all that has changed.',
      on: { 'offers.changed': 'settling' },
    },
    settling: {
      description: 'Something has changed, and more may be about to.',
      after: { settling: 'looking' },
    },
    looking: {
      description: 'The lists that the client was shown are being looked at. A server may take its time.',
      invoke: { src: 'lookAtLists' },
      initial: 'current',
      states: {
        current: {
          description: 'Nothing has changed since the look began.',
          on: { 'lists.lookedAt': '#listWatch.watching', 'offers.changed': 'outdated' },
        },
        outdated: {
          description: 'Something has changed since, so that there will be another look.',
          on: { 'lists.lookedAt': '#listWatch.settling' },
        },
      },
    },
    closed: { description: 'The client has left, or nobody is told anything any more.', type: 'final' },
  },
});
