import type { Round, Verdict } from './chain-round.js';
import type { Step } from './chain-step.js';

/** One plugin after the other, each on what those before it left. */
export function runInTurn(round: Round, steps: readonly Step[]): Verdict {
  for (const step of steps) {
    const turn = round.start(step, round.merged.payload, round.world.state);
    const interrupted = round.interruptedBefore(turn);
    if (interrupted !== undefined) {
      turn.abort();
      return interrupted;
    }
    const ending = round.end(turn);
    round.merge(turn, ending);
    const verdict = round.verdict(turn, ending);
    if (verdict.kind !== 'goes on') return verdict;
  }
  return { kind: 'goes on' };
}
