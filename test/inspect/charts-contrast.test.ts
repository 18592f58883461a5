import { describe, expect, test } from 'vitest';
import { chartColours, chartStyle, shade } from '../../docs/generate/chart-colours.js';
import { chartOf } from '../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { contrast, tinted } from '../fixtures/inspect/contrast.js';

/** How many composite states lie in each other, at most. */
const deepest = Math.max(
  ...[...machineCatalogue.values()].flatMap(({ machine }) =>
    chartOf(machine).states.map(({ path, children }) => (children.length === 0 ? 0 : path.split('.').length + 1)),
  ),
);

describe.each(['light', 'dark'] as const)('in a %s drawing', (scheme) => {
  const colours = chartColours[scheme];
  const depths = Array.from({ length: deepest + 1 }, (_, depth) => depth);
  const composites = depths.map((depth) => blended(colours.page, colours.composite, depth));

  test.each(['text', 'name', 'event', 'guard'] as const)(
    '%s can be read on every ground that it stands on',
    (words) => {
      for (const ground of [...composites, colours.state, colours.label]) {
        expect(contrast(colours[words], ground), `${words} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  test('arrows, dots and outlines can be seen', () => {
    for (const ground of [...composites, colours.state]) {
      expect(contrast(colours.arrow, ground)).toBeGreaterThanOrEqual(3);
    }
  });
});

test('no words have an outline that their ground does not have', () => {
  expect(chartStyle).not.toContain('paint-order');
  expect(chartStyle).not.toMatch(/(text|\.name|\.event|\.guard) \{[^}]*stroke/);
});

test('contrast is measured as it is defined', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

/** The ground within so many composite states. */
function blended(page: string, over: string, depth: number): string {
  return depth === 0 ? page : blended(tinted(page, over, shade), over, depth - 1);
}
