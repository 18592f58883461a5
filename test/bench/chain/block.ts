import { compared, contest, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { loop } from './by-hand.js';
import { blockingSteps } from './blocking-steps.js';
import { invoke, managerOf, repeat } from './managers.js';
import { requestsOf, smallArgs } from './requests.js';

stayOnOneCore();
const next = requestsOf(smallArgs);
const steps = blockingSteps();
await using manager = await managerOf(steps);
const { wall } = await contest({
  ours: repeat(() => invoke(manager, next())),
  reference: repeat(() => loop(steps, next())),
  count: 10_000,
});
report([compared('chain/block', 'µs', wall)]);
