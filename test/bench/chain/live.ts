import { compared, contest, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { loop, type Step } from './by-hand.js';
import { invoke, managerOf } from './managers.js';
import { requestsOf, smallArgs } from './requests.js';

stayOnOneCore();
const next = requestsOf(smallArgs);

/** Chains in flight at once. */
const live = 5_000;

/** Answers that somebody waits for. */
let answers: (() => void)[] = [];
const waiting: Step = {
  name: 'waiting',
  tenants: ['acme'],
  handle: () =>
    new Promise((resolve) => {
      answers.push(() => resolve({ continueProcessing: true }));
    }),
};

/** Starts as many at a time, and lets the plugin answer when all of them wait. */
const together = (call: () => Promise<unknown>) => async (count: number) => {
  for (let done = 0; done < count; done += live) {
    answers = [];
    const calls = Array.from({ length: live }, call);
    if (answers.length !== live) throw new Error(`${answers.length} calls of ${live} are in flight`);
    for (const answer of answers) answer();
    await Promise.all(calls);
  }
};

await using manager = await managerOf([waiting]);
const { wall } = await contest({
  ours: together(() => invoke(manager, next())),
  reference: together(() => loop([waiting], next())),
  // So many that one collection of garbage more does not make a round a slow one.
  count: 4 * live,
});
report([compared('chain/live-5000', 'µs', wall)]);
