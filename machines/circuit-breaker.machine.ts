import { assign, setup } from 'xstate';

/** What a circuit breaker starts with. */
export interface CircuitBreakerInput {
  /** Milliseconds that calls are refused after it has opened, and that a probe may take. */
  readonly cooldownMs: number;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What a circuit breaker remembers. */
export interface CircuitBreakerContext extends CircuitBreakerInput {
  /** Milliseconds on the clock at which the running timer is due, or the last cooldown was over; undefined if closed. */
  readonly dueAt: number | undefined;
}

/** What can happen to a circuit breaker. */
export type CircuitBreakerEvent =
  /** A call was answered. `trips`: its tool has failed too often now. */
  | { type: 'call.answered'; trips: boolean }
  /** A call passes that tells whether the tool works again. */
  | { type: 'probe.begun' }
  | { type: 'probe.succeeded'; trips: boolean }
  | { type: 'probe.failed' }
  /** There is no room for it any more. */
  | { type: 'forget' };

/** Whether calls of one tool pass. A tool that fails too often gets none for a while, and then one at a time. */
export const circuitBreakerMachine = setup({
  types: {
    input: {} as CircuitBreakerInput,
    context: {} as CircuitBreakerContext,
    events: {} as CircuitBreakerEvent,
  },
  actions: {
    armTimer: assign({ dueAt: ({ context }) => context.now() + context.cooldownMs }),
    clearTimer: assign({ dueAt: undefined }),
  },
  guards: { failsTooOften: ({ event }) => 'trips' in event && event.trips },
  delays: { cooldown: ({ context }) => context.cooldownMs },
}).createMachine({
  id: 'circuitBreaker',
  context: ({ input }) => ({ ...input, dueAt: undefined }),
  initial: 'closed',
  on: { forget: '.forgotten' },
  states: {
    closed: {
      description: 'Calls pass, and their answers are counted.',
      entry: 'clearTimer',
      on: { 'call.answered': { guard: 'failsTooOften', target: 'open' } },
    },
    open: {
      description: 'Calls are refused until the cooldown is over.',
      entry: 'armTimer',
      after: { cooldown: 'halfOpen' },
    },
    halfOpen: {
      description: 'It is not known whether the tool works again.',
      initial: 'waiting',
      states: {
        waiting: {
          description: 'The next call passes, as a probe.',
          on: { 'probe.begun': 'probing' },
        },
        probing: {
          description: 'A probe is on its way, and other calls are refused. It may never be answered.',
          entry: 'armTimer',
          on: {
            'probe.succeeded': [
              { guard: 'failsTooOften', target: '#circuitBreaker.open' },
              { target: '#circuitBreaker.closed' },
            ],
            'probe.failed': '#circuitBreaker.open',
          },
          after: { cooldown: '#circuitBreaker.open' },
        },
      },
    },
    forgotten: {
      description: 'Other tools were called since, and it was not open: nothing of it is known any more.',
      type: 'final',
    },
  },
});
