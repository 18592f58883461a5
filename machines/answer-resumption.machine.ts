import { assign, fromCallback, setup } from 'xstate';

/** How long the rest of an answer is asked for. */
export interface AnswerResumptionSettings {
  /** Milliseconds before it is asked for, where the server says nothing else. */
  readonly usualDelayMs: number;
  /** How often it is asked for behind the same event. */
  readonly mostAttempts: number;
}

/** What a resumption starts with. */
export interface AnswerResumptionInput {
  readonly settings: AnswerResumptionSettings;
  /** The event behind which the rest is asked for; its id is not empty. */
  readonly lastEventId: string;
  /** Milliseconds that the server asks to be waited for, by the `retry` of the stream. */
  readonly retryMs: number | undefined;
}

/** What a resumption remembers. */
export interface AnswerResumptionContext {
  readonly settings: AnswerResumptionSettings;
  readonly lastEventId: string;
  /** Milliseconds before it is asked for the next time. */
  readonly delayMs: number;
  /** How often it has been asked for behind this event. */
  readonly attempt: number;
  readonly lastError: Error | undefined;
}

/** What can happen while the rest of an answer is fetched. */
export type AnswerResumptionEvent =
  | { type: 'answer.came' }
  /**
   * The stream of the rest ended early too, or there was none this time. `lastEventId` is undefined where nothing came that
   * can be resumed at, and empty where the server said that it cannot be resumed.
   */
  | { type: 'rest.cutOff'; error: Error; lastEventId: string | undefined; retryMs: number | undefined }
  /** Asking again would bring nothing else. */
  | { type: 'rest.refused'; error: Error }
  | { type: 'cancel' };

/**
 * The rest of one answer, whose event stream ended before the answer had come. It is asked for behind the last event that
 * came, time and again for as long as something new comes. The request itself is never sent again.
 */
export const answerResumptionMachine = setup({
  types: {
    input: {} as AnswerResumptionInput,
    context: {} as AnswerResumptionContext,
    events: {} as AnswerResumptionEvent,
  },
  actors: {
    /** Asks for what comes behind an event, and tells what becomes of it; stopping it ends it, unless the answer has come. */
    askForRest: fromCallback<AnswerResumptionEvent, { lastEventId: string }>(() => undefined),
  },
  actions: {
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    moveOn: assign(({ context, event }) => ({
      lastEventId: ('lastEventId' in event ? event.lastEventId : undefined) ?? context.lastEventId,
      attempt: 0,
    })),
    recordPace: assign({
      delayMs: ({ context, event }) => ('retryMs' in event ? event.retryMs : undefined) ?? context.delayMs,
    }),
    recordError: assign({ lastError: ({ event }) => ('error' in event ? event.error : undefined) }),
    /** Tells whoever waits for the answer that its rest was refused. */
    reportRefusal: () => {},
    /** Tells whoever waits for the answer that its rest is not to be had. */
    reportLoss: () => {},
  },
  guards: {
    somethingNewCame: ({ context, event }) =>
      'lastEventId' in event &&
      event.lastEventId !== undefined &&
      event.lastEventId !== '' &&
      event.lastEventId !== context.lastEventId,
    mayBeAskedAgain: ({ context, event }) =>
      'lastEventId' in event && event.lastEventId !== '' && context.attempt < context.settings.mostAttempts,
  },
  delays: { pause: ({ context }) => context.delayMs },
}).createMachine({
  id: 'answerResumption',
  context: ({ input: { settings, lastEventId, retryMs } }) => ({
    settings,
    lastEventId,
    delayMs: retryMs ?? settings.usualDelayMs,
    attempt: 0,
    lastError: undefined,
  }),
  initial: 'pausing',
  on: { cancel: '.cancelled' },
  states: {
    pausing: {
      description: 'The stream has ended early; the rest is asked for when the pause is over.',
      after: { pause: 'asking' },
    },
    asking: {
      description: 'One request for the rest is under way, or its stream is.',
      entry: 'countAttempt',
      invoke: { src: 'askForRest', input: ({ context }) => ({ lastEventId: context.lastEventId }) },
      on: {
        'answer.came': 'answered',
        'rest.cutOff': [
          { guard: 'somethingNewCame', target: 'pausing', actions: ['moveOn', 'recordPace'] },
          { guard: 'mayBeAskedAgain', target: 'pausing', actions: 'recordPace' },
          { target: 'lost', actions: 'recordError' },
        ],
        'rest.refused': { target: 'refused', actions: 'recordError' },
      },
    },
    answered: { description: 'The answer has come.', type: 'final' },
    refused: { description: 'The server does not give the rest.', type: 'final', entry: 'reportRefusal' },
    lost: {
      description: 'Nothing new came as often as it may be asked for, or the server says that nothing can be resumed.',
      type: 'final',
      entry: 'reportLoss',
    },
    cancelled: { description: 'Nobody waits for the answer any more.', type: 'final' },
  },
});
