import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chartOf, isInside } from '../../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../../src/inspect/charts/catalogue.js';
import { contains, overlaps, segmentCrosses, segmentsOf } from '../../../src/inspect/charts/geometry.js';
import type { Box, ChartLayout } from '../../../src/inspect/charts/placement.js';
import { detailAt } from '../../../src/inspect/live/page/chart/chart-detail.js';
import { type ChartMarks, marksOf } from '../../../src/inspect/live/page/chart/chart-marks.js';
import { spokenArrow, spokenState } from '../../../src/inspect/live/page/chart/chart-names.js';
import { spokenTime, tagTime } from '../../../src/inspect/live/page/chart/chart-times.js';
import { addedWords } from '../../../src/inspect/live/page/chart/chart-words.js';
import { placeOfTag } from '../../../src/inspect/live/page/chart/label-places.js';
import {
  betterMap,
  chartedMachines,
  type MachineChart,
  machineChartOf,
} from '../../../src/inspect/live/page/chart/machine-charts.js';
import { machineChart, machineJson } from './charted.js';

const known = chartedMachines.map((id) => [id, chartNamed(id)] as const);

test('the page has a chart of every machine there is', () => {
  expect(chartedMachines).toEqual([...machineCatalogue.keys()]);
  for (const [id, { chart, about }] of known) {
    const entry = machineCatalogue.get(id);
    if (entry === undefined) throw new Error(`${id} is no machine`);
    const transitions = chartOf(entry.machine).transitions.map((one) => ({ ...one, event: one.label }));
    expect(chart).toEqual({ ...chartOf(entry.machine), transitions });
    expect(about).toBe(entry.about);
  }
});

test('the map is taken that is drawn larger', () => {
  const connection = chartNamed('connection');
  expect(betterMap(connection, 520, 720)).toBe('tall');
  expect(betterMap(connection, 1100, 340)).toBe('wide');
});

describe.each(known)('on the maps of %s, wherever an actor is', (_, machine) => {
  test.each([1, 0.8, 0.62])('labels and tag cover no state, no name and not each other (at %s)', (zoom) => {
    for (const { layout, marks } of situations(machine)) {
      const { labels, tag } = addedWords(layout, marks, detailAt(zoom), {
        lit: undefined,
        hasTimer: true,
        isQuiet: false,
      });
      const added = [...labels.map(({ box }) => box), ...(tag === undefined ? [] : [tag])];
      const leaves = layout.states.filter(({ state }) => state.children.length === 0);
      const page = { x: 0, y: 0, width: layout.width, height: layout.height };
      for (const [index, box] of added.entries()) {
        const covered = [...leaves, ...layout.anyStates, ...added.slice(index + 1)].filter((one) => overlaps(one, box));
        expect(covered).toEqual([]);
        expect(contains(page, box)).toBe(true);
      }
    }
  });

  test('a label stands on its arrow, and is shorter than that', () => {
    for (const { layout, marks } of situations(machine)) {
      const { labels } = addedWords(layout, marks, detailAt(1), { lit: undefined, hasTimer: false, isQuiet: false });
      for (const { arrow, box, text } of labels) {
        const segments = segmentsOf(layout.arrows[arrow]?.points ?? []);
        expect(segments.some((segment) => segmentCrosses(segment, box))).toBe(true);
        expect(box.width).toBeLessThanOrEqual(
          segments.reduce((sum, [a, b]) => sum + Math.hypot(b.x - a.x, b.y - a.y), 0),
        );
        expect(marks.arrows[arrow]?.mark).toBeDefined();
        expect(text).not.toBe('');
      }
    }
  });

  test('a chart without an actor has a label only where somebody points', () => {
    const { layout, marks } = situations(machine)[0] ?? missing();
    const shown = (lit: number | undefined) =>
      addedWords(layout, marks, detailAt(1), { lit, hasTimer: false, isQuiet: true }).labels.map(({ arrow }) => arrow);
    expect(shown(undefined)).toEqual([]);
    for (const index of layout.arrows.keys()) expect([[], [index]]).toContainEqual(shown(index));
  });
});

describe('the tag of a state', () => {
  const state = { x: 100, y: 100, width: 80, height: 30 };
  const size = { width: 50, height: 16 };
  const places = { below: 138, above: 76 };
  const arrowThrough = (box: Box) => ({
    source: 'a',
    target: 'b',
    transitions: [],
    label: undefined,
    points: [
      { x: box.x - 5, y: box.y + 8 },
      { x: box.x + 100, y: box.y + 8 },
    ],
  });
  const page = { x: 0, y: 0, width: 400, height: 400 };

  test('is below it, unless that covers something', () => {
    expect(placeOfTag(state, size, { boxes: [], arrows: [], page })).toMatchObject({ y: places.below });
    const below = { x: 100, y: 135, width: 80, height: 30 };
    expect(placeOfTag(state, size, { boxes: [below], arrows: [], page })).toMatchObject({ x: 42 });
    const left = { x: 0, y: 100, width: 95, height: 30 };
    expect(placeOfTag(state, size, { boxes: [below, left], arrows: [], page })).toMatchObject({ x: 188 });
    const right = { x: 185, y: 100, width: 95, height: 30 };
    expect(placeOfTag(state, size, { boxes: [below, left, right], arrows: [], page })).toMatchObject({
      y: places.above,
    });
  });

  test('covers an arrow rather than a word, and is left out rather than cover one', () => {
    const around = [
      { x: 0, y: 100, width: 95, height: 30 },
      { x: 185, y: 100, width: 95, height: 30 },
      { x: 100, y: 60, width: 80, height: 38 },
    ];
    const below = { x: 100, y: 138, width: 80, height: 16 };
    const arrows = [arrowThrough(below)];
    expect(placeOfTag(state, size, { boxes: around, arrows, page })).toMatchObject({ y: places.below });
    expect(placeOfTag(state, size, { boxes: [], arrows, page })).toMatchObject({ x: 42 });
    expect(placeOfTag(state, size, { boxes: [...around, below], arrows, page })).toBeUndefined();
  });
});

