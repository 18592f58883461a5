import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerInWords } from '../../../src/inspect/live/page/parts/control-order.js';
import { meaningOf, meaningOfOutcome, splitState } from '../../../src/inspect/live/page/parts/meaning.js';
import { drawnSpans, formOf, ribbonInWords } from '../../../src/inspect/live/page/parts/ribbon-form.js';
import { rowWindow } from '../../../src/inspect/live/page/parts/row-window.js';
import {
  count,
  countdown,
  counted,
  duration,
  shortCountdown,
  timeOfDay,
} from '../../../src/inspect/live/page/parts/time-format.js';

describe('times', () => {
  it.each([
    [-3, '0 ms'],
    [0.42, '0.4 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [840, '840 ms'],
    [999.6, '1.0 s'],
    [6_200, '6.2 s'],
    [9_960, '10 s'],
    [41_000, '41 s'],
    [59_600, '1 m'],
    [131_000, '2 m 11 s'],
    [11_280_000, '3 h 8 m'],
    [187_200_000, '2 d 4 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [-5, '0.0 s', '0.0'],
    [640, '0.6 s', '0.6'],
    [41_200, '41 s', '41'],
    [131_000, '2 m 11 s', '2m'],
    [10_900_000, '3 h 1 m', '3h'],
  ])('what counts down from %d ms is %s, and %s in a ring', (ms, text, short) => {
    expect([countdown(ms), shortCountdown(ms)]).toEqual([text, short]);
  });

  it('of day are those where the reader is', () => {
    const at = new Date(2026, 10, 26, 9, 5, 7, 42).getTime();
    expect([timeOfDay(at), timeOfDay(at, 'milliseconds'), timeOfDay(at, 'minutes')]).toEqual([
      '09:05:07',
      '09:05:07.042',
      '09:05',
    ]);
  });

  it('and counts are words', () => {
    expect([
      counted(0, 'call'),
      counted(1, 'call'),
      counted(1204, 'call'),
      counted(2, 'is', 'are'),
      count(23_402.4),
    ]).toEqual(['no calls', '1 call', '1,204 calls', '2 are', '23,402']);
  });
});

describe('what is drawn of a long list', () => {
  it('has all that is seen, and no more than that and twenty', () => {
    fc.assert(
      fc.property(
        fc.nat(5_000),
        fc.integer({ min: 20, max: 60 }),
        fc.nat(200_000),
        fc.nat(2_000),
        (rows, tall, top, height) => {
          const { first, end, above, below } = rowWindow(rows, tall, top, height);
          expect(above + (end - first) * tall + below).toBe(rows * tall);
          expect(end - first).toBeLessThanOrEqual(Math.ceil(height / tall) + 22);
          for (const seen of [Math.floor(top / tall), Math.floor((top + height) / tall)]) {
            if (seen < rows && top + height <= rows * tall) expect(seen >= first && seen <= end).toBe(true);
          }
        },
      ),
    );
  });
});

describe('meanings', () => {
  it.each([
    ['ready.stable', 'ready'],
    ['idle.empty', 'idle'],
    ['queued', 'connecting'],
    ['suspect', 'reconnecting'],
    ['failed.rested', 'failed'],
    ['running.enabled', 'ready'],
    ['running.disabled.coolingDown', 'failed'],
    ['halted', 'blocked'],
    ['closed', 'idle'],
    ['of another version', 'idle'],
  ])('%s is %s', (state, meaning) => {
    expect(meaningOf(state)).toBe(meaning);
  });

  it('of what passed is none', () => {
    expect(['passed', 'skipped', 'background'].map((one) => meaningOfOutcome(one as 'passed'))).toEqual([
      'idle',
      'idle',
      'idle',
    ]);
    expect([meaningOfOutcome('blocked'), meaningOfOutcome('modified'), meaningOfOutcome('timedOut')]).toEqual([
      'blocked',
      'modified',
      'failed',
    ]);
  });

  it('of states that are nested are split into the head and the rest', () => {
    expect([splitState('loggingIn.waitingForPerson.looking'), splitState('closed')]).toEqual([
      ['loggingIn', 'waitingForPerson › looking'],
      ['closed', ''],
    ]);
  });
});

describe('a ribbon is read without colours', () => {
  it('because no two of its states are drawn alike', () => {
    const drawn = (['idle', 'connecting', 'ready', 'reconnecting', 'failed'] as const).map((meaning) =>
      JSON.stringify(formOf(meaning)),
    );
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('and aloud', () => {
    const span = (from: number, to: number, state: string) => ({ from, to, state });
    expect(ribbonInWords([])).toBe('nothing known');
    expect(ribbonInWords([span(0, 9, 'ready.settling'), span(9, 20, 'ready.stable')])).toBe('ready all the time');
    expect(
      ribbonInWords([
        span(0, 9_000, 'ready.stable'),
        span(9_000, 11_000, 'connecting'),
        span(11_000, 12_000, 'failed.rested'),
      ]),
    ).toBe('failed now; before that ready for 9.0 s, connecting for 2.0 s');
  });

  it('and what deviates is drawn over what is quiet', () => {
    const spans = ['failed.rested', 'ready.stable', 'connecting'].map((state, at) => ({ from: at, to: at + 1, state }));
    expect(drawnSpans(spans).map(({ meaning }) => meaning)).toEqual(['ready', 'connecting', 'failed']);
  });
});

it('says what came of an order', () => {
  expect(answerInWords({ label: 'Close' }, { ok: true, said: 'it is closing' })).toBe('Close: it is closing');
  expect(answerInWords({ label: 'Try now' }, { ok: false, status: 409, now: 'connecting' })).toBe(
    'Try now was not done: it is connecting by now. Look again.',
  );
  expect(answerInWords({ label: 'Close' }, { ok: false, status: 429, said: 'too often' })).toBe(
    'Close was not done: too often',
  );
});
