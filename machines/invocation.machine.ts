import { assign, setup } from 'xstate';
import { type InvocationContext, type InvocationEvent, type InvocationInput, stepOf } from './invocation-context.js';

/** One invocation of one hook: plugins in turn, each against its deadline, then those that judge side by side. */
export const invocationMachine = setup({
  types: { input: {} as InvocationInput, context: {} as InvocationContext, events: {} as InvocationEvent },
  actions: {
    /** Gives the payload to the plugin at `index`; it answers with `step.completed`, `step.denied` or `step.failed`. */
    runStep: () => {},
    /** Aborts the signal of the plugin that runs. */
    abortStep: () => {},
    /** Starts branches for those side by side, as many as may run at once, and the next one when one has answered. */
    startBranches: () => {},
    startNextBranch: () => {},
    /** Aborts the branches that still run. */
    abortBranches: () => {},
    /** Takes what the branches have answered into the chain, in its order. */
    mergeBranches: () => {},
    /** Logs a failure that is not raised, and disables the plugin where its `on_error` says so. */
    reportFailure: () => {},
    /** Starts what runs after the answer. */
    startBackground: () => {},
    /** Each settles the caller's promise, for one of the final states. */
    resolveCompleted: () => {},
    resolveHalted: () => {},
    rejectDenied: () => {},
    rejectFailed: () => {},
    rejectTimedOut: () => {},
    rejectCancelled: () => {},
    advance: assign({ index: ({ context }) => context.index + 1 }),
    recordDecision: assign({
      index: ({ event }) => ('index' in event ? event.index : 0),
      errorCode: ({ event }) => ('code' in event ? event.code : undefined),
    }),
    recordError: assign({ errorCode: ({ event }) => ('code' in event ? event.code : undefined) }),
  },
  guards: {
    isLate: ({ context, event }) => 'index' in event && event.index !== context.index,
    /** From a plugin that ran in turn, and that nobody waits for since the phase began. */
    isOfTurn: ({ context, event }) => !stepOf(context, event).sideBySide,
    halts: ({ context, event }) => 'stops' in event && event.stops && stepOf(context, event).mayBlock,
    raisesErrors: ({ context, event }) => stepOf(context, event).raisesErrors,
    hasTurns: ({ context }) => context.steps[0]?.sideBySide === false,
    hasBranches: ({ context }) => context.steps.length > 0,
    isLast: ({ context }) => context.index + 1 >= context.steps.length,
    isLastInTurn: ({ context }) => context.steps[context.index + 1]?.sideBySide === true,
  },
  delays: { deadline: ({ context }) => stepOf(context).timeoutMs },
}).createMachine({
  id: 'invocation',
  context: ({ input: { steps } }) => ({ steps, index: 0, errorCode: undefined }),
  initial: 'choosing',
  states: {
    choosing: {
      description: 'Where the chain begins depends on the modes of its plugins.',
      always: [{ guard: 'hasTurns', target: 'running' }, { guard: 'hasBranches', target: 'concurrent' }, 'completed'],
    },
    running: {
      description: 'One plugin has the payload, and its deadline is running.',
      entry: 'runStep',
      after: {
        deadline: [
          { guard: 'raisesErrors', target: 'timedOut', actions: 'abortStep' },
          { guard: 'isLast', target: 'completed', actions: ['abortStep', 'reportFailure'] },
          { guard: 'isLastInTurn', target: 'concurrent', actions: ['abortStep', 'reportFailure', 'advance'] },
          { target: 'running', reenter: true, actions: ['abortStep', 'reportFailure', 'advance'] },
        ],
      },
      on: {
        'step.completed': [
          { guard: 'isLate' },
          { guard: 'halts', target: 'halted' },
          { guard: 'isLast', target: 'completed' },
          { guard: 'isLastInTurn', target: 'concurrent', actions: 'advance' },
          { target: 'running', reenter: true, actions: 'advance' },
        ],
        'step.denied': [{ guard: 'isLate' }, { target: 'denied', actions: 'recordError' }],
        'step.failed': [
          { guard: 'isLate' },
          { guard: 'raisesErrors', target: 'failed', actions: 'recordError' },
          { guard: 'isLast', target: 'completed', actions: 'reportFailure' },
          { guard: 'isLastInTurn', target: 'concurrent', actions: ['reportFailure', 'advance'] },
          { target: 'running', reenter: true, actions: ['reportFailure', 'advance'] },
        ],
        cancel: { target: 'cancelled', actions: ['recordError', 'abortStep'] },
      },
    },
    concurrent: {
      description: 'Plugins judge the payload side by side, each against its own deadline; the first to stop decides.',
      entry: 'startBranches',
      exit: 'abortBranches',
      on: {
        'step.completed': [
          { guard: 'isOfTurn' },
          { guard: 'halts', target: 'halted', actions: ['recordDecision', 'mergeBranches'] },
          { guard: 'isLast', target: 'completed', actions: 'mergeBranches' },
          { actions: ['advance', 'startNextBranch'] },
        ],
        'step.denied': [{ guard: 'isOfTurn' }, { target: 'denied', actions: 'recordDecision' }],
        'step.failed': [
          { guard: 'isOfTurn' },
          { guard: 'raisesErrors', target: 'failed', actions: 'recordDecision' },
          { guard: 'isLast', target: 'completed', actions: ['reportFailure', 'mergeBranches'] },
          { actions: ['reportFailure', 'advance', 'startNextBranch'] },
        ],
        'step.timedOut': [
          { guard: 'raisesErrors', target: 'timedOut', actions: 'recordDecision' },
          { guard: 'isLast', target: 'completed', actions: ['reportFailure', 'mergeBranches'] },
          { actions: ['reportFailure', 'advance', 'startNextBranch'] },
        ],
        cancel: { target: 'cancelled', actions: 'recordError' },
      },
    },
    completed: {
      description: 'Every plugin has had its turn; what runs in the background starts.',
      type: 'final',
      entry: ['startBackground', 'resolveCompleted'],
    },
    halted: {
      description: 'A plugin blocked the request; those after it never saw it. What runs in the background starts.',
      type: 'final',
      entry: ['startBackground', 'resolveHalted'],
    },
    denied: {
      description:
        'A plugin threw its violation, or an answer that says stop and cannot be read: no mode lets that pass.',
      type: 'final',
      entry: ['startBackground', 'rejectDenied'],
    },
    failed: { description: 'A plugin failed, and its errors are raised.', type: 'final', entry: 'rejectFailed' },
    timedOut: {
      description: 'A plugin missed its deadline, and its errors are raised.',
      type: 'final',
      entry: 'rejectTimedOut',
    },
    cancelled: {
      description: 'The caller gave up; the plugins that ran were told.',
      type: 'final',
      entry: 'rejectCancelled',
    },
  },
});
