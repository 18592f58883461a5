import { assign, setup } from 'xstate';

/** What a branch starts with. Inspectors see it, so it holds names and numbers, and nothing of the payload. */
export interface BranchInput {
  readonly plugin: string;
  /** Milliseconds the plugin may take. */
  readonly timeoutMs: number;
}

/** What a branch remembers. */
export interface BranchContext extends BranchInput {
  /** Code of the error that ended it; undefined for a time-out. */
  readonly errorCode: string | undefined;
}

/** What can happen to a branch. */
export type BranchEvent =
  | { type: 'branch.completed'; stops: boolean }
  | { type: 'branch.denied'; code: string }
  | { type: 'branch.failed'; code: string }
  /** Nobody wants its answer any more. */
  | { type: 'branch.abort' };

/**
 * One plugin that runs beside others: a gate of the concurrent phase, or work in the background. What its end means is
 * for its owner to say.
 */
export const branchMachine = setup({
  types: { input: {} as BranchInput, context: {} as BranchContext, events: {} as BranchEvent },
  actions: {
    /** Gives the payload to the plugin; it answers with `branch.completed`, `branch.denied` or `branch.failed`. */
    runPlugin: () => {},
    /** Aborts the signal of the plugin. */
    abortPlugin: () => {},
    /** Tells the owner, once. */
    tellEnded: () => {},
    recordError: assign({ errorCode: ({ event }) => ('code' in event ? event.code : undefined) }),
  },
  delays: { deadline: ({ context }) => context.timeoutMs },
}).createMachine({
  id: 'branch',
  context: ({ input }) => ({ plugin: input.plugin, timeoutMs: input.timeoutMs, errorCode: undefined }),
  initial: 'running',
  states: {
    running: {
      description: 'The plugin has the payload, and its deadline is running.',
      entry: 'runPlugin',
      after: { deadline: { target: 'timedOut', actions: 'abortPlugin' } },
      on: {
        'branch.completed': 'completed',
        'branch.denied': { target: 'denied', actions: 'recordError' },
        'branch.failed': { target: 'failed', actions: 'recordError' },
        'branch.abort': { target: 'aborted', actions: 'abortPlugin' },
      },
    },
    completed: { description: 'The plugin has answered.', type: 'final', entry: 'tellEnded' },
    denied: {
      description: 'The plugin threw its violation, or gave an answer that says stop and cannot be read.',
      type: 'final',
      entry: 'tellEnded',
    },
    failed: { description: 'The plugin failed.', type: 'final', entry: 'tellEnded' },
    timedOut: { description: 'The plugin missed its deadline, and was told.', type: 'final', entry: 'tellEnded' },
    aborted: {
      description: 'Its answer is not wanted any more, and the plugin was told. Nobody waits for it.',
      type: 'final',
      entry: 'tellEnded',
    },
  },
});