describe('what is read out', () => {
  const { tall } = chartNamed('connection');
  const { chart } = chartNamed('connection');
  const marks = marksOf(chart, tall.arrows, { at: 'reconnecting.backingOff', next: [] });
  const placed = (path: string) => tall.states.find(({ state }) => state.path === path) ?? missing();

  test('of the state where the actor is says for how long, and how long still', () => {
    const times = { inIt: 8_800, left: 6_200 };
    expect(spokenState(placed('reconnecting.backingOff'), marks, times)).toBe(
      'backingOff, active, 8.8 seconds, next in 6 seconds',
    );
    expect(spokenState(placed('reconnecting'), marks, times)).toBe('reconnecting, active');
    expect(spokenState(placed('idle'), marks, times)).toBe('idle');
    expect(spokenState(placed('reconnecting.backingOff'), marks, { inIt: undefined, left: undefined })).toBe(
      'backingOff, active',
    );
  });

  test('of an arrow says what leads over it, and where', () => {
    const arrow = tall.arrows.find(({ target }) => target === 'closing') ?? missing();
    expect(spokenArrow(arrow, [])).toBe('close, in any state, to closing');
  });

  test.each([
    [0, '0 seconds'],
    [1_000, '1 second'],
    [8_800, '8.8 seconds'],
    [41_000, '41 seconds'],
    [131_000, '2 minutes'],
    [7_200_000, '2 hours'],
  ])('of %s ms is %s', (ms, text) => {
    expect(spokenTime(ms)).toBe(text);
  });

  test('on the tag, a time that is over is now', () => {
    expect(tagTime(6_200)).toBe('in 6.2 s');
    expect(tagTime(-5)).toBe('now');
  });
});

describe('an answer with a chart', () => {
  const good = machineJson('call');

  test('is refused where any of it is something else, with the place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...placesIn(good, [])),
        fc.constantFrom<unknown>(null, true, {}, [{}]),
        (place, bad) => {
          expect(() => machineChartOf('call', withValue(good, place, bad))).toThrow(TypeError);
        },
      ),
    );
    for (const json of [null, 5, 'x', undefined, []]) expect(() => machineChartOf('call', json)).toThrow(TypeError);
    expect(() => machineChartOf('call', withValue(good, ['tall', 'arrows', 2, 1], 'x'))).toThrow(
      new TypeError('tall.arrows[2][1]: expected a number'),
    );
  });

  test('is refused where it is of another machine than its places', () => {
    const other = withValue(good, ['chart'], { states: [{ path: '' }], transitions: [] });
    expect(() => machineChartOf('call', other)).toThrow(RangeError);
  });
});

type Place = readonly (string | number)[];

/** Where there is something in a value. */
function placesIn(value: unknown, at: Place): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([name, entry]) => {
    const place = [...at, Array.isArray(value) ? Number(name) : name];
    return [place, ...placesIn(entry, place)];
  });
}

function withValue(value: unknown, [first, ...rest]: Place, put: unknown): unknown {
  if (first === undefined) return put;
  if (Array.isArray(value)) return value.map((entry, index) => (index === first ? withValue(entry, rest, put) : entry));
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, entry]) => [name, name === first ? withValue(entry, rest, put) : entry]),
  );
}

interface Situation {
  readonly layout: ChartLayout;
  readonly marks: ChartMarks;
}

/** Each state that an actor can be in, on both maps, with all that could happen there. */
function situations({ chart, tall, wide }: MachineChart): Situation[] {
  return chart.states
    .filter(({ path, children }) => path !== '' && children.length === 0)
    .flatMap(({ path }) => {
      const here = chart.transitions.filter(({ source }) => isInside(source)(path));
      const next = here.flatMap(({ label, source, guard, targets }) =>
        targets.map((to) => ({ e: label, src: source, to, ...(guard !== undefined && { guard }) })),
      );
      const came = chart.transitions.find(({ targets }) => targets.includes(path));
      const last = came && { event: came.label, from: came.source, t: 0 };
      return [tall, wide].map((layout) => ({ layout, marks: marksOf(chart, layout.arrows, { at: path, last, next }) }));
    });
}

function chartNamed(id: string): MachineChart {
  return machineChart(id);
}

function missing(): never {
  throw new Error('what the test needs is not there');
}
