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

/** What the states of a connection are made of: its actors, actions, guards and delays, by name. */
export const connectionSetup = setup({
  types: { input: {} as ConnectionInput, context: {} as ConnectionContext, events: {} as ConnectionEvent },
  actors: {
    /** Done when the link may be opened, where only so many may be opening at a time. */
    awaitTurn: fromPromise<void>(() => Promise.resolve()),
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
    distrust: assign({ distrusted: ({ context }) => !context.startsServer }),
    recordError: assign({ lastError: ({ event }) => errorIn(event) }),
    recordSilence: assign({
      lastError: ({ context }) =>
        new Error(`${context.settings.suspectAfter} calls in a row and a ping were not answered`),
    }),
    recordTimeout: assign({
      lastError: ({ context }) => new Error(`no connection within ${context.delayMs} ms`),
    }),
    armTimer: assign(({ context }, { timer }: { timer: TimerName }) => {
      const delayMs = timerDelay(context, timer);
      return { delayMs, dueAt: context.now() + delayMs };
    }),
    clearTimer: assign({ dueAt: undefined }),
    enqueueCall: assign({ waiting: ({ context, event }) => [...context.waiting, callIn(event)] }),
    dequeueCall: assign({ waiting: ({ context, event }) => context.waiting.filter((call) => call !== callIn(event)) }),
    emptyQueue: assign({ waiting: [] }),
    /** Lets the next one open its link; nothing happens without a turn. */
    endTurn: () => {},
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
    takesTurns: ({ context }) => context.takesTurns,
    /** True when the server wants a login that a person has to make: another attempt would not be told anything else. */
    needsPerson: ({ context, event }) =>
      context.hasLogin === true && 'error' in event && codeOf(event.error) === 'LOGIN_NEEDED',
    /** True when that is why there is no link: nothing is gained by leaving the server alone, and the login may be made any time. */
    awaitsPerson: ({ context }) => context.hasLogin === true && codeOf(context.lastError) === 'LOGIN_NEEDED',
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

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function callIn(event: ConnectionEvent): string {
  return 'call' in event ? event.call : '';
}

function armed({ context }: { context: ConnectionContext }): number {
  return context.delayMs;
}
