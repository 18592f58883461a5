import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, describe, expect, inject, it } from 'vitest';
import {
  promised,
  pythonReadings,
  refusedHere,
  scalarHere,
  type ScalarReading,
  templateHere,
  type TemplateReading,
} from '../fixtures/config/python-readings.js';
import { temporaryFolder } from '../fixtures/config/refusal.js';

const python = inject('python');
const script = fileURLToPath(new URL('python/read_yaml.py', import.meta.url));
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

interface Readings {
  readonly scalars: readonly ScalarReading[];
  readonly templates: readonly TemplateReading[];
}

function theirs(scalars: readonly string[], templates: readonly string[]): Readings {
  const input = JSON.stringify({ scalars, templates, env: pythonReadings.env });
  const output = execFileSync(python ?? '', [script], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(output) as Readings;
}

/** Plain scalars of one line: what numbers and words are made of, at random. */
const scalar = fc
  .array(
    fc.constantFrom(
      ...Array.from('0123456789._+-xXoObBeE:aAfF'),
      'inf',
      'nan',
      'yes',
      'no',
      'true',
      'null',
      'on',
      '0x',
      '0b',
      '1e',
      '.5',
    ),
    {
      minLength: 1,
      maxLength: 7,
    },
  )
  .map((parts) => parts.join(''))
  // Of YAML itself, not of its scalars.
  .filter((text) => !/^-+$|^\.\.\.$|^---|:$|^:|^-$/.test(text));

const literal = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map((value) => `(${value})`),
  fc.integer({ min: -9999, max: 9999 }).map((value) => `(${(value / 8).toFixed(3)})`),
  fc.stringMatching(/^[a-zA-Z0-9 ._-]{0,6}$/).map((value) => `'${value}'`),
  fc.constantFrom(
    'env.A',
    'env.N',
    'env.F',
    'env.S',
    'env.U',
    'env.Q',
    'env.X',
    'env.EMPTY',
    'true',
    'none',
    "env.L.split(',')",
  ),
);
const plainFilters =
  'upper lower capitalize title trim length int float round string abs first last list e urlencode tojson';
const filter = fc.constantFrom(
  ...plainFilters.split(' '),
  'round(1)',
  'round(2)',
  "round(1, 'floor')",
  "round(0, 'ceil')",
  "d('x')",
  "d('x', true)",
  "join('-')",
  "replace('a', 'b')",
  'int(3)',
  "format('a')",
  "trim('a')",
);
const escapes = new Set(['e', 'tojson']);
const expression = fc
  .tuple(literal, fc.array(filter, { minLength: 1, maxLength: 3 }))
  // Theirs remembers that a text is escaped already.
  .filter(([, filters]) => filters.filter((name) => escapes.has(name)).length <= 1)
  .map(([value, filters]) => `{{ ${[value, ...filters].join(' | ')} }}`);

describe.skipIf(python === null)('configurations are read as Python reads them', () => {
  it('the stored table is theirs', () => {
    const { scalars, templates } = pythonReadings;
    const now = theirs(
      scalars.map(([text]) => text),
      templates.map(([text]) => text),
    );
    expect(now.scalars).toEqual(scalars.map(([, reading]) => reading));
    expect(now.templates).toEqual(templates.map(([, reading]) => reading));
  });

  it('plain scalars', () => {
    const texts = fc.sample(scalar, 3_000);
    const readings = theirs(texts, []).scalars;
    texts.forEach((text, index) => {
      const reading = readings[index] ?? { refused: true };
      expect({ text, ...scalarHere(folder, text) }).toEqual({ text, ...promised(text, reading) });
    });
  });

  it('templates: the same text, or a refusal; and never a text where theirs refuses', () => {
    const texts = fc.sample(expression, 2_000);
    const readings = theirs([], texts).templates;
    const differing = texts.flatMap((text, index) => {
      const reading = readings[index] ?? { refused: '' };
      const here = templateHere(text, pythonReadings.env);
      if ('refused' in here) return [];
      return 'text' in reading && reading.text === here.text ? [] : [{ text, here, reading }];
    });
    expect(differing).toEqual([]);
    // Refusing everything would be the same as nothing.
    const taken = readings.filter((reading) => 'text' in reading).length;
    const takenHere = texts.filter((text) => 'text' in templateHere(text, pythonReadings.env)).length;
    expect(takenHere).toBeGreaterThan(taken * 0.95);
    expect(refusedHere.length).toBeLessThan(20);
  });
});
