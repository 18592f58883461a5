import { assign, setup } from 'xstate';

/** What a call remembers. */
export interface CallContext {
  /** What a call that was cut off in flight may do: be sent `once` more, or `never`. */
  readonly replay: 'once' | 'never';
  /** Times a server said it did not know our session any more. */
  readonly sessionsLost: number;
  readonly error: Error | undefined;
}

/** What can happen to a call. */
export type CallEvent =
  | { type: 'link.ready' }
  /** The answer itself stays with the call: inspectors see what machines are told. */
  | { type: 'link.answered' }
  | { type: 'link.refused'; error: Error }
  | { type: 'link.notSent'; error: Error }
  | { type: 'link.sessionLost'; error: Error }
  | { type: 'link.cutOff'; error: Error }
  | { type: 'connection.refused'; error: Error }
  | { type: 'deadline.passed' }
  | { type: 'cancel'; reason: Error };

/** One request over a connection. Each of its final states settles the caller's promise, once. */
export const callMachine = setup({
  types: { input: {} as Pick<CallContext, 'replay'>, context: {} as CallContext, events: {} as CallEvent },
  actions: {
    recordError: assign({ error: ({ event }) => ('error' in event ? event.error : undefined) }),
    recordReason: assign({ error: ({ event }) => ('reason' in event ? event.reason : undefined) }),
    countLostSession: assign({ sessionsLost: ({ context }) => context.sessionsLost + 1 }),
    /** Asks the connection for a link; it answers with `link.ready` or `connection.refused`. */
    askForLink: () => {},
    /** Takes back the question, if it is still open. */
    stopAsking: () => {},
    /** Hands the message to the link. */
    send: () => {},
    /** Tells the other side that nobody waits for the answer any more. */
    abandon: () => {},
    /** Each settles the caller's promise, for one of the final states. */
    resolveAnswered: () => {},
    rejectRefused: () => {},
    rejectTimedOut: () => {},
    rejectCancelled: () => {},
    rejectUnknown: () => {},
  },
  guards: {
    replaysOnce: ({ context }) => context.replay === 'once',
    firstSessionLost: ({ context }) => context.sessionsLost === 0,
  },
}).createMachine({
  id: 'call',
  context: ({ input }) => ({ replay: input.replay, sessionsLost: 0, error: undefined }),
  initial: 'waiting',
  states: {
    waiting: {
      description: 'The call waits for a link. Whatever was sent before has certainly not been executed.',
      entry: 'askForLink',
      on: {
        'link.ready': 'inFlight',
        'connection.refused': { target: 'refused', actions: 'recordError' },
        'deadline.passed': { target: 'timedOut', actions: 'stopAsking' },
        cancel: { target: 'cancelled', actions: ['recordReason', 'stopAsking'] },
      },
    },
    inFlight: {
      description: 'The message is with the link.',
      entry: 'send',
      on: {
        'link.answered': 'answered',
        'link.refused': { target: 'refused', actions: 'recordError' },
        'link.notSent': 'waiting',
        'link.sessionLost': [
          { guard: 'firstSessionLost', target: 'waiting', actions: 'countLostSession' },
          { target: 'refused', actions: 'recordError' },
        ],
        'link.cutOff': [
          { guard: 'replaysOnce', target: 'waitingToReplay', actions: 'recordError' },
          { target: 'outcomeUnknown', actions: 'recordError' },
        ],
        'deadline.passed': { target: 'timedOut', actions: 'abandon' },
        cancel: { target: 'cancelled', actions: ['recordReason', 'abandon'] },
      },
    },
    waitingToReplay: {
      description: 'The call was cut off, perhaps after it was executed, and waits for a link to be sent once more.',
      entry: 'askForLink',
      on: {
        'link.ready': 'replaying',
        'connection.refused': { target: 'outcomeUnknown', actions: 'recordError' },
        'deadline.passed': { target: 'timedOut', actions: 'stopAsking' },
        cancel: { target: 'cancelled', actions: ['recordReason', 'stopAsking'] },
      },
    },
    replaying: {
      description: 'The message is with the link for the second time.',
      entry: 'send',
      on: {
        'link.answered': 'answered',
        'link.refused': { target: 'refused', actions: 'recordError' },
        'link.notSent': 'waitingToReplay',
        'link.sessionLost': [
          { guard: 'firstSessionLost', target: 'waitingToReplay', actions: 'countLostSession' },
          { target: 'outcomeUnknown', actions: 'recordError' },
        ],
        'link.cutOff': { target: 'outcomeUnknown', actions: 'recordError' },
        'deadline.passed': { target: 'timedOut', actions: 'abandon' },
        cancel: { target: 'cancelled', actions: ['recordReason', 'abandon'] },
      },
    },
    answered: { description: 'The other side answered with a result.', type: 'final', entry: 'resolveAnswered' },
    refused: {
      description: 'The other side answered with an error, or there was no link to send the call on.',
      type: 'final',
      entry: 'rejectRefused',
    },
    timedOut: {
      description: 'The deadline passed; a late answer is not heard.',
      type: 'final',
      entry: 'rejectTimedOut',
    },
    cancelled: {
      description: 'The caller gave up; a late answer is not heard.',
      type: 'final',
      entry: 'rejectCancelled',
    },
    outcomeUnknown: {
      description: 'The call was cut off and may or may not have been executed.',
      type: 'final',
      entry: 'rejectUnknown',
    },
  },
});
