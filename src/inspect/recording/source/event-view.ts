import type { InvocationOutcome } from '../../live/feed/feed-invocations.js';
import type { FeedEvent } from '../../live/feed/feed-states.js';
import type { Recording } from '../read/recording.js';
import type { Timeline } from '../replay/timeline.js';

/** How invocations end, by the final state of their machine. */
const outcomes: Readonly<Record<string, InvocationOutcome>> = {
  completed: 'passed',
  halted: 'blocked',
  denied: 'blocked',
  failed: 'failed',
  timedOut: 'timedOut',
  cancelled: 'aborted',
};

/** The decision that an event brought; undefined for others. Rules deny calls before any hook sees them. */
export function decisionAt({ actors, events }: Recording, place: number): InvocationOutcome | undefined {
  const machine = actors[events.actor[place] ?? 0]?.machine;
  const { to } = events.stepAt(place);
  if (machine === 'invocation') return outcomes[to];
  return machine === 'gatewayCall' && to === 'denied' ? 'blocked' : undefined;
}

/** Whether it came to a state of trouble. */
export function isFailure({ events }: Recording, place: number, before: string): boolean {
  const { to } = events.stepAt(place);
  return (
    to !== before &&
    /^(failed|timedOut|outcomeUnknown|refused)(\.|$)/.test(to) &&
    !before.startsWith(`${to.split('.')[0]}.`)
  );
}

/** The event in words. */
export function labelAt({ actors, events }: Recording, timeline: Timeline, place: number): string {
  const machine = actors[events.actor[place] ?? 0]?.machine ?? '';
  return timeline.labelOf(machine, events.stepAt(place).event.type);
}

/** An event as lists show it. */
export function feedEvent(recording: Recording, timeline: Timeline, place: number): FeedEvent {
  const { actors, events } = recording;
  const { event, to } = events.stepAt(place);
  const from = timeline.stateBefore(place);
  const step = timeline.stepAt(place);
  const data = dataOf(event);
  const decision = decisionAt(recording, place);
  const isOdd =
    (decision !== undefined && decision !== 'passed') || isFailure(recording, place, from) || 'error' in event;
  return {
    s: place + 1,
    t: events.t[place] ?? 0,
    a: actors[events.actor[place] ?? 0]?.id ?? '',
    e: labelAt(recording, timeline, place),
    from,
    to,
    ...(step !== undefined && Object.keys(step.guards).length > 0 && { guard: step.guards }),
    ...(step !== undefined && step.did.length > 0 && { did: step.did }),
    ...(Object.keys(data).length > 0 && { data }),
    ...(isOdd && { odd: true }),
  };
}

function dataOf(event: object): Record<string, string | number | boolean> {
  const data: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(event)) {
    if (name === 'type' || name === 'actorId') continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') data[name] = value;
    else if (value instanceof Error) data[name] = value.message;
  }
  return data;
}
