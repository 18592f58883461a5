import { assign, fromCallback, fromPromise, setup } from 'xstate';

/** What a plugin starts with. */
export interface PluginInput {
  /**
   * Whether its code runs in this process. Elsewhere, the call that asks its server for its configuration has the start
   * time-out, and can say what the connection is at.
   */
  readonly runsHere: boolean;
  /** Milliseconds it may take to start. */
  readonly startTimeoutMs: number;
  /** Milliseconds it may take to shut down. */
  readonly shutdownTimeoutMs: number;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What a plugin remembers. */
export interface PluginContext extends PluginInput {
  /** Why it failed. */
  readonly error: Error | undefined;
  /** Milliseconds on the clock at which the running timer is due; undefined where the state has none. */
  readonly dueAt: number | undefined;
}

/** What can happen to a plugin. */
export type PluginEvent =
  | { type: 'plugin.loaded' }
  /** Its server says that it does not run; nothing is left open. */
  | { type: 'plugin.disabled' }
  | { type: 'plugin.failed'; error: Error }
  | { type: 'close' };

/**
 * A plugin of a configuration, in this process or elsewhere. Whatever has been loaded is shut down exactly once, also where
 * it comes too late.
 */
export const pluginMachine = setup({
  types: { input: {} as PluginInput, context: {} as PluginContext, events: {} as PluginEvent },
  actors: {
    /** Loads, constructs and initialises it, or asks its server; tells what came of it. It cannot be stopped. */
    loadPlugin: fromCallback<PluginEvent>(() => undefined),
    /** Runs its own shutdown, and ends its connection. */
    shutDownPlugin: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    recordError: assign({ error: ({ event }) => ('error' in event ? event.error : undefined) }),
    armTimer: assign(({ context }, { ms }: { ms: 'startTimeoutMs' | 'shutdownTimeoutMs' }) => ({
      dueAt: context.now() + context[ms],
    })),
    clearTimer: assign({ dueAt: undefined }),
    /** Tells who waits for the start that it takes calls, that it failed, or that it takes too long. */
    tellStarted: () => {},
    tellFailed: () => {},
    tellLate: () => {},
    /** Tells the same one that it is not wanted any more, and stops what of the loading can be stopped. */
    giveUpLoading: () => {},
    /** Tells who waits for the end that nothing is left, or that nobody can do more about it. */
    tellEnded: () => {},
    /** Tells that it did not stop loading, did not shut down in time, did not shut down as it should. */
    reportLoading: () => {},
    reportHanging: () => {},
    reportUnclean: () => {},
  },
  guards: { runsHere: ({ context }) => context.runsHere },
  delays: {
    startTimeout: ({ context }) => context.startTimeoutMs,
    shutdownTimeout: ({ context }) => context.shutdownTimeoutMs,
  },
}).createMachine({
  id: 'plugin',
  context: ({ input }) => ({ ...input, error: undefined, dueAt: undefined }),
  initial: 'loading',
  states: {
    loading: {
      description: 'Its code is being loaded and initialised, or its server asked for its configuration.',
      invoke: { src: 'loadPlugin' },
      on: { 'plugin.failed': { target: 'failed', actions: 'recordError' }, 'plugin.disabled': 'stopped' },
      initial: 'awaited',
      states: {
        awaited: {
          description: 'Somebody waits for it to start.',
          entry: { type: 'armTimer', params: { ms: 'startTimeoutMs' } },
          exit: 'clearTimer',
          on: { 'plugin.loaded': '#plugin.running', close: 'unwanted' },
          after: { startTimeout: { guard: 'runsHere', target: 'abandoned', actions: 'tellLate' } },
        },
        unwanted: {
          description:
            'It was closed meanwhile: what can be stopped is, and if it starts all the same, it is shut down.',
          entry: ['giveUpLoading', { type: 'armTimer', params: { ms: 'shutdownTimeoutMs' } }],
          exit: 'clearTimer',
          on: { 'plugin.loaded': '#plugin.draining' },
          after: { shutdownTimeout: { target: 'abandoned', actions: 'reportLoading' } },
        },
        abandoned: {
          description: 'Nobody waits for it any more. If it starts after all, it is shut down.',
          entry: 'tellEnded',
          on: { 'plugin.loaded': '#plugin.draining' },
        },
      },
    },
    running: {
      description: 'It takes calls.',
      entry: 'tellStarted',
      on: { close: 'draining' },
    },
    draining: {
      description: 'It gets no more calls, and has as long as the shutdown time-out to end what it holds.',
      entry: { type: 'armTimer', params: { ms: 'shutdownTimeoutMs' } },
      exit: 'clearTimer',
      invoke: { src: 'shutDownPlugin', onDone: 'stopped', onError: { target: 'stopped', actions: 'reportUnclean' } },
      after: { shutdownTimeout: { target: 'stopped', actions: 'reportHanging' } },
    },
    stopped: { description: 'Nothing more is asked of it.', type: 'final', entry: 'tellEnded' },
    failed: {
      description: 'It could not be loaded, and nothing of it is left.',
      type: 'final',
      entry: ['tellFailed', 'tellEnded'],
    },
  },
});
