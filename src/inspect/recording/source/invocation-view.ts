import { isPlainObject } from '../../../json/records.js';
import type { InvocationDetail, StepDetail, StepStatus } from '../../live/feed/feed-invocations.js';
import type { Recording } from '../read/recording.js';
import type { Timeline } from '../replay/timeline.js';
import { decisionAt } from './event-view.js';

/** What its machine was told of a plugin of a chain. */
interface DeclaredStep {
  readonly plugin: string;
  readonly sideBySide: boolean;
  readonly timeoutMs: number;
}

/** An invocation up to the event at `place`: a recording tells the states of plugins, and nothing of what they saw. */
export function invocationDetail(
  recording: Recording,
  timeline: Timeline,
  index: number,
  place: number,
): InvocationDetail | undefined {
  const { actors, events, header } = recording;
  const actor = actors[index];
  if (actor?.machine !== 'invocation') return undefined;
  const places = timeline.placesOf(index).filter((own) => own <= place);
  const [first] = places;
  const last = places.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const began = events.t[first] ?? 0;
  const steps = declaredSteps(actor.start?.input).map((step) => notReached(step));
  let turn = 0;
  for (const own of places) turn = tell(steps, own, turn);
  const decision = decisionAt(recording, last);
  const by =
    decision === undefined || decision === 'passed' ? undefined : steps.find(({ status }) => status === decision)?.p;
  const error = errorAt(last);
  return {
    id: actor.id,
    requestId: '',
    hook: hookOf(actor.id),
    subject: hookOf(actor.id),
    t: began,
    ...(decision !== undefined && { decided: (events.t[last] ?? 0) - began }),
    outcome: decision ?? 'running',
    ...(by !== undefined && { by }),
    ticks: steps.map(({ phase, status }) => [phase, status] as const),
    revision: header.run.slice(0, 8),
    steps,
    fp: [''],
    sequence: [],
    ...(error !== undefined && { error }),
  };

  /** @returns the plugin whose turn is next */
  function tell(of: StepDetail[], own: number, turnNow: number): number {
    const { event, to } = events.stepAt(own);
    const t = (events.t[own] ?? 0) - began;
    const at = 'index' in event && typeof event['index'] === 'number' ? event['index'] : turnNow;
    const step = of[at];
    const status = statusOf(event.type, to);
    const hasAnswered = step !== undefined && status !== undefined && step.status === 'running';
    if (hasAnswered) of[at] = { ...step, status, ms: t - (step.t ?? 0) };
    const next = hasAnswered ? at + 1 : turnNow;
    for (const [position, { phase, status: before }] of of.entries()) {
      const begins = to === 'running' ? position === next : to === 'concurrent' && phase === 'concurrent';
      const waiting = of[position];
      if (begins && before === 'notReached' && waiting !== undefined)
        of[position] = { ...waiting, status: 'running', t };
    }
    return next;
  }

  function errorAt(own: number): { code: string; message: string; t: number } | undefined {
    const { event } = events.stepAt(own);
    const code: unknown = 'code' in event ? event['code'] : undefined;
    return typeof code === 'string' ? { code, message: code, t: events.t[own] ?? 0 } : undefined;
  }
}

/** What an event says of the plugin that it is about; undefined where it says nothing. */
function statusOf(type: string, to: string): StepStatus | undefined {
  switch (type) {
    case 'step.completed':
      return to === 'halted' ? 'blocked' : 'passed';
    case 'step.denied':
      return 'blocked';
    case 'step.failed':
      return 'failed';
    case 'step.timedOut':
      return 'timedOut';
    case 'cancel':
      return 'aborted';
    default:
      return type.startsWith('xstate.after.deadline.') ? 'timedOut' : undefined;
  }
}

function declaredSteps(input: unknown): DeclaredStep[] {
  const steps: unknown = isPlainObject(input) ? input['steps'] : undefined;
  if (!Array.isArray(steps)) return [];
  return steps.filter(isPlainObject).map(({ plugin, sideBySide, timeoutMs }) => ({
    plugin: String(plugin),
    sideBySide: sideBySide === true,
    timeoutMs: Number(timeoutMs),
  }));
}

function notReached({ plugin, sideBySide, timeoutMs }: DeclaredStep): StepDetail {
  const phase = sideBySide ? 'concurrent' : 'sequential';
  return { p: plugin, phase, status: 'notReached', deadlineMs: timeoutMs, mode: phase };
}

function hookOf(id: string): string {
  return id.replace(/#\d+(~\d+)?$/, '');
}
