import { describe, expect, it } from 'vitest';
import type { InvocationRow } from '../../../src/inspect/live/feed/feed-invocations.js';
import { filterText, matches, readFilter } from '../../../src/inspect/live/page/invocations/invocation-filter.js';
import {
  decisionText,
  serverText,
  verdictText,
} from '../../../src/inspect/live/page/invocations/invocation-heading.js';
import { stepTexts } from '../../../src/inspect/live/page/invocations/step-meaning.js';
import { sampleInvocation } from '../../fixtures/inspect/sample-world.js';

const blocked = sampleInvocation(4, 0);
const passed = sampleInvocation(0, 0);

describe('the heading of an invocation', () => {
  it.each([
    [{ outcome: 'blocked', by: 'SecretsDetection' } as const, 'blocked by SecretsDetection'],
    [{ outcome: 'modified', by: 'PiiMasker' } as const, 'modified by PiiMasker'],
    [{ outcome: 'timedOut', by: 'Moderation' } as const, 'timed out in Moderation'],
    [{ outcome: 'failed', by: 'OpaPolicy' } as const, 'failed in OpaPolicy'],
    [{ outcome: 'passed' } as const, 'passed'],
  ])('says of %j who decided', (row, text) => {
    expect(verdictText(row)).toBe(text);
  });

  it('says when it was decided, and whether the server was called', () => {
    expect([decisionText(blocked, 0), serverText(blocked)]).toEqual([
      'Decided after 12.86 ms.',
      'The server was not called.',
    ]);
    expect(serverText(passed)).toBe('The server was called.');
  });

  it('does not claim what it does not know', () => {
    const { call: _call, ...ofNoGateway } = passed;
    expect(serverText({ ...passed, sequence: [] })).toBe('Whether the server was called is not known.');
    expect(serverText({ ...ofNoGateway, sequence: [] })).toBe('');
  });

  it('says how long it runs, while it runs', () => {
    const { decided: _decided, ...running } = blocked;
    expect(decisionText(running, 12_340)).toBe('Running for 12 s.');
    expect(serverText({ ...running, outcome: 'running' })).toBe('The server is not called yet.');
  });
});

describe('beside a bar', () => {
  const textOf = (fields: object): string =>
    stepTexts(
      { ...blocked.steps[0], p: 'A', phase: 'sequential', mode: 'sequential', ...fields } as never,
      blocked,
      30,
    )[0] ?? '';

  it.each([
    [{ status: 'passed' }, '0.21 ms'],
    [{ status: 'aborted' }, '0.21 ms, aborted by the block'],
    [{ status: 'timedOut', ms: 500, deadlineMs: 500 }, '500 ms, no answer within 500 ms'],
    [{ status: 'failed', error: { code: 'PLUGIN_ERROR', message: '', t: 0 } }, '0.21 ms, failed: PLUGIN_ERROR'],
    [{ status: 'running', ms: undefined }, '29.98 ms, running'],
    [{ status: 'running', ms: undefined, deadlineMs: 500 }, '29.98 ms, running, given up after 500 ms'],
    [{ status: 'notReached', t: undefined, ms: undefined }, 'not reached'],
    [{ status: 'modified', diff: { changes: [], more: 1, unchanged: 0 } }, '0.21 ms, changed 1 value'],
  ])('of %j is %s', (fields, text) => {
    expect(textOf(fields)).toBe(text);
  });

  it('a violation that does not count is told from a block', () => {
    const ignored = { ...blocked, by: 'Other', violation: { code: 'A', reason: '', counts: false } };
    expect(stepTexts({ p: 'A', phase: 'audit', mode: 'audit', status: 'blocked', t: 0, ms: 1 }, ignored, 0)[0]).toBe(
      '1.00 ms, objected, does not count',
    );
  });
});

describe('the filter of the list', () => {
  const rows: InvocationRow[] = [blocked, passed, sampleInvocation(6, 0)];
  const found = (text: string): string[] => rows.filter(matches(readFilter(text))).map(({ outcome }) => outcome);

  it.each([
    ['', ['blocked', 'passed', 'timedOut']],
    ['blocked', ['blocked']],
    ['failed', ['timedOut']],
    ['hook:tool_pre_invoke', ['blocked', 'passed', 'timedOut']],
    ['hook:other', []],
    ['secretsdetection', ['blocked']],
    ['plugin:secrets', ['blocked']],
    ['-plugin:secrets', ['passed', 'timedOut']],
    ['blocked plugin:other', []],
  ])('%j leaves %j', (text, outcomes) => {
    expect(found(text)).toEqual(outcomes);
  });

  it('wants what has begun in the time before the one that is shown', () => {
    const { t } = blocked;
    expect(rows.filter(matches(readFilter('blocked since:5s'), t + 5_000))).toEqual([blocked]);
    expect(rows.filter(matches(readFilter('blocked since:5s'), t + 5_001))).toEqual([]);
  });

  it('stands in a link as it is read', () => {
    for (const text of [
      'blocked hook:tool_pre_invoke postgres',
      '',
      'hook:a',
      'some words',
      'failed hook:a plugin:x -since:5m words',
      'since:soon',
    ]) {
      expect(filterText(readFilter(text))).toBe(text);
    }
  });
});
