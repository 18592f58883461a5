import { assign, fromPromise, setup } from 'xstate';

/** What the reloads of a configuration remember. */
export interface ReloadContext {
  /** The reload that is at work; undefined while none is. */
  readonly current: number | undefined;
  /** Those that were asked for meanwhile, in that order. */
  readonly waiting: readonly number[];
  /** Why the current one failed. */
  readonly error: unknown;
}

/** What can happen to them. */
export type ReloadEvent = { type: 'reload'; request: number } | { type: 'close' };

/**
 * The changes of what runs under a configuration, one after the other. Until the new takes the place of the old, nothing that
 * runs is touched; each that was asked for is answered exactly once.
 */
export const reloadMachine = setup({
  types: { context: {} as ReloadContext, events: {} as ReloadEvent },
  actors: {
    /** Reads the configuration, checks it, and plans what is to change. */
    checkConfiguration: fromPromise<void, { request: number | undefined }>(() => Promise.resolve()),
    /** Starts what is new, and makes all ready that takes calls then. */
    startNew: fromPromise<void, { request: number | undefined }>(() => Promise.resolve()),
    /** Ends what was started. */
    stopStarted: fromPromise<void, { request: number | undefined }>(() => Promise.resolve()),
    /** Lets the calls end that what is old still has, and ends it. */
    retireOld: fromPromise<void, { request: number | undefined }>(() => Promise.resolve()),
  },
  actions: {
    enqueue: assign({
      waiting: ({ context, event }) => ('request' in event ? [...context.waiting, event.request] : context.waiting),
    }),
    takeNext: assign(({ context: { waiting } }) => ({
      current: waiting[0],
      waiting: waiting.slice(1),
      error: undefined,
    })),
    recordError: assign({ error: ({ event }) => ('error' in event ? event.error : undefined) }),
    finish: assign({ current: undefined }),
    /** Puts the new in the place of the old. */
    swap: () => {},
    /** Tells who asked what was done, or why nothing was. */
    tellDone: () => {},
    tellFailed: () => {},
    /** Tells all whose reloads are not done that the owner is closed. */
    tellClosed: () => {},
  },
  guards: { isAskedFor: ({ context }) => context.waiting.length > 0 },
}).createMachine({
  id: 'reload',
  context: { current: undefined, waiting: [], error: undefined },
  initial: 'idle',
  on: { reload: { actions: 'enqueue' }, close: '.closed' },
  states: {
    idle: {
      description: 'Nothing is to be changed.',
      entry: 'finish',
      always: { guard: 'isAskedFor', target: 'checking', actions: 'takeNext' },
    },
    checking: {
      description: 'The new configuration is being read, checked and compared with the one in force.',
      invoke: {
        src: 'checkConfiguration',
        input: ({ context }) => ({ request: context.current }),
        onDone: 'starting',
        onError: { target: 'idle', actions: ['recordError', 'tellFailed'] },
      },
    },
    starting: {
      description: 'What is new is starting; the old takes the calls.',
      invoke: {
        src: 'startNew',
        input: ({ context }) => ({ request: context.current }),
        onDone: { target: 'retiring', actions: 'swap' },
        onError: { target: 'undoing', actions: 'recordError' },
      },
    },
    undoing: {
      description: 'Something did not start: the old configuration stays, and what did start is being ended.',
      invoke: {
        src: 'stopStarted',
        input: ({ context }) => ({ request: context.current }),
        onDone: { target: 'idle', actions: 'tellFailed' },
      },
    },
    retiring: {
      description: 'The new configuration is in force. What is in it no more ends the calls that it has, and is ended.',
      invoke: {
        src: 'retireOld',
        input: ({ context }) => ({ request: context.current }),
        onDone: { target: 'idle', actions: 'tellDone' },
      },
    },
    closed: {
      description: 'The owner is closed, and nothing changes any more.',
      type: 'final',
      entry: 'tellClosed',
    },
  },
});
