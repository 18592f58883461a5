import { AsyncSeriesHook } from 'tapable';
import { compared, contest, report } from '../measurement.js';
import { stayOnOneCore } from '../processes.js';
import { loop } from './by-hand.js';
import { invoke, managerOf, repeat } from './managers.js';
import { type ChainRequest, requestsOf, smallArgs } from './requests.js';
import { silentSteps } from './silent-steps.js';

stayOnOneCore();
const next = requestsOf(smallArgs);

{
  await using manager = await managerOf([]);
  const nothing = async (_request: ChainRequest): Promise<void> => {};
  const { wall } = await contest({
    ours: repeat(() => invoke(manager, next())),
    reference: repeat(() => nothing(next())),
    count: 20_000,
  });
  report([compared('chain/0', 'µs', wall)]);
}

for (const [length, count] of [
  [1, 20_000],
  [5, 10_000],
  [20, 5_000],
] as const) {
  const steps = silentSteps(length);
  await using manager = await managerOf(steps);
  const ours = repeat(() => invoke(manager, next()));
  const { wall } = await contest({ ours, reference: repeat(() => loop(steps, next())), count });
  report([compared(`chain/${length}`, 'µs', wall)]);

  const hook = new AsyncSeriesHook<[ChainRequest]>(['request']);
  for (const { name } of steps) hook.tapPromise(name, async () => {});
  const taps = await contest({ ours, reference: repeat(() => hook.promise(next())), count });
  const isLimited = length === 20;
  report([compared(`chain/${length}-tapable${isLimited ? '' : ' (information)'}`, 'µs', taps.wall)]);
}
