import { assign, fromPromise, setup } from 'xstate';

/** What a delivery starts with. Inspectors see it: nothing of what is sent, and not where to. */
export interface WebhookDeliveryInput {
  /** Times that it may be sent, the first one included. */
  readonly maxAttempts: number;
  /** Milliseconds before it is sent the second time; each further wait is twice as long. */
  readonly retryDelayMs: number;
}

/** What it remembers. */
export interface WebhookDeliveryContext extends WebhookDeliveryInput {
  /** Times that it was sent, or was about to be. */
  readonly attempt: number;
  /** Whether nobody waits for another attempt any more. */
  readonly isLast: boolean;
}

/** What can happen to it. */
export type WebhookDeliveryEvent = { type: 'close' };

/** What came of one attempt. */
export type DeliveryAttempt = 'accepted' | 'failed' | 'hopeless';

/** One event on its way to one webhook. */
export const webhookDeliveryMachine = setup({
  types: {
    input: {} as WebhookDeliveryInput,
    context: {} as WebhookDeliveryContext,
    events: {} as WebhookDeliveryEvent,
  },
  actors: {
    /** Sends it once; never fails. */
    postEvent: fromPromise<DeliveryAttempt>(() => Promise.resolve('hopeless')),
  },
  actions: {
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    noteClosing: assign({ isLast: true }),
    /** Tells that it did not arrive. */
    reportLost: () => {},
  },
  guards: {
    isAccepted: ({ event }) => 'output' in event && event.output === 'accepted',
    mayRetry: ({ context, event }) =>
      'output' in event && event.output === 'failed' && !context.isLast && context.attempt < context.maxAttempts,
  },
  delays: { retryDelay: ({ context }) => context.retryDelayMs * 2 ** (context.attempt - 1) },
}).createMachine({
  id: 'webhookDelivery',
  context: ({ input }) => ({ ...input, attempt: 0, isLast: false }),
  initial: 'sending',
  states: {
    sending: {
      description: 'The webhook is asked to take it.',
      entry: 'countAttempt',
      invoke: {
        src: 'postEvent',
        onDone: [
          { guard: 'isAccepted', target: 'delivered' },
          { guard: 'mayRetry', target: 'resting' },
          { target: 'lost' },
        ],
      },
      on: { close: { actions: 'noteClosing' } },
    },
    resting: {
      description: 'It was not taken, and will be sent again after a while.',
      after: { retryDelay: 'sending' },
      on: { close: 'lost' },
    },
    delivered: { description: 'The webhook has taken it.', type: 'final' },
    lost: {
      description: 'It was not taken, and is not sent again.',
      type: 'final',
      entry: 'reportLost',
    },
  },
});
