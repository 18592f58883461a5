import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { SimulationClock } from '../../src/testing/simulation/simulation-clock.js';

const timer = fc.record({ ms: fc.nat(20), isCleared: fc.boolean() });

test.prop([fc.array(timer, { maxLength: 60 })])(
  'timers fire in order, each once, and none that was cleared',
  (timers) => {
    const clock = new SimulationClock();
    const fired: { ms: number; index: number }[] = [];
    const handles = timers.map(({ ms }, index) => clock.setTimeout(() => fired.push({ ms, index }), ms));
    for (const [index, { isCleared }] of timers.entries()) if (isCleared) clock.clearTimeout(handles[index]);
    const due = timers.flatMap(({ ms, isCleared }, index) => (isCleared ? [] : [{ ms, index }]));
    expect(clock.size).toBe(due.length);
    while (clock.fire()) expect(clock.now()).toBe(fired.at(-1)?.ms);
    expect(fired).toEqual(due.toSorted((one, other) => one.ms - other.ms || one.index - other.index));
    expect(clock.size).toBe(0);
  },
);

test.prop([fc.array(fc.nat(20), { minLength: 1, maxLength: 20 }), fc.nat(40)])(
  'a jump makes timers late',
  (all, to) => {
    const clock = new SimulationClock();
    for (const ms of all) clock.setTimeout(() => undefined, ms);
    clock.jumpTo(to);
    clock.fire();
    expect(clock.now()).toBe(Math.max(to, Math.min(...all)));
  },
);
