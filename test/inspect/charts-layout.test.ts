import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { headSize } from '../../docs/generate/chart-graph.js';
import { layOut } from '../../docs/generate/chart-layout.js';
import { chartData, chartOfData } from '../../src/inspect/charts/chart-data.js';
import { readChartLayout } from '../../src/inspect/charts/chart-files.js';
import { type Chart, chartOf } from '../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { contains, overlaps, segmentCrosses, segmentsOf } from '../../src/inspect/charts/geometry.js';
import {
  type Box,
  type ChartForm,
  type ChartLayout,
  layoutOf,
  type PlacedArrow,
  placementOf,
} from '../../src/inspect/charts/placement.js';
import { doorMachine } from '../fixtures/inspect/door-machine.js';
import { lampMachine } from '../fixtures/inspect/lamp-machine.js';

const machines = [doorMachine, lampMachine, ...[...machineCatalogue.values()].map(({ machine }) => machine)];
const cases = machines.flatMap((machine) =>
  (['full', 'tall', 'wide'] as const).map((form) => ({ id: machine.id, form, chart: chartOf(machine) })),
);

describe.each(cases)('the layout of $id ($form)', ({ chart, form }) => {
  let layout: ChartLayout;
  beforeAll(async () => {
    layout = await layOut(chart, form);
  });

  test('has no arrow that runs through words which are not its own', () => {
    const words = wordsOf(chart, form, layout);
    for (const arrow of layout.arrows) {
      const crossed = words.filter(
        ({ box, of }) => of !== arrow && segmentsOf(arrow.points).some((segment) => segmentCrosses(segment, box)),
      );
      expect(crossed, `${arrow.source} to ${arrow.target}`).toEqual([]);
    }
  });

  test('has no words that cover others, or a state without children, and all are on the page', () => {
    const words = wordsOf(chart, form, layout);
    const page = { x: 0, y: 0, width: layout.width, height: layout.height };
    for (const [index, { box }] of words.entries()) {
      expect(words.slice(index + 1).filter((other) => overlaps(box, other.box))).toEqual([]);
      expect(contains(page, box)).toBe(true);
    }
  });

  test('puts states and words inside the states they belong to', () => {
    const { states } = layout;
    for (const outer of states) {
      expect(contains(outer, { ...outer.head, ...headSize(chart, form, outer.state) })).toBe(true);
      for (const { path } of outer.state.children) {
        const inner = states.find(({ state }) => state.path === path);
        expect(inner !== undefined && contains(outer, inner)).toBe(true);
      }
    }
  });

  test('leads every arrow from the side of its source to the side of its target', () => {
    const { states, dots, anyStates, arrows } = layout;
    const boxesOf = (path: string) => states.filter(({ state }) => state.path === path);
    for (const { source, target, points } of arrows) {
      const [start, end] = [points[0], points.at(-1)];
      const starts = [...boxesOf(source), ...dots, ...anyStates];
      expect(start !== undefined && starts.some((box) => isNear(box, start))).toBe(true);
      expect(end !== undefined && boxesOf(target).some((box) => isNear(box, end))).toBe(true);
    }
  });

  test('is the same after the way through JSON, with the chart that it belongs to', () => {
    const again = chartOfData(chart.id, JSON.parse(JSON.stringify(chartData(chart))));
    const labelled = withLabelsForEvents(chart);
    expect(again).toEqual(labelled);
    expect(layoutOf(again, JSON.parse(JSON.stringify(placementOf(layout))))).toEqual(
      layoutOf(labelled, placementOf(layout)),
    );
    expect(layoutOf(chart, placementOf(layout))).toEqual(layout);
  });
});

test('a layout of another machine is refused', async () => {
  const [door, lamp] = [chartOf(doorMachine), chartOf(lampMachine)];
  const placement = placementOf(await layOut(door, 'tall'));
  expect(() => layoutOf(lamp, placement)).toThrow(
    new RangeError('chart of lamp: the layout is of another version of the machine'),
  );
});

test('data of a state whose type is not known is refused', () => {
  expect(() => chartOfData('lamp', { states: [{ path: '', type: 'hyper' }], transitions: [] })).toThrow(
    new RangeError('chart of lamp: a state is hyper, which is no type of state'),
  );
  expect(() => chartOfData('lamp', { states: [], transitions: [] })).toThrow(RangeError);
});

test.each([...machineCatalogue.keys()])('what a page needs of %s is shipped, in a few kilobytes', async (id) => {
  const entry = machineCatalogue.get(id);
  const text = await readChartLayout(id);
  if (entry === undefined || text === undefined) throw new Error(`${id} has no layout`);
  const [chart, data] = [chartOf(entry.machine), JSON.parse(text)];
  expect(data.about).toBe(entry.about);
  expect(chartOfData(id, data.chart)).toEqual(withLabelsForEvents(chart));
  for (const form of ['full', 'tall', 'wide'] as const) {
    expect(layoutOf(chart, data[form])).toEqual(await layOut(chart, form));
  }
  expect(gzipSync(text).length).toBeLessThan(6_000);
});

test.each(['toaster', '../layouts/call', 'machines', ''])('there is no layout of "%s"', async (id) => {
  expect(await readChartLayout(id)).toBeUndefined();
});

interface Words {
  readonly box: Box;
  readonly of: PlacedArrow | undefined;
}

/** Every place where something is to be read: names and lines of states, boxes "in any state", labels. */
function wordsOf(chart: Chart, form: ChartForm, { states, anyStates, arrows }: ChartLayout): Words[] {
  const heads = states.map((placed) =>
    placed.state.children.length === 0 ? placed : { ...placed.head, ...headSize(chart, form, placed.state) },
  );
  return [
    ...[...heads, ...anyStates].map((box) => ({ box, of: undefined })),
    ...arrows.flatMap((arrow) => (arrow.label === undefined ? [] : [{ box: arrow.label, of: arrow }])),
  ];
}

function isNear({ x, y, width, height }: Box, point: { x: number; y: number }): boolean {
  const around = { x: x - 1.5, y: y - 1.5, width: width + 3, height: height + 3 };
  return contains(around, { ...point, width: 0, height: 0 });
}

function withLabelsForEvents(chart: Chart): Chart {
  return { ...chart, transitions: chart.transitions.map((one) => ({ ...one, event: one.label })) };
}
