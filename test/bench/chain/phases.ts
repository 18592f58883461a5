import { compared, contest, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { sideBySide, type Step } from './by-hand.js';
import { invoke, managerOf, repeat } from './managers.js';
import { requestsOf, smallArgs } from './requests.js';
import { silentSteps } from './silent-steps.js';

stayOnOneCore();
const next = requestsOf(smallArgs);

{
  const steps = silentSteps(5);
  const phases = ['sequential', 'transform', 'audit', 'concurrent', 'fire_and_forget'] as const;
  await using phased = await managerOf(steps, { mode: phases });
  await using enforced = await managerOf(steps);
  const { wall } = await contest({
    ours: repeat(() => invoke(phased, next())),
    reference: repeat(() => invoke(enforced, next())),
    count: 10_000,
  });
  report([compared('chain/5-phases', 'µs', wall)]);
}

{
  const steps: Step[] = Array.from({ length: 4 }, (_, index) => ({
    name: `waiting-${index}`,
    handle: () =>
      new Promise((resolve) => {
        setTimeout(resolve, 1, { continueProcessing: true });
      }),
  }));
  await using manager = await managerOf(steps, { mode: 'concurrent' });
  const { wall } = await contest({
    ours: repeat(() => invoke(manager, next())),
    reference: repeat(() => sideBySide(steps, next())),
    count: 200,
  });
  report([compared('chain/concurrent-4', 'µs', wall)]);
}
