import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { contrast, tinted } from '../../fixtures/inspect/contrast.js';

const page = new URL('../../../src/inspect/live/page/', import.meta.url);
const css = readFileSync(new URL('chart/chart.css', page), 'utf8');
const tokens = [
  ...readFileSync(new URL('parts/tokens.css', page), 'utf8').matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g),
];
const meanings = ['ready', 'connecting', 'reconnecting', 'failed', 'blocked', 'modified', 'idle'];

describe.each([
  ['light', 2],
  ['dark', 3],
] as const)('on a chart in the %s theme', (_theme, place) => {
  const colour = (name: string) => tokens.find(([, token]) => token === name)?.[place] ?? expect.fail(`no --${name}`);
  const surface = colour('surface');
  const nested = tinted(tinted(surface, colour('ink'), 0.025), colour('ink'), 0.025);

  test.each(meanings)('names and lines can be read where an actor is %s', (meaning) => {
    const within = tinted(tinted(surface, colour(meaning), 0.06), colour(meaning), 0.06);
    for (const ground of [nested, within, colour(`${meaning}-soft`)]) {
      expect(contrast(colour('ink'), ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour('ink-2'), ground)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colour('blocked'), ground)).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(colour(meaning), colour(`${meaning}-soft`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(surface, colour(meaning)), 'the tag with the time').toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(`${meaning}-fill`), surface), 'the arrow that fills').toBeGreaterThanOrEqual(3);
  });

  test('labels can be read, whatever they say', () => {
    for (const ground of ['sunken', 'surface', 'accent-soft']) {
      for (const words of ['ink-2', 'blocked']) {
        expect(contrast(colour(words), colour(ground))).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(contrast(colour('accent'), colour('accent-soft'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour('ink'), surface)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(meanings)('arrows can be seen in states that are %s', (meaning) => {
    const within = tinted(tinted(surface, colour(meaning), 0.06), colour(meaning), 0.06);
    for (const arrow of [tinted(colour('edge'), colour('ink'), 0.2), colour('ink'), colour('accent')]) {
      for (const ground of [surface, nested, within]) expect(contrast(arrow, ground)).toBeGreaterThanOrEqual(3);
    }
  });
});

test('colours are mixed as much as is measured here', () => {
  expect(css).toContain('--line-of-chart: color-mix(in srgb, var(--edge) 80%, var(--ink));');
  expect(css).toMatch(/\.is-composite > \.chart-box \{\s+fill: var\(--ink\);\s+fill-opacity: 0\.025;/);
  expect(css).toMatch(/\.is-within > \.chart-box \{\s+fill: var\(--of\);\s+fill-opacity: 0\.06;/);
});
