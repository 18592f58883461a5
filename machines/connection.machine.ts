import { ready, suspect } from './connection-open.js';
import { connectionSetup } from './connection-setup.js';

/**
 * A connection to one server. It owns one link in `connecting`, in `ready`, in `suspect` and in every `releasing`, and in
 * no other state; a new link is opened only when the old one is gone. A link that retires is put aside: it carries the
 * calls it has to their ends, whatever state this is in, and takes no new ones.
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  context: ({ input }) => ({
    ...input,
    attempt: 0,
    troubleAt: undefined,
    openedAt: undefined,
    rests: 0,
    distrusted: false,
    lastError: undefined,
    delayMs: 0,
    dueAt: undefined,
    waiting: [],
  }),
  initial: 'idle',
  on: {
    close: '.closing',
    'call.left': { actions: 'dequeueCall' },
    'call.arrived': [
      { guard: 'queueFull', actions: { type: 'refuseCall', params: { reason: 'full' } } },
      { actions: 'enqueueCall' },
    ],
  },
  states: {
    idle: {
      description: 'Nobody needs the server. The first call opens a link.',
      initial: 'empty',
      states: {
        releasing: {
          description: 'A link that nobody used is being ended.',
          invoke: { src: 'releaseLink', onDone: 'empty' },
          on: { 'call.arrived': { target: '#connection.reconnecting', actions: 'enqueueCall' } },
        },
        empty: {
          description: 'There is no link.',
          on: {
            'call.arrived': [
              { guard: 'takesTurns', target: '#connection.queued', actions: 'enqueueCall' },
              { target: '#connection.connecting', actions: 'enqueueCall' },
            ],
          },
        },
      },
    },
    queued: {
      description: 'As many servers are being started as may be at a time; calls wait for the turn of this one.',
      invoke: { src: 'awaitTurn', onDone: 'connecting' },
    },
    connecting: {
      description: 'One attempt to open a link is running, and calls wait for it.',
      entry: ['countAttempt', { type: 'armTimer', params: { timer: 'connectTimeout' } }],
      exit: ['clearTimer', 'endTurn'],
      invoke: {
        src: 'openLink',
        input: ({ context }) => ({ proven: context.distrusted }),
        onDone: { target: 'ready', actions: 'noteOpened' },
        onError: [
          { guard: 'needsPerson', target: 'failed', actions: 'recordError' },
          { guard: 'attemptsLeft', target: 'reconnecting', actions: ['recordError', 'noteTrouble'] },
          { target: 'failed', actions: 'recordError' },
        ],
      },
      after: {
        connectTimeout: [
          { guard: 'attemptsLeft', target: 'reconnecting', actions: ['recordTimeout', 'noteTrouble'] },
          { target: 'failed', actions: 'recordTimeout' },
        ],
      },
    },
    ready,
    suspect,
    reconnecting: {
      description: 'The link was lost or could not be opened; the next attempt is coming, and calls wait for it.',
      initial: 'releasing',
      states: {
        releasing: {
          description: 'What is left of the old link is being ended.',
          invoke: { src: 'releaseLink', onDone: 'backingOff' },
        },
        backingOff: {
          description: 'Nothing is open; the next attempt starts when the backoff is over.',
          entry: { type: 'armTimer', params: { timer: 'backoff' } },
          exit: 'clearTimer',
          on: { retry: [{ guard: 'takesTurns', target: '#connection.queued' }, { target: '#connection.connecting' }] },
          after: {
            backoff: [{ guard: 'takesTurns', target: '#connection.queued' }, { target: '#connection.connecting' }],
          },
        },
      },
    },
    failed: {
      description: 'The attempts are used up. Calls are refused at once, with the last error.',
      entry: [{ type: 'refuseCalls', params: { reason: 'failed' } }, 'emptyQueue'],
      on: { 'call.arrived': { actions: { type: 'refuseCall', params: { reason: 'failed' } } } },
      initial: 'releasing',
      states: {
        releasing: {
          description: 'What is left of the old link is being ended.',
          invoke: { src: 'releaseLink', onDone: [{ guard: 'awaitsPerson', target: 'rested' }, 'coolingDown'] },
        },
        coolingDown: {
          description: 'The server is left alone for a while, longer each time.',
          entry: ['countRest', { type: 'armTimer', params: { timer: 'cooldown' } }],
          exit: 'clearTimer',
          on: { retry: [{ guard: 'takesTurns', target: '#connection.queued' }, { target: '#connection.connecting' }] },
          after: { cooldown: 'rested' },
        },
        rested: {
          description: 'The next call makes one trial attempt; if that fails, the connection cools down again.',
          on: {
            'call.arrived': [
              { guard: 'takesTurns', target: '#connection.queued', actions: 'enqueueCall' },
              { target: '#connection.connecting', actions: 'enqueueCall' },
            ],
            retry: [{ guard: 'takesTurns', target: '#connection.queued' }, { target: '#connection.connecting' }],
          },
        },
      },
    },
    closing: {
      description: 'The owner closed the connection: calls are refused and all links are being ended.',
      entry: ['endTurn', { type: 'refuseCalls', params: { reason: 'closed' } }, 'emptyQueue'],
      invoke: { src: 'releaseLinks', onDone: 'closed' },
      on: { close: undefined, 'call.arrived': { actions: { type: 'refuseCall', params: { reason: 'closed' } } } },
    },
    closed: { description: 'Nothing is left open, and nothing opens again.', type: 'final' },
  },
});
