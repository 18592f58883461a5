import { assign, fromCallback, setup } from 'xstate';
import {
  type EventStreamContext,
  type EventStreamEvent,
  type EventStreamInput,
  openingDelay,
} from './event-stream-context.js';

/**
 * The stream on which a server says things unasked. Servers need not offer it, and calls have their answers without it:
 * whatever becomes of it, it is asked for again, ever more slowly, and ends nothing but itself.
 */
export const eventStreamMachine = setup({
  types: { input: {} as EventStreamInput, context: {} as EventStreamContext, events: {} as EventStreamEvent },
  actors: {
    /** Asks for the stream behind an event, and tells what comes of it; stopping it ends the stream. */
    carryStream: fromCallback<EventStreamEvent, { lastEventId: string }>(() => undefined),
  },
  actions: {
    countOpening: assign({ attempt: ({ context }) => context.attempt + 1, retryAfterMs: undefined }),
    forgetOpenings: assign({ attempt: 0, lastError: undefined }),
    noteOffer: assign({ offered: true }),
    recordError: assign({ lastError: ({ event }) => ('error' in event ? event.error : undefined) }),
    recordPlace: assign(({ context, event }) =>
      'lastEventId' in event ? { lastEventId: event.lastEventId ?? context.lastEventId } : {},
    ),
    recordPace: assign({
      retryMs: ({ context, event }) => ('retryMs' in event ? event.retryMs : undefined) ?? context.retryMs,
      retryAfterMs: ({ event }) => ('retryAfterMs' in event ? event.retryAfterMs : undefined),
    }),
    armTimer: assign(({ context }) => {
      const delayMs = openingDelay(context);
      return { delayMs, dueAt: context.now() + delayMs };
    }),
    clearTimer: assign({ dueAt: undefined }),
    /** Tells the link that its session is gone. */
    reportLost: () => {},
  },
  guards: {
    /** It says so, or it has no such page and never had. */
    serverHasNone: ({ context, event }) =>
      'status' in event && (event.status === 405 || event.status === 501 || (event.status === 404 && !context.offered)),
    sessionUnknown: ({ event }) => 'status' in event && event.status === 404,
  },
  // `armTimer` has set how long: a backoff has chance in it, and must be told as it runs.
  delays: { backoff: ({ context }) => context.delayMs },
}).createMachine({
  id: 'eventStream',
  context: ({ input }) => ({
    ...input,
    attempt: 0,
    offered: false,
    lastError: undefined,
    lastEventId: '',
    retryMs: undefined,
    retryAfterMs: undefined,
    delayMs: 0,
    dueAt: undefined,
  }),
  initial: 'streaming',
  on: { close: '.closed' },
  states: {
    streaming: {
      description: 'One request for the stream is under way.',
      entry: 'countOpening',
      invoke: { src: 'carryStream', input: ({ context }) => ({ lastEventId: context.lastEventId }) },
      on: {
        'stream.ended': { target: 'backingOff', actions: ['recordPlace', 'recordPace'] },
        'stream.failed': { target: 'backingOff', actions: ['recordError', 'recordPlace', 'recordPace'] },
        'stream.refused': [
          { guard: 'serverHasNone', target: 'absent', actions: 'recordError' },
          { guard: 'sessionUnknown', target: 'lost', actions: 'recordError' },
          { target: 'backingOff', actions: ['recordError', 'recordPace'] },
        ],
        'session.lost': { target: 'lost', actions: 'recordError' },
      },
      initial: 'opening',
      states: {
        opening: {
          description: 'The server has not said yet whether it opens one; some wait until they have something to say.',
          on: { 'stream.opened': { target: 'quiet', actions: 'noteOffer' } },
        },
        quiet: {
          description: 'It is open, and nothing was said on it yet.',
          on: { 'stream.heard': { target: 'heard', actions: 'forgetOpenings' } },
        },
        heard: { description: 'It is open and of use; earlier openings are forgotten.' },
      },
    },
    backingOff: {
      description: 'It ended, or could not be opened; it is asked for again when the backoff is over.',
      entry: 'armTimer',
      exit: 'clearTimer',
      after: { backoff: 'streaming' },
    },
    absent: { description: 'The server has no such stream, and is not asked again.' },
    lost: {
      description: 'The server no longer knows our session. Calls under way may still be answered.',
      entry: 'reportLost',
    },
    closed: { description: 'The link ends, and the stream with it.', type: 'final' },
  },
});
