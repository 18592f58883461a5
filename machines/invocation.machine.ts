import { assign, setup } from 'xstate';

/** What the chain needs to know of one plugin. Inspectors see it, so it holds names and numbers, and nothing of theirs. */
export interface InvocationStep {
  readonly plugin: string;
  readonly mayBlock: boolean;
  readonly raisesErrors: boolean;
  /** Milliseconds the plugin may take. */
  readonly timeoutMs: number;
}

/** What an invocation starts with. */
export interface InvocationInput {
  /** The plugins that will run, in order; at least one. */
  readonly steps: readonly InvocationStep[];
}

/** What an invocation remembers. */
export interface InvocationContext extends InvocationInput {
  /** Position in `steps` of the plugin that runs, or ran last. */
  readonly index: number;
  /** Code of the error that ended the chain; undefined for a time-out. */
  readonly errorCode: string | undefined;
}

/** What can happen to an invocation. */
export type InvocationEvent =
  | { type: 'step.completed'; index: number; stops: boolean }
  | { type: 'step.denied'; index: number; code: string }
  | { type: 'step.failed'; index: number; code: string }
  | { type: 'cancel'; code: string };

/** One invocation of one hook: the plugins of the chain, one after the other, each against its deadline. */
export const invocationMachine = setup({
  types: { input: {} as InvocationInput, context: {} as InvocationContext, events: {} as InvocationEvent },
  actions: {
    /** Gives the payload to the plugin at `index`; it answers with `step.completed`, `step.denied` or `step.failed`. */
    runStep: () => {},
    /** Aborts the signal of the plugin that runs. */
    abortStep: () => {},
    /** Logs a failure that the mode of the plugin does not raise. */
    reportFailure: () => {},
    /** Each settles the caller's promise, for one of the final states. */
    resolveCompleted: () => {},
    resolveHalted: () => {},
    rejectDenied: () => {},
    rejectFailed: () => {},
    rejectTimedOut: () => {},
    rejectCancelled: () => {},
    advance: assign(({ context }) => ({ index: context.index + 1 })),
    recordError: assign(({ event }) => ({ errorCode: 'code' in event ? event.code : undefined })),
  },
  guards: {
    isLate: ({ context, event }) => 'index' in event && event.index !== context.index,
    halts: ({ context, event }) => 'stops' in event && event.stops && stepOf(context).mayBlock,
    raisesErrors: ({ context }) => stepOf(context).raisesErrors,
    isLast: ({ context }) => context.index + 1 >= context.steps.length,
  },
  delays: { deadline: ({ context }) => stepOf(context).timeoutMs },
}).createMachine({
  id: 'invocation',
  context: ({ input }) => ({ steps: input.steps, index: 0, errorCode: undefined }),
  initial: 'running',
  states: {
    running: {
      description: 'One plugin has the payload, and its deadline is running.',
      entry: 'runStep',
      after: {
        deadline: [
          { guard: 'raisesErrors', target: 'timedOut', actions: 'abortStep' },
          { guard: 'isLast', target: 'completed', actions: ['abortStep', 'reportFailure'] },
          { target: 'running', reenter: true, actions: ['abortStep', 'reportFailure', 'advance'] },
        ],
      },
      on: {
        'step.completed': [
          { guard: 'isLate' },
          { guard: 'halts', target: 'halted' },
          { guard: 'isLast', target: 'completed' },
          { target: 'running', reenter: true, actions: 'advance' },
        ],
        'step.denied': [{ guard: 'isLate' }, { target: 'denied', actions: 'recordError' }],
        'step.failed': [
          { guard: 'isLate' },
          { guard: 'raisesErrors', target: 'failed', actions: 'recordError' },
          { guard: 'isLast', target: 'completed', actions: 'reportFailure' },
          { target: 'running', reenter: true, actions: ['reportFailure', 'advance'] },
        ],
        cancel: { target: 'cancelled', actions: ['recordError', 'abortStep'] },
      },
    },
    completed: { description: 'Every plugin has had its turn.', type: 'final', entry: 'resolveCompleted' },
    halted: {
      description: 'A plugin blocked the request; those after it never saw it.',
      type: 'final',
      entry: 'resolveHalted',
    },
    denied: {
      description:
        'A plugin threw its violation, or an answer that says stop and cannot be read: no mode lets that pass.',
      type: 'final',
      entry: 'rejectDenied',
    },
    failed: { description: 'A plugin failed in a mode that raises errors.', type: 'final', entry: 'rejectFailed' },
    timedOut: {
      description: 'A plugin missed its deadline in a mode that raises errors.',
      type: 'final',
      entry: 'rejectTimedOut',
    },
    cancelled: {
      description: 'The caller gave up; the running plugin was told.',
      type: 'final',
      entry: 'rejectCancelled',
    },
  },
});

function stepOf(context: InvocationContext): InvocationStep {
  const step = context.steps[context.index];
  if (step === undefined) throw new Error(`the chain has no step ${context.index}`);
  return step;
}
