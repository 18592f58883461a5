import { assign, fromCallback, fromPromise, setup } from 'xstate';
import {
  type PluginContext,
  type PluginEvent,
  type PluginInput,
  type PluginTimer,
  pluginTimerMs,
} from './plugin-context.js';

/** What the states of a plugin are made of: its actors, actions, guards and delays, by name. */
export const pluginSetup = setup({
  types: { input: {} as PluginInput, context: {} as PluginContext, events: {} as PluginEvent },
  actors: {
    /** Loads, constructs and initialises it, or asks its server; tells what came of it. It cannot be stopped. */
    loadPlugin: fromCallback<PluginEvent>(() => undefined),
    /** Done when the retry delay is over. Nobody waits for that, so that it must not keep a process from its end. */
    awaitRetry: fromPromise<void>(() => Promise.resolve()),
    /** Done when the calls that began before it left the chains have ended. */
    awaitCalls: fromPromise<void>(() => Promise.resolve()),
    /** Runs its own shutdown, and ends its connection. */
    shutDownPlugin: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    recordError: assign({ error: ({ event }) => ('error' in event ? event.error : undefined) }),
    forgetError: assign({ error: undefined }),
    armTimer: assign(({ context }, { timer }: { timer: PluginTimer }) => ({
      dueAt: context.now() + pluginTimerMs(context, timer),
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
    /** Counts it among those that chains have to ask, and no more. */
    closeGate: () => {},
    openGate: () => {},
    /** Tells that it takes part in no chain, and that it does again. */
    reportDisabled: () => {},
    reportEnabled: () => {},
    /** Cancels the calls that still need it, and aborts what it does in the background. */
    cancelCalls: () => {},
    /** Tells that calls did not end in time, that it did not stop loading, did not shut down in time or as it should. */
    reportBusy: () => {},
    reportLoading: () => {},
    reportHanging: () => {},
    reportUnclean: () => {},
  },
  guards: {
    runsHere: ({ context }) => context.runsHere,
    isRetried: ({ context }) => context.retryAfterMs() !== undefined,
  },
  delays: {
    startTimeout: ({ context }) => pluginTimerMs(context, 'startTimeout'),
    shutdownTimeout: ({ context }) => pluginTimerMs(context, 'shutdownTimeout'),
  },
});
