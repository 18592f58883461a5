import { assign, fromPromise, setup } from 'xstate';

/** What a pooled manager starts with. */
export interface PooledManagerInput {
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What a pooled manager remembers. */
export interface PooledManagerContext extends PooledManagerInput {
  /** Milliseconds on the clock at which it is closed although it is in use; undefined while it serves. */
  readonly dueAt: number | undefined;
}

/** What can happen to a pooled manager. */
export type PooledManagerEvent = {
  type: 'retire';
  /** Milliseconds that what runs gets to finish. */
  drainMs: number;
};

/** A manager of a pool, from when it is built. It is closed exactly once, and not while it is in use if that ends in time. */
export const pooledManagerMachine = setup({
  types: {
    input: {} as PooledManagerInput,
    context: {} as PooledManagerContext,
    events: {} as PooledManagerEvent,
  },
  actors: {
    /** Done when nobody uses the manager. */
    awaitUnused: fromPromise<void>(() => Promise.resolve()),
    /** Closes the manager. */
    closeManager: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    /** Sets the end of the drain, which is never put off. */
    armTimer: assign({
      dueAt: ({ context, event }) =>
        Math.min(context.dueAt ?? Number.POSITIVE_INFINITY, context.now() + ('drainMs' in event ? event.drainMs : 0)),
    }),
    clearTimer: assign({ dueAt: undefined }),
    /** Tells that it is closed while it is in use. */
    reportBusy: () => {},
    /** Tells that it did not close as it should. */
    reportUnclean: () => {},
    /** Tells who waits for the end. */
    tellClosed: () => {},
  },
  delays: { drainPeriod: ({ context }) => Math.max(0, (context.dueAt ?? 0) - context.now()) },
}).createMachine({
  id: 'pooledManager',
  context: ({ input }) => ({ ...input, dueAt: undefined }),
  initial: 'serving',
  states: {
    serving: {
      description: 'Whoever asks for its key gets it.',
      on: { retire: { target: 'draining', actions: 'armTimer' } },
    },
    draining: {
      description: 'Nobody else gets it, and those who use it may go on until the drain period is over.',
      invoke: { src: 'awaitUnused', onDone: 'closing' },
      on: { retire: { target: 'draining', reenter: true, actions: 'armTimer' } },
      after: { drainPeriod: { target: 'closing', actions: 'reportBusy' } },
    },
    closing: {
      description: 'What still runs is cancelled, its plugins are shut down, and its connections are left.',
      entry: 'clearTimer',
      invoke: { src: 'closeManager', onDone: 'closed', onError: { target: 'closed', actions: 'reportUnclean' } },
    },
    closed: { description: 'Nothing of it is left.', type: 'final', entry: 'tellClosed' },
  },
});
