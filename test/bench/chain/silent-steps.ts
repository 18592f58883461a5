import type { Step } from './by-hand.js';

/** Steps that look at nothing and let everything pass; the first has a condition, which all requests meet. */
export function silentSteps(count: number): Step[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `silent-${index}`,
    ...(index === 0 && { tenants: ['acme', 'globex'] }),
    handle: async () => ({ continueProcessing: true }),
  }));
}
