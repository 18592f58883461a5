import type { Plain } from './chain-acts.js';
import type { Round } from './chain-round.js';
import { type Step, Turn } from './chain-step.js';
import { VirtualPool } from './virtual-pool.js';

/** What the caller is told in the end of a plugin that runs after the answer. */
export interface Report {
  readonly plugin: string;
  readonly status: string;
  /** The code of its error. */
  readonly code: string | undefined;
  readonly durationMs: number;
}

/** All that are left to run when the answer is decided: nothing comes of them but reports, in the order of the chain. */
export function runAfterwards(round: Round, steps: readonly Step[], payload: unknown): Report[] {
  const { notes, state } = round.world;
  const decided = structuredClone(state);
  // A copy of its notes, which nobody keeps.
  const notesOf = (step: Step): Plain => structuredClone(notes.get(step.name) ?? {});
  const pool = new VirtualPool(round.scenario.executionPool, steps, (step) =>
    round.begin(new Turn(step, payload, decided, notesOf(step), round.now)),
  );
  const reports = new Map<Step, Report>();
  for (let turn = pool.next(); turn !== undefined; turn = pool.next()) {
    if (round.endsAt < turn.endsAt) {
      for (const aborted of pool.halt())
        reports.set(aborted.step, reportOf(aborted.step, 'aborted', round.endsAt - aborted.startsAt));
      break;
    }
    const ending = round.end(turn);
    if (ending.kind === 'fails') round.swallow(turn.step, ending.code);
    const code = ending.kind === 'fails' ? ending.code : undefined;
    const status = code === undefined ? 'completed' : code === 'PLUGIN_TIMEOUT' ? 'timed_out' : 'failed';
    reports.set(turn.step, { ...reportOf(turn.step, status, turn.endsAt - turn.startsAt), code });
    pool.release(turn);
  }
  return steps.map((step) => reports.get(step) ?? reportOf(step, 'aborted', 0));
}

function reportOf({ name }: Step, status: string, durationMs: number): Report {
  return { plugin: name, status, code: undefined, durationMs };
}
