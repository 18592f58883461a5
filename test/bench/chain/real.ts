import { compared, contest, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { invoke, managerOf, repeat } from './managers.js';
import { isolatedRealLoop, realLoop } from './real-by-hand.js';
import { realSteps } from './real-steps.js';
import { argsOfSize, requestsOf } from './requests.js';

stayOnOneCore();
await using manager = await managerOf(realSteps);

for (const [name, bytes, reference, count] of [
  ['chain/real-1k', 1_024, realLoop, 5_000],
  ['chain/real-100k', 102_400, isolatedRealLoop, 200],
] as const) {
  const next = requestsOf((index) => argsOfSize(bytes, index));
  const { wall } = await contest({
    ours: repeat(() => invoke(manager, next())),
    reference: repeat(() => reference(realSteps, next())),
    count,
  });
  report([compared(name, 'µs', wall)]);
}
