import { disabled } from './plugin-disabled.js';
import { pluginSetup } from './plugin-setup.js';

/**
 * A plugin of a configuration, in this process or elsewhere. Whatever has been loaded is shut down exactly once, also where
 * it comes too late.
 */
export const pluginMachine = pluginSetup.createMachine({
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
          entry: { type: 'armTimer', params: { timer: 'startTimeout' } },
          exit: 'clearTimer',
          on: { 'plugin.loaded': '#plugin.running', close: 'unwanted' },
          after: { startTimeout: { guard: 'runsHere', target: 'abandoned', actions: 'tellLate' } },
        },
        unwanted: {
          description:
            'It was closed meanwhile: what can be stopped is, and if it starts all the same, it is shut down.',
          entry: ['giveUpLoading', { type: 'armTimer', params: { timer: 'shutdownTimeout' } }],
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
      on: { close: 'draining', retire: 'retiring' },
      initial: 'enabled',
      states: {
        enabled: {
          description: 'It takes part in its chains.',
          on: {
            'call.failed': [
              { guard: 'isRetried', target: 'disabled.coolingDown', actions: 'recordError' },
              { target: 'disabled', actions: 'recordError' },
            ],
            disable: 'disabled',
          },
        },
        disabled,
      },
    },
    retiring: {
      description:
        'It is in no chain any more. Calls that began before are waited for, as long as the shutdown time-out lasts; those that still need it then are cancelled.',
      entry: { type: 'armTimer', params: { timer: 'shutdownTimeout' } },
      exit: 'clearTimer',
      invoke: { src: 'awaitCalls', onDone: 'draining' },
      on: { close: 'draining' },
      after: { shutdownTimeout: { target: 'draining', actions: ['reportBusy', 'cancelCalls'] } },
    },
    draining: {
      description: 'It gets no more calls, and has as long as the shutdown time-out to end what it holds.',
      entry: { type: 'armTimer', params: { timer: 'shutdownTimeout' } },
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
