/** What the chain needs to know of one plugin. Inspectors see it, so it holds names and numbers, and nothing of theirs. */
export interface InvocationStep {
  readonly plugin: string;
  /** Runs beside others, and not in its turn. */
  readonly sideBySide: boolean;
  readonly mayBlock: boolean;
  readonly raisesErrors: boolean;
  /** Milliseconds the plugin may take. */
  readonly timeoutMs: number;
}

/** What an invocation starts with. */
export interface InvocationInput {
  /** The plugins that will run before the answer, in order: those that run in turn, then those that run side by side. */
  readonly steps: readonly InvocationStep[];
}

/** What an invocation remembers. */
export interface InvocationContext extends InvocationInput {
  /**
   * Position in `steps` of the plugin that runs in its turn, or that decided. While plugins run side by side: how many have
   * answered and decided nothing, those that had their turns included.
   */
  readonly index: number;
  /** Code of the error that ended the chain; undefined for a time-out. */
  readonly errorCode: string | undefined;
}

/** What can happen to an invocation. */
export type InvocationEvent =
  | { type: 'step.completed'; index: number; stops: boolean }
  | { type: 'step.denied'; index: number; code: string }
  | { type: 'step.failed'; index: number; code: string }
  /** Of a plugin beside others, whose deadline is its own. */
  | { type: 'step.timedOut'; index: number }
  | { type: 'cancel'; code: string };

/** The plugin that an event is about: where it names none, the one whose turn it is. @throws Error for a step there is not */
export function stepOf({ steps, index }: InvocationContext, event?: InvocationEvent): InvocationStep {
  const position = event !== undefined && 'index' in event ? event.index : index;
  const step = steps[position];
  if (step === undefined) throw new Error(`the chain has no step ${position}`);
  return step;
}
