import type { InvocationOutcome, StepStatus } from '../../feed/feed-invocations.js';

/** The seven meanings that have a shape and a colour of their own. */
export type Meaning = 'ready' | 'connecting' | 'reconnecting' | 'failed' | 'blocked' | 'modified' | 'idle';

/** By the first part of a state, whatever machine has it. */
const byState: Readonly<Record<string, Meaning>> = {
  ready: 'ready',
  serving: 'ready',
  running: 'ready',
  enabled: 'ready',
  streaming: 'ready',
  authorised: 'ready',
  anonymous: 'ready',
  watching: 'ready',
  answered: 'ready',
  completed: 'ready',
  connecting: 'connecting',
  queued: 'connecting',
  starting: 'connecting',
  loading: 'connecting',
  building: 'connecting',
  loggingIn: 'connecting',
  obtaining: 'connecting',
  refreshing: 'connecting',
  asking: 'connecting',
  inFlight: 'connecting',
  reconnecting: 'reconnecting',
  suspect: 'reconnecting',
  backingOff: 'reconnecting',
  waitingToReplay: 'reconnecting',
  replaying: 'reconnecting',
  undoing: 'reconnecting',
  failed: 'failed',
  refused: 'failed',
  refusing: 'failed',
  lost: 'failed',
  timedOut: 'failed',
  aborted: 'failed',
  outcomeUnknown: 'failed',
  needed: 'failed',
  blocked: 'blocked',
  denied: 'blocked',
  halted: 'blocked',
  modified: 'modified',
};

/** There are few states, and a thousand actors are asked thirty times a second. */
const known = new Map<string, Meaning>();

/** What a state means; one that has nothing to say is idle. */
export function meaningOf(state: string): Meaning {
  const before = known.get(state);
  if (before !== undefined) return before;
  const [first = ''] = state.split('.');
  const meaning = state.startsWith('running.disabled')
    ? 'failed'
    : Object.hasOwn(byState, first)
      ? byState[first]
      : undefined;
  // States of a host are its own: what it makes up does not fill the page.
  if (known.size < 1_000) known.set(state, meaning ?? 'idle');
  return meaning ?? 'idle';
}

/** Of an outcome or of a step: passed is no news, so that only what deviates has a colour. */
export function meaningOfOutcome(outcome: InvocationOutcome | StepStatus): Meaning {
  switch (outcome) {
    case 'blocked':
    case 'modified':
      return outcome;
    case 'failed':
    case 'timedOut':
    case 'aborted':
      return 'failed';
    case 'running':
      return 'connecting';
    default:
      return 'idle';
  }
}

/** `reconnecting.backingOff` as a head and the rest. */
export function splitState(state: string): readonly [head: string, rest: string] {
  const dot = state.indexOf('.');
  return dot < 0 ? [state, ''] : [state.slice(0, dot), state.slice(dot + 1).replaceAll('.', ' › ')];
}
