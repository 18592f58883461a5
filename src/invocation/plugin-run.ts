import type { Span } from '../observability/spans.js';
import type { ChainStep } from './hook-chain.js';
import type { InvocationSpans } from './hook-spans.js';
import type { StepContext } from './step-context.js';
import type { PayloadView } from './write-watch.js';

/** Hears what becomes of a plugin that was given a payload: exactly one of the two for each context, unless it hangs. */
export interface AnswerReceiver {
  /** What the plugin was given in the place of the payload. */
  view: PayloadView | undefined;
  /** Of plugins that take their time; undefined before the first one, and after one that was given up. */
  listener: AnswerListener | undefined;
  /** Undefined where nobody traces. */
  readonly spans: InvocationSpans | undefined;
  completed(context: StepContext, index: number, returned: unknown): void;
  failed(context: StepContext, index: number, thrown: unknown): void;
}

/**
 * Listens to one promise after another: two functions for all plugins of a chain, and not two for each. It has to be let
 * go of with a plugin that is given up, which may answer yet.
 */
export interface AnswerListener {
  context: StepContext;
  index: number;
  readonly completed: (returned: unknown) => void;
  readonly failed: (thrown: unknown) => void;
}

/**
 * Not a class: with one, what calls that overlap had left was collected only with the old (V8 11.3), a tenth to a fifth of their
 * processor time (`npm run bench`, unix/64-silent).
 */
function listenerOf(receiver: AnswerReceiver, context: StepContext, index: number): AnswerListener {
  const listener: AnswerListener = {
    context,
    index,
    completed: (returned) => receiver.completed(listener.context, listener.index, returned),
    failed: (thrown) => receiver.failed(listener.context, listener.index, thrown),
  };
  return listener;
}

/** Gives a payload to a plugin. @param span of the receiver's `spans`, which the plugin runs in */
export function runPlugin(
  step: ChainStep,
  index: number,
  payload: unknown,
  context: StepContext,
  receiver: AnswerReceiver,
  span: Span | undefined,
): void {
  try {
    const view = step.writes.view(payload);
    receiver.view = view;
    const given = view === undefined ? payload : view.given;
    const returned =
      span?.run === undefined ? step.handler(given, context) : runWithin(span, step, given, context, receiver);
    if (!isThenable(returned)) return receiver.completed(context, index, returned);
    const listener = (receiver.listener ??= listenerOf(receiver, context, index));
    listener.context = context;
    listener.index = index;
    // A promise of ours settles once and with no promise, whatever `then` it was given.
    if (returned.then === promiseThen) void returned.then(listener.completed, listener.failed);
    else void promiseThen.call(Promise.resolve(returned), listener.completed, listener.failed);
  } catch (error) {
    receiver.failed(context, index, error);
  }
}

function runWithin(
  span: Span,
  step: ChainStep,
  given: unknown,
  context: StepContext,
  { spans }: AnswerReceiver,
): unknown {
  return spans?.run(span, () => step.handler(given, context));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return false;
  return 'then' in value && typeof value.then === 'function';
}

// oxlint-disable-next-line typescript/unbound-method -- called on promises that may have a `then` of their own
const promiseThen = Promise.prototype.then;
