import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains } from '../../../src/inspect/charts/geometry.js';
import { detailAt, smallestWords } from '../../../src/inspect/live/page/chart/chart-detail.js';
import {
  around,
  boxAround,
  centredOn,
  fitted,
  moved,
  type Size,
  type View,
  windowOf,
  zoomedAt,
  zoomLimits,
} from '../../../src/inspect/live/page/chart/chart-view.js';

const side = fc.integer({ min: 60, max: 3000 });
const drawings = fc.record({ width: side, height: side });
const frames = fc.record({ width: fc.integer({ min: 200, max: 1600 }), height: fc.integer({ min: 200, max: 1200 }) });
const zooms = fc.double({ min: zoomLimits.least, max: zoomLimits.most, noNaN: true });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe('a drawing in its frame', () => {
  test('is all in sight when it is fitted, as long as it is not larger than may be shown', () => {
    fc.assert(
      fc.property(drawings, frames, (drawing, frame) => {
        const view = fitted(drawing, frame);
        expect(view.zoom).toBeLessThanOrEqual(1);
        fc.pre(view.zoom > zoomLimits.least);
        expect(contains(grown(windowOf(view, frame), 0.01), { x: 0, y: 0, ...drawing })).toBe(true);
      }),
    );
  });

  test('keeps what is under the pointer where it is when it is zoomed', () => {
    fc.assert(
      fc.property(zooms, shares, shares, fc.double({ min: 0.2, max: 5, noNaN: true }), (zoom, across, down, factor) => {
        const [view, at] = [
          { zoom, x: -120, y: 40 },
          { x: across * 800, y: down * 600 },
        ];
        const after = zoomedAt(view, factor, at);
        expect(pointAt(after, at).x).toBeCloseTo(pointAt(view, at).x, 6);
        expect(pointAt(after, at).y).toBeCloseTo(pointAt(view, at).y, 6);
        expect(after.zoom).toBeGreaterThanOrEqual(zoomLimits.least);
        expect(after.zoom).toBeLessThanOrEqual(zoomLimits.most);
      }),
    );
  });

  test('is never moved out of sight', () => {
    fc.assert(
      fc.property(drawings, frames, zooms, fc.integer(), fc.integer(), (drawing, frame, zoom, x, y) => {
        const part = windowOf(moved({ zoom, x: 0, y: 0 }, { x, y }, drawing, frame), frame);
        expect(part.x + part.width).toBeGreaterThan(0);
        expect(part.y + part.height).toBeGreaterThan(0);
        expect(part.x).toBeLessThan(drawing.width);
        expect(part.y).toBeLessThan(drawing.height);
      }),
    );
  });

  test('shows a box of it whole where that fits, and its middle in any case', () => {
    fc.assert(
      fc.property(drawings, frames, shares, shares, shares, (drawing, frame, across, down, size) => {
        const box = boxIn(drawing, across, down, size);
        const part = grown(windowOf(around(box, drawing, frame, 0.62, 1), frame), 0.01);
        expect(contains(part, { x: box.x + box.width / 2, y: box.y + box.height / 2, width: 0, height: 0 })).toBe(true);
        const fits = box.width * 0.62 <= frame.width && box.height * 0.62 <= frame.height;
        if (fits) expect(contains(part, box)).toBe(true);
      }),
    );
  });

  test('leaves nothing empty that could be filled when a point of it is sought', () => {
    fc.assert(
      fc.property(drawings, frames, zooms, shares, shares, (drawing, frame, zoom, across, down) => {
        const point = { x: across * drawing.width, y: down * drawing.height };
        const part = windowOf(centredOn({ zoom, x: 0, y: 0 }, point, drawing, frame), frame);
        expect(contains(grown(part, 0.01), { ...point, width: 0, height: 0 })).toBe(true);
        if (drawing.width * zoom >= frame.width) expect(part.x).toBeGreaterThanOrEqual(-0.01);
      }),
    );
  });
});

test('the box around others holds them all, and there is none around nothing', () => {
  expect(boxAround([])).toBeUndefined();
  expect(
    boxAround([
      { x: 5, y: 1, width: 2, height: 2 },
      { x: 0, y: 4, width: 1, height: 3 },
    ]),
  ).toEqual({ x: 0, y: 1, width: 7, height: 6 });
});

describe('words', () => {
  test('are never smaller than 11 pixels, at whatever zoom', () => {
    fc.assert(
      fc.property(zooms, (zoom) => {
        const { names, words } = detailAt(zoom);
        expect(14 * names * zoom).toBeGreaterThanOrEqual(smallestWords - 0.001);
        expect(11 * words * zoom).toBeGreaterThanOrEqual(smallestWords - 0.001);
      }),
    );
  });

  test.each([
    [1.5, { names: 1, words: 1, level: 'all' }],
    [1, { names: 1, words: 1, level: 'all' }],
    [0.8, { level: 'events' }],
    [0.62, { level: 'events' }],
    [0.61, { level: 'names' }],
  ])('go from a full chart as they lose their room (%s)', (zoom, detail) => {
    expect(detailAt(zoom)).toMatchObject(detail);
  });
});

function pointAt({ zoom, x, y }: View, at: { x: number; y: number }): { x: number; y: number } {
  return { x: (at.x - x) / zoom, y: (at.y - y) / zoom };
}

function boxIn({ width, height }: Size, across: number, down: number, size: number) {
  const [boxWidth, boxHeight] = [20 + size * (width - 20), 20 + size * (height - 20)];
  return { x: across * (width - boxWidth), y: down * (height - boxHeight), width: boxWidth, height: boxHeight };
}

function grown({ x, y, width, height }: { x: number; y: number; width: number; height: number }, by: number) {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}
