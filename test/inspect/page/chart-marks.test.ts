import { describe, expect, test } from 'vitest';
import { arrowsOf } from '../../../src/inspect/charts/arrows.js';
import { type Chart, chartOf, isInside } from '../../../src/inspect/charts/chart.js';
import type { PossibleEvent } from '../../../src/inspect/live/feed/feed-next.js';
import { arrowOfEvent, stepTo, walkOf } from '../../../src/inspect/live/page/chart/arrow-walk.js';
import { type ActorOnChart, type ChartMarks, marksOf } from '../../../src/inspect/live/page/chart/chart-marks.js';
import { everyEvent } from '../../../src/inspect/live/page/chart/every-event.js';
import { chartedMachines } from '../../../src/inspect/live/page/chart/machine-charts.js';
import { machineChart } from './charted.js';
import { lampMachine } from '../../fixtures/inspect/lamp-machine.js';

const connection = chartNamed('connection');

describe('a connection that backs off', () => {
  const next: PossibleEvent[] = [
    { e: 'after backoff', src: 'reconnecting.backingOff', to: 'queued', guard: 'takesTurns', holds: false },
    { e: 'after backoff', src: 'reconnecting.backingOff', to: 'connecting', due: 133_641 },
    { e: 'call.arrived', src: '', guard: 'queueFull', holds: false },
    { e: 'close', src: '', to: 'closing' },
  ];
  const marks = marked(connection, {
    at: 'reconnecting.backingOff',
    last: { event: 'releaseLink done', from: 'reconnecting.releasing', t: 118_641 },
    next,
    timer: { event: 'after backoff', due: 133_641, of: 15_000 },
  });

  test('is where it is, within what is around it', () => {
    expect(marks.active).toEqual(['reconnecting.backingOff']);
    expect(marks.within).toEqual(['reconnecting']);
  });

  test('came over one arrow, and leaves over those that are open', () => {
    expect(arrowsWith(connection, marks, 'last')).toEqual(['reconnecting.releasing > reconnecting.backingOff']);
    expect(arrowsWith(connection, marks, 'next')).toEqual(['reconnecting.backingOff > connecting']);
    expect(arrowsWith(connection, marks, 'any')).toEqual([' > closing']);
  });

  test('takes the arrow whose guard holds when the timer is over', () => {
    const timed = arrowsOf(connection).filter((_, index) => marks.arrows[index]?.timed);
    expect(timed.map(({ target }) => target)).toEqual(['connecting']);
  });

  test('is told from a list by the place in it, and from an arrow by all places that would take it', () => {
    const arrow = arrowOfEvent(marks, 1);
    expect(arrowsOf(connection)[arrow ?? -1]?.target).toBe('connecting');
    expect(marks.arrows[arrow ?? -1]?.next).toEqual([1]);
    expect(arrowOfEvent(marks, 0)).not.toBe(arrow);
    expect(arrowOfEvent(marks, 2)).toBeUndefined();
    expect(arrowOfEvent(marks, undefined)).toBeUndefined();
  });

  test('is walked with keys, round and round, over what can happen', () => {
    const walk = walkOf(marks);
    expect(walk).toHaveLength(2);
    const [first = -1, second = -1] = walk;
    expect(stepTo(walk, first, 'ArrowRight')).toBe(second);
    expect(stepTo(walk, second, 'ArrowDown')).toBe(first);
    expect(stepTo(walk, first, 'ArrowLeft')).toBe(second);
    expect(stepTo(walk, first, 'End')).toBe(second);
    expect(stepTo(walk, second, 'Home')).toBe(first);
    expect(stepTo(walk, first, 'a')).toBeUndefined();
  });
});

test('of what would take an arrow, the event of the timer is named first', () => {
  const marks = marked(connection, {
    at: 'reconnecting.backingOff',
    next: [
      { e: 'retry', src: 'reconnecting.backingOff', to: 'connecting' },
      { e: 'after backoff', src: 'reconnecting.backingOff', to: 'connecting' },
    ],
    timer: { event: 'after backoff', due: 1, of: 1 },
  });
  expect(marks.arrows.find(({ timed }) => timed)?.words).toEqual(['after backoff', 'retry']);
});

