import { describe, expect, test } from 'vitest';
import { chartColours, chartStyle, shade } from '../../docs/generate/chart-colours.js';
import { chartOf } from '../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';

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
  const [ground, colour] = [channels(page), channels(over)];
  const left = (1 - shade) ** depth;
  return `#${ground.map((value, index) => hex(value * left + (colour[index] ?? 0) * (1 - left))).join('')}`;
}

/** Contrast ratio of WCAG 2. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

function hex(value: number): string {
  return Math.round(value).toString(16).padStart(2, '0');
}
