import type { Round, Verdict } from './chain-round.js';
import type { Ending, Step, Turn } from './chain-step.js';
import { VirtualPool } from './virtual-pool.js';

/** All on the payload and the global state that the serial phases left, as many at once as the pool lets. */
export function runSideBySide(round: Round, steps: readonly Step[]): Verdict {
  const payload = round.merged.payload;
  const state = structuredClone(round.world.state);
  const pool = new VirtualPool(round.scenario.executionPool, steps, (step) => round.start(step, payload, state));
  const endings = new Map<Turn, Ending>();

  for (let turn = pool.next(); turn !== undefined; turn = pool.next()) {
    const interrupted = round.interruptedBefore(turn);
    if (interrupted !== undefined) {
      pool.halt();
      return interrupted;
    }
    const ending = round.end(turn);
    const verdict = round.verdict(turn, ending);
    endings.set(turn, ending);
    if (verdict.kind === 'goes on') {
      pool.release(turn);
      continue;
    }
    pool.halt(turn);
    if (verdict.kind === 'halted') mergeInOrder(round, pool.started, endings);
    return verdict;
  }
  mergeInOrder(round, pool.started, endings);
  return { kind: 'goes on' };
}

/** Takes what was answered, in the order of the chain, whoever was quicker. */
function mergeInOrder(round: Round, turns: readonly Turn[], endings: ReadonlyMap<Turn, Ending>): void {
  for (const turn of turns) {
    const ending = endings.get(turn);
    if (ending !== undefined) round.merge(turn, ending);
  }
}