test('an alternative that another one shadows is no possible arrow', () => {
  const next = [{ e: 'after backoff', src: 'reconnecting.backingOff', to: 'connecting', shadowed: true }];
  const marks = marked(connection, { at: 'reconnecting.backingOff', next });
  expect(marks.arrows.filter(({ mark }) => mark !== undefined)).toEqual([]);
  expect(arrowOfEvent(marks, 0)).toBeDefined();
});

test('an event that would be taken elsewhere, by another guard or to another state marks nothing', () => {
  for (const other of [
    { e: 'after backoff', src: 'reconnecting', to: 'connecting' },
    { e: 'after backoff', src: 'reconnecting.backingOff', to: 'failed' },
    { e: 'after backoff', src: 'reconnecting.backingOff', to: 'queued', guard: 'isFull' },
    { e: 'backoff', src: 'reconnecting.backingOff', to: 'connecting' },
  ]) {
    const marks = marked(connection, { at: 'reconnecting.backingOff', next: [other] });
    expect(marks.arrows.filter(({ next }) => next.length > 0)).toEqual([]);
  }
});

test('regions side by side are all active', () => {
  const lamp = chartOf(lampMachine);
  const marks = marked(lamp, {
    at: 'power.on, shade.up',
    last: { event: 'switch', from: 'power.off, shade.up', t: 1 },
    next: [{ e: 'turn', src: 'shade.up', to: 'shade.down' }],
  });
  expect(marks.active).toEqual(['power.on', 'shade.up']);
  expect(marks.within).toEqual(['power', 'shade']);
  expect(arrowsWith(lamp, marks, 'last')).toEqual(['power.off > power.on']);
  expect(arrowsWith(lamp, marks, 'next')).toEqual(['shade.up > shade.down']);
});

test('a state that the chart does not have is nowhere', () => {
  const marks = marked(connection, { at: 'dreaming', next: [] });
  expect([...marks.active, ...marks.within]).toEqual([]);
});

describe.each(chartedMachines)('in the chart of %s', (id) => {
  const chart = chartNamed(id);
  const arrows = arrowsOf(chart);

  test('whatever can happen lights the arrow that it takes, and nothing that stays lights one', () => {
    const next = everyEvent(chart);
    const marks = marked(chart, { at: '', next });
    for (const [index, { e, src, to }] of next.entries()) {
      const arrow = arrows[arrowOfEvent(marks, index) ?? -1];
      if (to === undefined) expect(arrow).toBeUndefined();
      else expect(arrow).toMatchObject({ source: src, target: to });
      if (arrow !== undefined) expect(arrow.transitions.map(({ label }) => label)).toContain(e);
    }
  });

  test('every transition is the last one of whoever took it', () => {
    for (const { source, label, targets } of chart.transitions) {
      for (const target of targets) {
        const from = leavesIn(chart, source)[0] ?? '';
        const at = leavesIn(chart, target)[0] ?? '';
        const marks = marked(chart, { at, last: { event: label, from, t: 0 }, next: [] });
        const last = arrows[marks.last ?? -1];
        expect(last?.transitions.map((one) => one.label)).toContain(label);
        expect(last !== undefined && isInside(last.source)(from) && isInside(last.target)(at)).toBe(true);
      }
    }
  });
});

function chartNamed(id: string): Chart {
  return machineChart(id).chart;
}

function marked(chart: Chart, actor: ActorOnChart): ChartMarks {
  return marksOf(chart, arrowsOf(chart), actor);
}

function arrowsWith(chart: Chart, marks: ChartMarks, mark: string): string[] {
  return arrowsOf(chart)
    .filter((_, index) => marks.arrows[index]?.mark === mark)
    .map(({ source, target }) => `${source} > ${target}`);
}

function leavesIn(chart: Chart, path: string): string[] {
  return chart.states
    .filter((state) => state.children.length === 0 && isInside(path)(state.path))
    .map((state) => state.path);
}
