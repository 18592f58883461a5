import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { denialMetadataOf, denialOutcomeOf } from '../../src/hooks/denial-outcome.js';
import type { ExecutionRecord } from '../../src/hooks/execution-record.js';

const record: ExecutionRecord = {
  pluginId: 'id',
  pluginName: 'Guard',
  pluginKind: 'guard',
  hookName: 'tool_pre_invoke',
  mode: 'sequential',
  status: 'completed',
  requestedAllow: false,
  effectiveAllow: false,
  matched: true,
  applied: true,
  payloadModified: false,
  extensionsModified: false,
  durationNs: 5,
  reason: 'the words of a user',
  errorCode: 'PII_FOUND',
  configKeys: ['patterns'],
};
const violation = { reason: 'the words of a user', description: 'd', code: 'PII_FOUND' };

describe('the outcome of a denial', () => {
  it('has the record of the plugin that denied, without reason and keys', () => {
    const { reason: _reason, configKeys: _keys, ...execution } = record;
    const outcome = denialOutcomeOf(record, { ...violation, mcpErrorCode: -32_000, httpStatusCode: 403 }, { hits: 2 });
    expect(outcome).toEqual({
      execution,
      violationCode: 'PII_FOUND',
      mcpErrorCode: -32_000,
      httpStatusCode: 403,
      metadata: { hits: 2 },
    });
    expect(JSON.stringify(outcome)).not.toContain('words of a user');
  });

  it('has of codes only what is a label, and of numbers only what is in range', () => {
    const of = (code: string, mcpErrorCode: number, httpStatusCode: number) =>
      denialOutcomeOf({ ...record, errorCode: code }, { ...violation, code, mcpErrorCode, httpStatusCode }, undefined);
    expect(of('a code', 2 ** 31, 99)).toMatchObject({
      execution: { errorCode: undefined },
      violationCode: undefined,
      mcpErrorCode: undefined,
      httpStatusCode: undefined,
    });
    expect(of('A.b-c_1', -(2 ** 31), 599)).toMatchObject({
      execution: { errorCode: 'A.b-c_1' },
      violationCode: 'A.b-c_1',
      mcpErrorCode: -(2 ** 31),
      httpStatusCode: 599,
    });
    for (const code of ['', 'x'.repeat(65), 'line\n', 'é']) expect(of(code, 0, 600).violationCode).toBeUndefined();
    expect(of('c', 1.5, 200.5)).toMatchObject({ mcpErrorCode: undefined, httpStatusCode: undefined });
  });

  it('is there without a violation too', () => {
    expect(denialOutcomeOf(record, undefined, undefined)).toMatchObject({ violationCode: undefined, metadata: {} });
  });
});

describe('the metadata of a denial', () => {
  it('are numbers and truth values under labels, and of more than 16 entries none', () => {
    const key = fc.oneof(fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/), fc.string(), fc.constant('__proto__'));
    const value = fc.oneof(
      fc.boolean(),
      fc.double(),
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
      fc.string(),
      fc.constant(null),
      fc.constant({}),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 20 }), (given) => {
        const entries = Object.entries(given);
        const kept = entries.filter(([name, metric]) => {
          if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) return false;
          if (typeof metric === 'bigint') return metric >= -(2n ** 63n) && metric < 2n ** 63n;
          return typeof metric === 'boolean' || (typeof metric === 'number' && Number.isFinite(metric));
        });
        expect(Object.entries(denialMetadataOf(given))).toEqual(entries.length > 16 ? [] : kept);
      }),
    );
  });

  it('of 17 entries are none, of 16 all', () => {
    const entries = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
    expect(denialMetadataOf(entries(17))).toEqual({});
    expect(denialMetadataOf(entries(16))).toEqual(entries(16));
  });

  it('are a copy, and none of what throws when it is read', () => {
    const given = { hits: 1 };
    const kept = denialMetadataOf(given);
    given.hits = 2;
    expect(kept).toEqual({ hits: 1 });
    const hostile = {
      get hits(): never {
        throw new Error('no');
      },
    };
    expect(denialMetadataOf(hostile)).toEqual({});
    expect(denialMetadataOf('text')).toEqual({});
  });
});
