import type { ChainStep } from './hook-chain.js';
import type { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';

/** Hears what becomes of a plugin that was given a payload: exactly one of the two for each context, unless it hangs. */
export interface AnswerReceiver {
  /** What the plugin was given in the place of the payload. */
  view: PayloadView | undefined;
  completed(context: StepContext, index: number, returned: unknown): void;
  failed(context: StepContext, index: number, thrown: unknown): void;
}

/** Gives a payload to a plugin. */
export function runPlugin(
  step: ChainStep,
  index: number,
  payload: unknown,
  context: StepContext,
  receiver: AnswerReceiver,
): void {
  try {
    receiver.view = step.writes.view(payload);
    const returned = step.handler(receiver.view?.given ?? payload, context);
    if (!isThenable(returned)) return receiver.completed(context, index, returned);
    const completed = (result: unknown): void => receiver.completed(context, index, result);
    const failed = (error: unknown): void => receiver.failed(context, index, error);
    // A promise of ours settles once and with no promise, whatever `then` it was given.
    if (returned.then === promiseThen) void returned.then(completed, failed);
    else void promiseThen.call(Promise.resolve(returned), completed, failed);
  } catch (error) {
    receiver.failed(context, index, error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return false;
  return 'then' in value && typeof value.then === 'function';
}

// oxlint-disable-next-line typescript/unbound-method -- called on promises that may have a `then` of their own
const promiseThen = Promise.prototype.then;
