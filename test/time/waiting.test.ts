import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/index.js';
import { deferred } from '../../src/time/deferred.js';
import { WaitGroup } from '../../src/time/wait-group.js';
import { within } from '../../src/time/within.js';

describe('within', () => {
  it('gives what the promise gives in time, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const answer = deferred<string | undefined>();
    const waited = within(answer.promise, 100, clock);
    expect(clock.holding).toBe(1);
    answer.resolve(undefined);
    expect(await waited).toEqual({ value: undefined });
    expect(clock.size).toBe(0);
  });

  it('gives up when time is over, and hears nothing of what comes later', async () => {
    const clock = new ManualClock();
    const answer = deferred();
    const waited = within(answer.promise, 100, clock);
    await clock.run(100);
    answer.reject(new Error('late'));
    expect(await waited).toBeUndefined();
    await clock.run(0);
  });

  it('fails as the promise fails, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    await expect(within(Promise.reject(new Error('no')), 100, clock)).rejects.toThrow('no');
    expect(clock.size).toBe(0);
  });
});

describe('a wait group', () => {
  it('is idle at once where nothing is going on', async () => {
    await new WaitGroup().idle();
  });

  it('is idle when all that was added is done, for everybody who waits, and each time anew', async () => {
    const group = new WaitGroup();
    const told: string[] = [];
    const wait = (who: string): void => void group.idle().then(() => told.push(who));
    for (const round of ['first', 'second']) {
      group.add();
      group.add();
      wait(`${round} a`);
      wait(`${round} b`);
      group.done();
      await Promise.resolve();
      expect(told).toHaveLength(round === 'first' ? 0 : 2);
      group.done();
      await Promise.resolve();
    }
    expect(told).toEqual(['first a', 'first b', 'second a', 'second b']);
    expect(group.count).toBe(0);
  });
});
