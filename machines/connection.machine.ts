import { assign, fromCallback, fromPromise, setup } from 'xstate';
import {
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionInput,
  type RefusalReason,
  timerDelay,
  type TimerName,
} from './connection-context.js';

/**
 * A connection to one server. It owns a link in `connecting`, in `ready` and in every `releasing`, and in no other
 * state; a new link is opened only when the old one is gone.
 */
export const connectionMachine = setup({
  types: { input: {} as ConnectionInput, context: {} as ConnectionContext, events: {} as ConnectionEvent },
  actors: {
    /** Opens a link; stopping it gives the attempt up. */
    openLink: fromPromise<void>(() => Promise.reject(new Error('openLink is not provided'))),
    /** Sends `link.closed` when the link ends by itself. */
    watchLink: fromCallback<ConnectionEvent>(() => undefined),
    /** Ends whatever link there is; done when processes and sockets are gone. */
    releaseLink: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    forgetAttempts: assign({ attempt: 0 }),
    recordError: assign({ lastError: ({ event }) => errorIn(event) }),
    recordTimeout: assign({
      lastError: ({ context }) => new Error(`no connection within ${context.settings.connectTimeoutMs} ms`),
    }),
    armTimer: assign(({ context }, { timer }: { timer: TimerName }) => {
      const delayMs = timerDelay(context, timer);
      return { delayMs, dueAt: context.now() + delayMs };
    }),
    clearTimer: assign({ dueAt: undefined }),
    enqueueCall: assign({ waiting: ({ context, event }) => [...context.waiting, callIn(event)] }),
    dequeueCall: assign({ waiting: ({ context, event }) => context.waiting.filter((call) => call !== callIn(event)) }),
    emptyQueue: assign({ waiting: [] }),
    /** Tells the call that arrived, or all that wait, to go ahead on the link. */
    admitCall: () => {},
    admitCalls: () => {},
    /** Tells the call that arrived, or all that wait, that there will be no link. */
    refuseCall: (_args, _params: { reason: RefusalReason }) => {},
    refuseCalls: (_args, _params: { reason: RefusalReason }) => {},
  },
  guards: {
    attemptsLeft: ({ context }) => context.attempt < context.settings.reconnectAttempts,
    queueFull: ({ context }) => context.waiting.length >= context.settings.maxWaiting,
    parksWhenIdle: ({ context }) => context.settings.idleTimeoutMs !== undefined,
    /** True when something passed on the link during the last idle time-out, or is on its way. */
    sawTraffic: () => false,
  },
  // `armTimer` has set how long: a backoff has chance in it, and must be told as it runs.
  delays: {
    connectTimeout: armed,
    stablePeriod: armed,
    idleTimeout: armed,
    backoff: armed,
    cooldown: armed,
  },
}).createMachine({
  id: 'connection',
  context: ({ input }) => ({ ...input, attempt: 0, lastError: undefined, delayMs: 0, dueAt: undefined, waiting: [] }),
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
          on: { 'call.arrived': { target: '#connection.connecting', actions: 'enqueueCall' } },
        },
      },
    },
    connecting: {
      description: 'One attempt to open a link is running, and calls wait for it.',
      entry: ['countAttempt', { type: 'armTimer', params: { timer: 'connectTimeout' } }],
      exit: 'clearTimer',
      invoke: {
        src: 'openLink',
        onDone: 'ready',
        onError: [
          { guard: 'attemptsLeft', target: 'reconnecting', actions: 'recordError' },
          { target: 'failed', actions: 'recordError' },
        ],
      },
      after: {
        connectTimeout: [
          { guard: 'attemptsLeft', target: 'reconnecting', actions: 'recordTimeout' },
          { target: 'failed', actions: 'recordTimeout' },
        ],
      },
    },
    ready: {
      description: 'The link is open and carries calls.',
      entry: ['admitCalls', 'emptyQueue'],
      invoke: { src: 'watchLink' },
      on: {
        'call.arrived': { actions: 'admitCall' },
        'link.closed': [
          { guard: 'attemptsLeft', target: 'reconnecting', actions: 'recordError' },
          { target: 'failed', actions: 'recordError' },
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
    },
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
          after: { backoff: '#connection.connecting' },
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
          invoke: { src: 'releaseLink', onDone: 'coolingDown' },
        },
        coolingDown: {
          description: 'The server is left alone for a while.',
          entry: { type: 'armTimer', params: { timer: 'cooldown' } },
          exit: 'clearTimer',
          after: { cooldown: 'rested' },
        },
        rested: {
          description: 'The next call makes one trial attempt; if that fails, the connection cools down again.',
          on: { 'call.arrived': { target: '#connection.connecting', actions: 'enqueueCall' } },
        },
      },
    },
    closing: {
      description: 'The owner closed the connection: calls are refused and the link is being ended.',
      entry: [{ type: 'refuseCalls', params: { reason: 'closed' } }, 'emptyQueue'],
      invoke: { src: 'releaseLink', onDone: 'closed' },
      on: { close: undefined, 'call.arrived': { actions: { type: 'refuseCall', params: { reason: 'closed' } } } },
    },
    closed: { description: 'Nothing is left open, and nothing opens again.', type: 'final' },
  },
});

function errorIn(event: ConnectionEvent): Error {
  const error: unknown = 'error' in event ? event.error : undefined;
  return error instanceof Error ? error : new Error(String(error));
}

function callIn(event: ConnectionEvent): string {
  return 'call' in event ? event.call : '';
}

function armed({ context }: { context: ConnectionContext }): number {
  return context.delayMs;
}
