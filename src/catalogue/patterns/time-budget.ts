import { createContext, Script } from 'node:vm';
import { PatternBudgetError } from './pattern-error.js';

const context = createContext({ work: undefined });
const run = new Script('work()');

/**
 * Does synchronous work, and stops it in its midst when its time is used up: nothing else could, since nothing else runs
 * meanwhile. What the work was changing is then in no defined state.
 *
 * @param budgetMs milliseconds
 * @throws PatternBudgetError
 */
export function withinBudget<Result>(budgetMs: number, work: () => Result): Result {
  let result: { readonly value: Result } | undefined;
  context['work'] = () => {
    result = { value: work() };
  };
  try {
    run.runInContext(context, { timeout: budgetMs });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new PatternBudgetError(`it was not done in ${budgetMs} ms`, { cause: error });
  } finally {
    context['work'] = undefined;
  }
  if (result === undefined) throw new PatternBudgetError('it was stopped');
  return result.value;
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
