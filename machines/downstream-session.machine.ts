import { assign, fromPromise, setup } from 'xstate';

/** What a session with a server behind us starts with. */
export interface DownstreamSessionInput {
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What it remembers. */
export interface DownstreamSessionContext extends DownstreamSessionInput {
  /** Milliseconds on the clock at which it is closed although calls are on it; undefined while it serves. */
  readonly dueAt: number | undefined;
}

/** What can happen to it. */
export type DownstreamSessionEvent = {
  type: 'retire';
  /** Milliseconds that the calls on it get to finish. */
  drainMs: number;
};

/**
 * A session with a server behind us, from the first call that needs it. Its connection opens, sleeps and reopens meanwhile.
 * It is closed exactly once, and not under its calls if they end in time.
 */
export const downstreamSessionMachine = setup({
  types: {
    input: {} as DownstreamSessionInput,
    context: {} as DownstreamSessionContext,
    events: {} as DownstreamSessionEvent,
  },
  actors: {
    /** Done when no call is on it. */
    awaitCalls: fromPromise<void>(() => Promise.resolve()),
    /** Closes the connection; done when its processes and sockets are gone. */
    closeConnection: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    /** Sets the end of the drain, which is never put off. */
    armTimer: assign({
      dueAt: ({ context, event }) =>
        Math.min(context.dueAt ?? Number.POSITIVE_INFINITY, context.now() + ('drainMs' in event ? event.drainMs : 0)),
    }),
    clearTimer: assign({ dueAt: undefined }),
    /** Tells that it is closed under calls. */
    reportBusy: () => {},
    /** Tells who waits for the end. */
    tellClosed: () => {},
  },
  delays: { drainPeriod: ({ context }) => Math.max(0, (context.dueAt ?? 0) - context.now()) },
}).createMachine({
  id: 'downstreamSession',
  context: ({ input }) => ({ ...input, dueAt: undefined }),
  initial: 'serving',
  states: {
    serving: {
      description: 'It takes the calls of its key. Whether a link is open is a matter of its connection.',
      on: { retire: { target: 'draining', actions: 'armTimer' } },
    },
    draining: {
      description: 'It takes no new calls, and those that are on it may go on until the drain period is over.',
      invoke: { src: 'awaitCalls', onDone: 'closing' },
      on: { retire: { target: 'draining', reenter: true, actions: 'armTimer' } },
      after: { drainPeriod: { target: 'closing', actions: 'reportBusy' } },
    },
    closing: {
      description: 'What is still on it is cut off, and its connection is being closed.',
      entry: 'clearTimer',
      invoke: { src: 'closeConnection', onDone: 'closed' },
    },
    closed: { description: 'Nothing of it is left.', type: 'final', entry: 'tellClosed' },
  },
});
