import { pluginSetup } from './plugin-setup.js';

/** The part of a running plugin's life in which chains leave it out. */
export const disabled = pluginSetup.createStateConfig({
  description: 'Chains leave it out. It keeps what it holds, and calls by name reach it.',
  entry: 'closeGate',
  exit: 'openGate',
  on: {
    enable: { target: '#plugin.running.enabled', actions: ['forgetError', 'reportEnabled'] },
    disable: { target: '.held', actions: 'forgetError' },
  },
  initial: 'held',
  states: {
    held: {
      description: 'It stays like this until somebody enables it.',
      entry: 'reportDisabled',
    },
    coolingDown: {
      description: 'It failed, and is left alone for a while.',
      entry: [{ type: 'armTimer', params: { timer: 'retryDelay' } }, 'reportDisabled'],
      exit: 'clearTimer',
      invoke: { src: 'awaitRetry', onDone: 'rested' },
    },
    rested: {
      description: 'The next invocation takes it along on trial.',
      on: { 'trial.began': 'trial' },
    },
    trial: {
      description: 'One invocation has taken it along. The others leave it out until that one knows whether it works.',
      on: {
        'trial.passed': { target: '#plugin.running.enabled', actions: ['forgetError', 'reportEnabled'] },
        'trial.unused': 'rested',
        'call.failed': [
          { guard: 'isRetried', target: 'coolingDown', actions: 'recordError' },
          { target: 'held', actions: 'recordError' },
        ],
      },
    },
  },
});
