// The examples of docs/guides/simulate-before-you-ship.md are tests; importing them runs them.
export const examples = [await import('../../docs/examples/simulation/simulation.test.js')];
