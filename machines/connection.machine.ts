import { assign, fromCallback, fromPromise, setup } from 'xstate';
import {
  briefLifeMs,
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionInput,
  type RefusalReason,
  timerDelay,
  type TimerName,
} from './connection-context.js';

/**
 * A connection to one server. It owns one link in `connecting`, in `ready`, in `suspect` and in every `releasing`, and in
 * no other state; a new link is opened only when the old one is gone. A link that its server retires is put aside: it
 * carries the calls it has to their ends, whatever state this is in, and takes no new ones.
 */
export const connectionMachine = setup({
  types: { input: {} as ConnectionInput, context: {} as ConnectionContext, events: {} as ConnectionEvent },
  actors: {
    /** Opens a link, and where it must be `proven` asks for a sign of life; stopping it gives the attempt up. */
    openLink: fromPromise<void, { proven: boolean }>(() => Promise.reject(new Error('openLink is not provided'))),
    /** Sends `link.closed` when the link ends by itself, and `link.retiring` when it takes no new calls any more. */
    watchLink: fromCallback<ConnectionEvent>(() => undefined),
    /** Asks the server on the link whether it is there; done at any sign of life. */
    pingLink: fromPromise<void>(() => Promise.reject(new Error('pingLink is not provided'))),
    /** Ends the link, if there is one; done when processes and sockets are gone. */
    releaseLink: fromPromise<void>(() => Promise.resolve()),
    /** The same for every link, those put aside included. */
    releaseLinks: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    forgetAttempts: assign({ attempt: 0, rests: 0, troubleAt: undefined }),
    noteOpened: assign({ openedAt: ({ context }) => context.now(), distrusted: false }),
    noteTrouble: assign({ troubleAt: ({ context }) => context.troubleAt ?? context.now() }),
    countRest: assign({ rests: ({ context }) => context.rests + 1 }),
    distrust: assign({ distrusted: true }),
    recordError: assign({ lastError: ({ event }) => errorIn(event) }),
    recordSilence: assign({
      lastError: ({ context }) =>
        new Error(`${context.settings.suspectAfter} calls in a row and a ping were not answered`),
    }),
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
    /** Puts the link aside: it goes on with its calls and ends when they have ended. */
    retireLink: () => {},
    /** Tells the call that arrived, or all that wait, to go ahead on the link. */
    admitCall: () => {},
    admitCalls: () => {},
    /** Tells the call that arrived, or all that wait, that there will be no link. */
    refuseCall: (_args, _params: { reason: RefusalReason }) => {},
    refuseCalls: (_args, _params: { reason: RefusalReason }) => {},
  },
  guards: {
    attemptsLeft: ({ context }) => attemptsLeft(context),
    /** True when the link ended, gracefully, almost as soon as it was open. */
    heldBriefly: ({ context }) => context.now() - (context.openedAt ?? 0) < briefLifeMs,
    /** True when enough calls in a row timed out since the server was last heard. */
    isSilent: () => false,
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
    pingTimeout: armed,
    backoff: armed,
    cooldown: armed,
  },
}).createMachine({
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
        input: ({ context }) => ({ proven: context.distrusted }),
        onDone: { target: 'ready', actions: 'noteOpened' },
        onError: [
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
    ready: {
      description: 'The link is open and carries calls.',
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
    },
    suspect: {
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
          description: 'The server is left alone for a while, longer each time.',
          entry: ['countRest', { type: 'armTimer', params: { timer: 'cooldown' } }],
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
      description: 'The owner closed the connection: calls are refused and all links are being ended.',
      entry: [{ type: 'refuseCalls', params: { reason: 'closed' } }, 'emptyQueue'],
      invoke: { src: 'releaseLinks', onDone: 'closed' },
      on: { close: undefined, 'call.arrived': { actions: { type: 'refuseCall', params: { reason: 'closed' } } } },
    },
    closed: { description: 'Nothing is left open, and nothing opens again.', type: 'final' },
  },
});

function attemptsLeft({ attempt, settings, openedAt, troubleAt, now }: ConnectionContext): boolean {
  const { reconnectAttempts, reconnectWindowMs = 0 } = settings;
  if (attempt < reconnectAttempts) return true;
  if (reconnectAttempts <= 1 || openedAt === undefined) return false;
  return troubleAt === undefined ? reconnectWindowMs > 0 : now() - troubleAt < reconnectWindowMs;
}

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
