import type { Round, Verdict } from './chain-round.js';
import type { Ending, Step, Turn } from './chain-step.js';
import { VirtualPool } from './virtual-pool.js';

/** All on the payload and the global state that the serial phases left, as many at once as the pool lets. */
export function runSideBySide(round: Round, steps: readonly Step[]): Verdict {
  const payload = round.merged.payload;
  const state = structuredClone(round.world.state);
  const endings = new Map<Turn, Ending>();
  const start = (step: Step): Turn => {
    const turn = round.start(step, payload, state);
    // Who answers at once has answered, also where somebody before it is heard first.
    if (turn.isAtOnce) endings.set(turn, round.end(turn));
    return turn;
  };
  const pool = new VirtualPool(round.scenario.executionPool, steps, start);

  for (let turn = pool.next(); turn !== undefined; turn = pool.next()) {
    const interrupted = round.interruptedBefore(turn);
    if (interrupted !== undefined) {
      pool.halt();
      return interrupted;
    }
    const ending = endings.get(turn) ?? round.end(turn);
    endings.set(turn, ending);
    const verdict = round.verdict(turn, ending);
    if (verdict.kind === 'goes on') {
      pool.release(turn);
      continue;
    }
    pool.halt(turn);
    if (verdict.kind === 'halted') mergeInOrder(round, pool.started, endings, turn);
    return verdict;
  }
  mergeInOrder(round, pool.started, endings);
  return { kind: 'goes on' };
}

/** Takes what was answered, in the order of the chain, whoever was quicker. Of those that block only the first decides. */
function mergeInOrder(round: Round, turns: readonly Turn[], endings: ReadonlyMap<Turn, Ending>, decider?: Turn): void {
  for (const turn of turns) {
    const ending = endings.get(turn);
    if (ending !== undefined) round.merge(turn, ending, turn === decider);
  }
}
