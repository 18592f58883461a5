import { assign, setup } from 'xstate';

/** What a call through the gateway starts with. Inspectors see it: names and numbers, and nothing of what is asked. */
export interface GatewayCallInput {
  readonly server: string;
  readonly method: string;
  /** Tool, prompt or resource. */
  readonly subject: string;
  /** Times the server may be asked because plugins want it, the first one included. */
  readonly maxLegs: number;
}

/** What it remembers. */
export interface GatewayCallContext extends GatewayCallInput {
  /** Times the server was asked, or was about to be. */
  readonly leg: number;
  /** Milliseconds that a plugin wants to pass before the server is asked again. */
  readonly retryDelayMs: number;
  /** Milliseconds that are left of the caller's time. */
  readonly leftMs: number;
}

/** What can happen to it. What was asked and answered stays with the call: inspectors see what machines are told. */
export type GatewayCallEvent =
  | { type: 'rules.allow' }
  | { type: 'rules.deny' }
  | { type: 'hooks.pass' }
  /** The hooks after the call let the answer pass, and a plugin wants the server to be asked again. */
  | { type: 'hooks.retry'; delayMs: number; leftMs: number }
  | { type: 'hooks.block' }
  | { type: 'server.answered' }
  | { type: 'failed' }
  | { type: 'deadline.passed' }
  | { type: 'cancel' };

/** In every state but the final ones. */
const givenUp = {
  'deadline.passed': { target: 'timedOut', actions: 'abandon' },
  cancel: { target: 'cancelled', actions: 'abandon' },
} as const;

/**
 * One request of an agent to a server behind us, from the question whether it may to the answer. Each time the server is
 * asked is a leg of its own: rules and hooks look at every one.
 */
export const gatewayCallMachine = setup({
  types: { input: {} as GatewayCallInput, context: {} as GatewayCallContext, events: {} as GatewayCallEvent },
  actions: {
    countLeg: assign({ leg: ({ context }) => context.leg + 1 }),
    noteRetry: assign({
      retryDelayMs: ({ context, event }) => (event.type === 'hooks.retry' ? event.delayMs : context.retryDelayMs),
      leftMs: ({ context, event }) => (event.type === 'hooks.retry' ? event.leftMs : context.leftMs),
    }),
    /** Asks the rules; they answer with `rules.allow` or `rules.deny`. */
    decide: () => {},
    /** Runs the hooks before the call. */
    guardRequest: () => {},
    /** Sends what they left of the request to the server. */
    askServer: () => {},
    /** Runs the hooks after the call. */
    guardAnswer: () => {},
    /** Tells hooks and server that nobody waits any more. */
    abandon: () => {},
    /** Each settles the caller's promise, for one of the final states. */
    resolveAnswered: () => {},
    rejectDenied: () => {},
    rejectBlocked: () => {},
    rejectFailed: () => {},
    rejectTimedOut: () => {},
    rejectCancelled: () => {},
  },
  guards: {
    /** There are legs and time left. */
    mayRetry: ({ context, event }) =>
      event.type === 'hooks.retry' && context.leg < context.maxLegs && event.delayMs < event.leftMs,
  },
  delays: { retryDelay: ({ context }) => context.retryDelayMs },
}).createMachine({
  id: 'gatewayCall',
  // Field by field, because a spread costs more than all transitions of a call.
  context: ({ input: { server, method, subject, maxLegs } }) => ({
    server,
    method,
    subject,
    maxLegs,
    leg: 0,
    retryDelayMs: 0,
    leftMs: 0,
  }),
  initial: 'deciding',
  states: {
    deciding: {
      description: 'The rules are asked whether the agent may.',
      entry: ['countLeg', 'decide'],
      on: { 'rules.allow': 'guardingRequest', 'rules.deny': 'denied', failed: 'failed', ...givenUp },
    },
    guardingRequest: {
      description: 'The hooks before the call look at what is asked.',
      entry: 'guardRequest',
      on: {
        'hooks.pass': 'asking',
        'hooks.block': 'blocked',
        // A plugin may have made it a request for something else.
        'rules.deny': 'denied',
        failed: 'failed',
        ...givenUp,
      },
    },
    asking: {
      description: 'The server has the request, as the hooks left it.',
      entry: 'askServer',
      on: { 'server.answered': 'guardingAnswer', failed: 'failed', ...givenUp },
    },
    guardingAnswer: {
      description: 'The hooks after the call look at what the server answered.',
      entry: 'guardAnswer',
      on: {
        'hooks.pass': 'answered',
        'hooks.retry': [{ guard: 'mayRetry', target: 'resting', actions: 'noteRetry' }, { target: 'answered' }],
        'hooks.block': 'blocked',
        failed: 'failed',
        ...givenUp,
      },
    },
    resting: {
      description: 'A plugin wants the server to be asked again, when the delay is over that it asked for.',
      after: { retryDelay: 'deciding' },
      on: givenUp,
    },
    answered: {
      description: 'The agent gets what the hooks left of the answer.',
      type: 'final',
      entry: 'resolveAnswered',
    },
    denied: { description: 'The rules do not let the agent.', type: 'final', entry: 'rejectDenied' },
    blocked: { description: 'A plugin blocked the call.', type: 'final', entry: 'rejectBlocked' },
    failed: {
      description: 'A plugin or the server failed, or the server cannot be reached.',
      type: 'final',
      entry: 'rejectFailed',
    },
    timedOut: { description: 'The time of the call is over.', type: 'final', entry: 'rejectTimedOut' },
    cancelled: { description: 'The agent does not wait any more.', type: 'final', entry: 'rejectCancelled' },
  },
});
