import type { InvocationDetail, InvocationOutcome, StepDetail, StepStatus } from '../../feed/feed-invocations.js';
import { counted } from '../parts/time-format.js';
import { exactMs } from './duration-text.js';

/** How an outcome or a step looks: the shape beside its word, and the class that colours it. */
export type Look =
  | 'passed'
  | 'modified'
  | 'blocked'
  | 'failed'
  | 'timedOut'
  | 'aborted'
  | 'skipped'
  | 'background'
  | 'running';

export const outcomeWords: Readonly<Record<InvocationOutcome, string>> = {
  running: 'running',
  passed: 'passed',
  modified: 'modified',
  blocked: 'blocked',
  failed: 'failed',
  timedOut: 'timed out',
  aborted: 'aborted',
};

export const stepWords: Readonly<Record<StepStatus, string>> = {
  ...outcomeWords,
  skipped: 'skipped',
  disabled: 'disabled',
  background: 'in the background',
  notReached: 'not reached',
};

/** For the legend. */
export const lookWords: Readonly<Record<Look, string>> = {
  ...outcomeWords,
  skipped: 'left out',
  background: 'background',
};

/** Steps that never began look alike: no bar, and the reason in words. */
export function lookOf(status: StepStatus): Look {
  return status === 'disabled' || status === 'notReached' ? 'skipped' : status;
}

/** What is said beside a bar, the longest form first; or in place of the bar, where the step never began. */
export function stepTexts(step: StepDetail, invocation: InvocationDetail, nowMs: number): readonly string[] {
  if (step.t === undefined) return [notBegunText(step)];
  const took = exactMs(step.ms ?? Math.max(0, nowMs - step.t));
  const more = stepRemark(step, invocation);
  return more === '' ? [took] : [`${took}, ${more}`, took];
}

function notBegunText(step: StepDetail): string {
  const word = stepWords[step.status];
  return step.why === undefined ? word : `${word}: ${step.why}`;
}

function stepRemark(step: StepDetail, { outcome, violation, by }: InvocationDetail): string {
  switch (step.status) {
    case 'modified':
      return step.diff === undefined
        ? 'modified'
        : `changed ${counted(step.diff.changes.length + step.diff.more, 'value')}`;
    case 'blocked':
      return violation?.counts === false && by !== step.p ? 'objected, does not count' : 'blocked';
    case 'aborted':
      return outcome === 'blocked' ? 'aborted by the block' : 'aborted';
    case 'failed':
      return step.error === undefined ? 'failed' : `failed: ${step.error.code}`;
    case 'timedOut':
      return step.deadlineMs === undefined ? 'no answer in time' : `no answer within ${exactMs(step.deadlineMs)}`;
    case 'running':
      return step.deadlineMs === undefined ? 'running' : `running, given up after ${exactMs(step.deadlineMs)}`;
    case 'passed':
    case 'background':
    case 'skipped':
    case 'disabled':
    case 'notReached':
      return '';
  }
}
