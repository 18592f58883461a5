import { type InvariantName, invariants } from './invariants.js';
import { textOfActs } from './shrink.js';
import type { SimulationFailure, SimulationReport } from './simulate.js';

/** Things that are told of what happened, the last of them. */
const mostEvents = 30;

/** One line that says what came of a simulation. */
export function summaryLine({ seeds, steps, digest, failure }: SimulationReport): string {
  const done = `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, ${steps} steps`;
  if (failure === undefined) return `ok: ${done}, every promise kept (digest ${digest})`;
  const { seed, violation, acts } = failure;
  return `FAILED: seed ${seed} breaks "${violation.invariant}" with ${acts.length} ${acts.length === 1 ? 'act' : 'acts'}; ${done}`;
}

/** What failed, the acts that bring it about, and what happens in them. */
export function failureText(failure: SimulationFailure, command: string): string {
  const { violation, acts, actsBefore, runs, events, seed } = failure;
  const promise = Object.hasOwn(invariants, violation.invariant)
    ? invariants[violation.invariant as InvariantName]
    : 'a check of your own';
  const happened = events.slice(-mostEvents);
  return [
    `${violation.invariant}: ${violation.message}`,
    `  promised is: ${promise}`,
    `  at step ${violation.step}, after ${violation.atMs} ms of the world`,
    '',
    `the shortest sequence found (${acts.length} of ${actsBefore} acts, ${runs} runs):`,
    ...acts.map(({ index, act }) => `  ${index}: ${JSON.stringify(act)}`),
    '',
    `what happens in it${happened.length < events.length ? `, the last ${happened.length} of ${events.length}` : ''}:`,
    ...happened.map(({ atMs, text }) => `  ${atMs} ms  ${text}`),
    '',
    `again: ${command} --seed ${seed} --acts ${textOfActs(acts.map(({ index }) => index))}`,
    '',
  ].join('\n');
}
