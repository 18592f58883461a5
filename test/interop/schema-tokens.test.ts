import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { pythonJson } from '../../src/gateway/offer/schema-tokens.js';

const python = inject('python');

/** Reads a list of JSON texts and writes a list of the texts that Python makes of them. */
const script = 'import json, sys; print(json.dumps([json.dumps(json.loads(text)) for text in json.load(sys.stdin)]))';

it.skipIf(python === null)('JSON is counted as Python writes it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('😀', '\u007f', '\u2028', '\u00e9"\\/\b\f'));
  const number = fc.oneof(
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.integer(),
    fc
      .tuple(fc.integer({ min: -9_999, max: 9_999 }), fc.integer({ min: -30, max: 30 }))
      .map(([m, e]) => Number(`${m}e${e}`)),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      number,
      fc.constantFrom(null, true, false),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const values = fc.sample(value ?? expect.unreachable(), 3_000);
  const input = JSON.stringify(values.map((one) => JSON.stringify(one)));
  const theirs: unknown = JSON.parse(execFileSync(python ?? '', ['-c', script], { input, encoding: 'utf8' }));
  // What was a float with nothing behind its point is a whole number here, as it is once JavaScript has parsed it.
  expect(values.map((one) => pythonJson(one))).toEqual(theirs);
});
