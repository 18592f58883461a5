// Runs seed after seed of a bundled simulation until one fails. Usage: node search.mjs BUNDLE SEARCH
const [, , bundle = '', told = '{}'] = process.argv;
const { seed, stepsOfSeed, mostSteps } = JSON.parse(told);
Error.stackTraceLimit = 0;
const { simulate } = await import(bundle);

/** What breaks off outside of every promise is found as well. */
process.on('uncaughtException', (error) => {
  say({ invariant: 'unbroken', message: String(error), seed: current, steps });
  process.exit(0);
});

let current = seed;
let steps = 0;
for (; steps < mostSteps; current++) {
  process.stdout.write(`seed ${current}\n`);
  const report = await simulate({ seed: current, steps: stepsOfSeed, shrinkRuns: 0, env: {} });
  steps += report.steps;
  const { failure } = report;
  if (failure === undefined) continue;
  const { invariant, message } = failure.violation;
  say({ invariant, message, seed: current, steps });
  process.exit(0);
}
say({ message: 'not found', seed: current, steps });

/** @param {object} found what came of it */
function say(found) {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
