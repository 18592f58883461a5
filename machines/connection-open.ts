import { connectionSetup } from './connection-setup.js';

// The states of a connection in which its link is open.

export const ready = connectionSetup.createStateConfig({
  description:
    'The link is open and carries calls. A call that finds it open is sent at once; the machine is told of it only while somebody inspects it.',
  entry: ['admitCalls', 'emptyQueue'],
  invoke: { src: 'watchLink' },
  on: {
    'call.arrived': { actions: 'admitCall' },
    'call.unanswered': { guard: 'isSilent', target: 'suspect' },
    'link.closed': [
      { guard: 'attemptsLeft', target: 'reconnecting', actions: ['recordError', 'noteTrouble'] },
      { target: 'failed', actions: 'recordError' },
    ],
    'link.retiring': [
      { guard: 'heldBriefly', target: 'reconnecting', actions: ['retireLink', 'noteTrouble'] },
      { target: 'connecting', actions: ['retireLink', 'forgetAttempts', 'noteTrouble'] },
    ],
  },
  initial: 'settling',
  states: {
    settling: {
      description: 'The link is young: if it ends now, that counts as one more failed attempt.',
      entry: { type: 'armTimer', params: { timer: 'stablePeriod' } },
      exit: 'clearTimer',
      after: { stablePeriod: [{ guard: 'parksWhenIdle', target: 'parkable' }, { target: 'stable' }] },
    },
    stable: {
      description: 'The link has held; earlier attempts are forgotten.',
      entry: 'forgetAttempts',
    },
    parkable: {
      description: 'The link has held, and is given up when nothing passes on it for the idle time-out.',
      entry: ['forgetAttempts', { type: 'armTimer', params: { timer: 'idleTimeout' } }],
      exit: 'clearTimer',
      after: {
        idleTimeout: [
          { guard: 'sawTraffic', target: 'parkable', reenter: true },
          { target: '#connection.idle.releasing' },
        ],
      },
    },
  },
});

export const suspect = connectionSetup.createStateConfig({
  description:
    'Calls in a row timed out and nothing else came: the server is asked whether it is there; new calls wait.',
  entry: { type: 'armTimer', params: { timer: 'pingTimeout' } },
  exit: 'clearTimer',
  invoke: [
    { src: 'watchLink' },
    {
      src: 'pingLink',
      onDone: 'ready',
      onError: [
        { guard: 'attemptsLeft', target: 'reconnecting', actions: ['recordError', 'noteTrouble', 'distrust'] },
        { target: 'failed', actions: ['recordError', 'distrust'] },
      ],
    },
  ],
  on: {
    'link.closed': [
      { guard: 'attemptsLeft', target: 'reconnecting', actions: ['recordError', 'noteTrouble'] },
      { target: 'failed', actions: 'recordError' },
    ],
    'link.retiring': { target: 'connecting', actions: ['retireLink', 'distrust'] },
  },
  after: {
    pingTimeout: [
      { guard: 'attemptsLeft', target: 'reconnecting', actions: ['recordSilence', 'noteTrouble', 'distrust'] },
      { target: 'failed', actions: ['recordSilence', 'distrust'] },
    ],
  },
});
