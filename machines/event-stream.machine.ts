import { assign, fromCallback, setup } from 'xstate';

/** How long it is until the stream is asked for again. */
export interface EventStreamSettings {
  /** Milliseconds before the second opening, where the server asks for nothing else; each next one waits twice as long. */
  readonly firstDelayMs: number;
  /** Milliseconds that no delay is longer than, what the server asks for with `retry` included. */
  readonly longestDelayMs: number;
  /** Milliseconds that a server may ask for with `Retry-After`. */
  readonly longestRetryAfterMs: number;
  /** Share of a delay that chance may add, from 0 to 1. */
  readonly jitter: number;
}

/** What an event stream starts with. */
export interface EventStreamInput {
  readonly settings: EventStreamSettings;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
  /** The injected randomness, in [0, 1). */
  readonly random: () => number;
}

/** What an event stream remembers. */
export interface EventStreamContext extends EventStreamInput {
  /** Openings since something was last heard on the stream. */
  readonly attempt: number;
  /** Whether the server has ever opened one. */
  readonly offered: boolean;
  readonly lastError: Error | undefined;
  /** Milliseconds that the server asks to be waited for, by the `retry` of its stream, and by the `Retry-After` of a refusal. */
  readonly retryMs: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Milliseconds the running timer was armed for, and when it is due; undefined where the state has none. */
  readonly delayMs: number;
  readonly dueAt: number | undefined;
}

/** What can happen to an event stream. */
export type EventStreamEvent =
  | { type: 'stream.opened' }
  /** A message came on it. */
  | { type: 'stream.heard' }
  | { type: 'stream.ended'; retryMs: number | undefined }
  | { type: 'stream.failed'; error: Error; retryMs: number | undefined }
  /** Answered with something that is no event stream. */
  | { type: 'stream.refused'; error: Error; status: number; retryAfterMs: number | undefined }
  /** The stream that came is one of another session. */
  | { type: 'session.lost'; error: Error }
  | { type: 'close' };

/**
 * The stream on which a server says things unasked. Servers need not offer it, and calls have their answers without it:
 * whatever becomes of it, it is asked for again, ever more slowly, and ends nothing but itself.
 */
export const eventStreamMachine = setup({
  types: { input: {} as EventStreamInput, context: {} as EventStreamContext, events: {} as EventStreamEvent },
  actors: {
    /** Asks for the stream and tells what comes of it; stopping it ends the stream. */
    carryStream: fromCallback<EventStreamEvent>(() => undefined),
  },
  actions: {
    countOpening: assign({ attempt: ({ context }) => context.attempt + 1, retryAfterMs: undefined }),
    forgetOpenings: assign({ attempt: 0, lastError: undefined }),
    noteOffer: assign({ offered: true }),
    recordError: assign({ lastError: ({ event }) => ('error' in event ? event.error : undefined) }),
    recordPace: assign({
      retryMs: ({ context, event }) => ('retryMs' in event ? event.retryMs : undefined) ?? context.retryMs,
      retryAfterMs: ({ event }) => ('retryAfterMs' in event ? event.retryAfterMs : undefined),
    }),
    armTimer: assign(({ context }) => {
      const delayMs = backoff(context);
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
      invoke: { src: 'carryStream' },
      on: {
        'stream.ended': { target: 'backingOff', actions: 'recordPace' },
        'stream.failed': { target: 'backingOff', actions: ['recordError', 'recordPace'] },
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

function backoff({ settings, attempt, random, retryMs, retryAfterMs = 0 }: EventStreamContext): number {
  const doubled = (retryMs ?? settings.firstDelayMs) * 2 ** (Math.max(attempt, 1) - 1);
  const delayMs = Math.min(doubled, settings.longestDelayMs) * (1 + settings.jitter * random());
  return Math.max(delayMs, Math.min(retryAfterMs, settings.longestRetryAfterMs));
}
