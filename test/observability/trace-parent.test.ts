import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTraceParent, traceParentFields } from '../../src/observability/trace-parent.js';

const hex = (digits: number) =>
  fc.string({
    unit: fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16)),
    minLength: digits,
    maxLength: digits,
  });
const traceId = hex(32).filter((id) => /[^0]/.test(id));
const spanId = hex(16).filter((id) => /[^0]/.test(id));

it('a traceparent is read as it was written', () => {
  fc.assert(
    fc.property(traceId, spanId, fc.nat(255), (trace, span, flags) => {
      const parent = `00-${trace}-${span}-${flags.toString(16).padStart(2, '0')}`;
      expect(traceParentFields(parent)).toEqual({ traceId: trace, spanId: span, flags });
      expect(readTraceParent(parent, 'a=b')).toEqual({ traceparent: parent, tracestate: 'a=b' });
    }),
  );
});

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

it.each([
  ['a later version that says more', `01-${trace}-${span}-01-more`, true],
  ['our version that says more', `00-${trace}-${span}-01-more`, false],
  ['our version with a hyphen at its end', `00-${trace}-${span}-01-`, false],
  ['a later version that goes on without a hyphen', `01-${trace}-${span}-01more`, false],
  ['a version that is none', `ff-${trace}-${span}-01`, false],
  ['no trace', `00-${'0'.repeat(32)}-${span}-01`, false],
  ['no span', `00-${trace}-${'0'.repeat(16)}-01`, false],
  ['large letters', `00-${trace.toUpperCase()}-${span}-01`, false],
  ['a line more', `00-${trace}-${span}-01\n`, false],
  ['a number', 1, false],
])('of what may be a traceparent, %s: %j is one: %j', (_, parent, isOne) => {
  expect(traceParentFields(parent) !== undefined).toBe(isOne);
  expect(readTraceParent(parent, undefined) !== undefined).toBe(isOne);
});
