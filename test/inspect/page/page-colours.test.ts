import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../../src/inspect/live/page/', import.meta.url);
const tokens = [
  ...readFileSync(new URL('parts/tokens.css', folder), 'utf8').matchAll(
    /--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g,
  ),
];

type Vector = readonly [number, number, number];

const meanings = ['ready', 'connecting', 'reconnecting', 'failed', 'blocked', 'modified'] as const;

/** What whoever lacks one kind of cones sees of linear light (Machado, Oliveira, Fernandes 2009, severity 1). */
const sights: Readonly<Record<string, readonly Vector[]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe.each([
  ['light', 2],
  ['dark', 3],
] as const)('in the %s theme', (_theme, place) => {
  const colours = new Map(tokens.map((token) => [token[1] ?? '', linear(token[place] ?? '')]));
  const colour = (name: string): Vector => colours.get(name) ?? expect.fail(`there is no token --${name}`);
  const grounds = ['ground', 'surface', 'sunken', 'accent-soft', 'idle-soft'];

  it.each(['ink', 'ink-2', 'ink-3'])('%s can be read on every ground', (text) => {
    for (const ground of grounds) expect([ground, contrast(colour(text), colour(ground))]).toSatisfy(isAtLeast(4.6));
  });

  it.each([...meanings, 'idle', 'accent'])('%s can be read on its own ground and on the others', (text) => {
    for (const ground of ['ground', 'surface', 'sunken', `${text}-soft`]) {
      expect([ground, contrast(colour(text), colour(ground))]).toSatisfy(isAtLeast(4.6));
    }
  });

  it('words on buttons and labels can be read', () => {
    for (const [text, ground] of [
      ['surface', 'accent'],
      ['ground', 'ink'],
      ['failed', 'sunken'],
      ['reconnecting', 'accent-soft'],
    ] as const) {
      expect([text, contrast(colour(text), colour(ground))]).toSatisfy(isAtLeast(4.6));
    }
  });

  it.each([...meanings.map((one) => `${one}-fill`), 'idle-fill', 'edge', 'accent'])('%s stands out', (fill) => {
    for (const ground of ['ground', 'surface']) {
      expect([ground, contrast(colour(fill), colour(ground))]).toSatisfy(isAtLeast(3));
    }
  });

  it.each(Object.keys(sights))('no two fills are alike to %s', (sight) => {
    const seen = meanings.map((one) => labOf(seenWith(sights[sight] ?? [], colour(`${one}-fill`))));
    const pairs = meanings.flatMap((one, index) =>
      meanings.slice(0, index).map((other, at) => [`${one} and ${other}`, distance(seen[index], seen[at])] as const),
    );
    for (const pair of pairs) expect(pair).toSatisfy(isAtLeast(14));
  });
});

it('every colour of the page is a token', () => {
  const others = [
    'parts/base.css',
    'parts/parts.css',
    'parts/tables.css',
    'shell/shell.css',
    'overview/overview.css',
    'events/events.css',
  ];
  for (const file of others)
    expect([file, readFileSync(new URL(file, folder), 'utf8').match(/#[\da-f]{3,8}\b/gi)]).toEqual([file, null]);
});

function isAtLeast(least: number) {
  return ([, value]: readonly [string, number]) => value >= least;
}

function linear(hex: string): Vector {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}

function contrast(one: Vector, other: Vector): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Vector): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function seenWith(sight: readonly Vector[], [red, green, blue]: Vector): Vector {
  const [r = 0, g = 0, b = 0] = sight.map((row) =>
    Math.min(1, Math.max(0, row[0] * red + row[1] * green + row[2] * blue)),
  );
  return [r, g, b];
}

/** CIE 1976, under D65. */
function labOf([red, green, blue]: Vector): Vector {
  const bent = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = bent((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = bent(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = bent((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function distance(one: Vector | undefined, other: Vector | undefined): number {
  if (one === undefined || other === undefined) return 0;
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}
