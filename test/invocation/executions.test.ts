import { describe, expect, it } from 'vitest';
import {
  type ExecutionRecord,
  type HookOutcome,
  PluginError,
  PluginViolationError,
  silentLogger,
} from '../../src/index.js';
import { rejection } from '../fixtures/waiting.js';
import { type ChainEntry, startChain } from '../fixtures/manager/timed-chain.js';

const violation = { reason: 'not here', description: 'd', code: 'NOT_HERE' };
const passes = (): undefined => undefined;
const changes = ({ name }: { name: string }) => ({ modifiedPayload: { name: `${name}!` } });
const blocks = () => ({ continueProcessing: false, violation });
const throws = (): never => {
  throw new Error('boom');
};
const hangs = (): Promise<never> => new Promise(() => undefined);

/** What a record says where a test does not speak of it: a clean pass. */
const pass: Partial<ExecutionRecord> = {
  hookName: 'tool_pre_invoke',
  status: 'completed',
  requestedAllow: true,
  effectiveAllow: true,
  matched: false,
  applied: false,
  payloadModified: false,
  extensionsModified: false,
  durationNs: 0,
  reason: undefined,
  errorCode: undefined,
  configKeys: [],
};
const none = { requestedAllow: undefined, matched: undefined };
const denial = { requestedAllow: false, effectiveAllow: false, matched: true, applied: true };
const said = { reason: 'not here', errorCode: 'NOT_HERE' };

async function records(entries: readonly ChainEntry[], settings: object = {}): Promise<readonly ExecutionRecord[]> {
  await using chain = await startChain(entries, settings);
  return (await chain.settled()).executions;
}

async function only(entry: Omit<ChainEntry, 'name'>): Promise<ExecutionRecord | undefined> {
  return (await records([{ name: 'P', ...entry }])).find(({ pluginName }) => pluginName === 'P');
}

describe('every plugin that ran has a record', () => {
  it('with who it is, as the configuration says', async () => {
    await using chain = await startChain([
      { name: 'P', mode: 'sequential', act: passes, config: { token: 'secret', limit: 1 } },
    ]);
    const { executions } = await chain.invoke();
    expect(executions).toEqual([
      {
        ...pass,
        pluginId: expect.any(String),
        pluginName: 'P',
        pluginKind: 'P',
        mode: 'sequential',
        configKeys: ['token', 'limit'],
      },
    ]);
    expect(JSON.stringify(executions)).not.toContain('secret');
    expect(Object.isFrozen(executions) && executions.every(Object.isFrozen)).toBe(true);
  });

  it('the same ones each time they are asked for, and no part of a copy of the outcome', async () => {
    await using chain = await startChain([{ name: 'P', mode: 'sequential', act: passes }]);
    const outcome = await chain.invoke();
    expect(outcome.executions).toBe(outcome.executions);
    expect(Object.keys(outcome)).not.toContain('executions');
  });

  it('of a modification that is taken, and of one that is not', async () => {
    const changed = { matched: true, applied: true, payloadModified: true };
    expect(await only({ mode: 'sequential', act: changes })).toMatchObject({ ...pass, ...changed });
    expect(await only({ mode: 'transform', act: changes })).toMatchObject({ ...pass, ...changed });
    expect(await only({ mode: 'audit', act: changes })).toMatchObject(pass);
    expect(await only({ mode: 'concurrent', act: changes })).toMatchObject(pass);
  });

  it('of a block, and no others behind it', async () => {
    for (const mode of ['sequential', 'enforce', 'enforce_ignore_error'] as const) {
      expect(
        await records([
          { name: 'A', mode, act: changes },
          { name: 'B', mode, act: blocks },
          { name: 'C', mode, act: passes },
        ]),
      ).toMatchObject([
        { pluginName: 'A', effectiveAllow: true },
        { ...pass, pluginName: 'B', ...denial, ...said },
      ]);
    }
  });

  it('of a block that brings a modification, as far as it is taken', async () => {
    const both = () => ({ ...blocks(), modifiedPayload: { name: 'other' } });
    expect(await only({ mode: 'sequential', act: both })).toMatchObject({ ...denial, payloadModified: false });
    expect(await only({ mode: 'enforce', act: both })).toMatchObject({ ...denial, payloadModified: false });
    expect(await only({ mode: 'enforce_ignore_error', act: both })).toMatchObject({ ...denial, payloadModified: true });
  });

  it('of a block without a violation', async () => {
    const act = () => ({ continueProcessing: false });
    expect(await only({ mode: 'sequential', act })).toMatchObject({ ...pass, ...denial });
  });

  it('of a block that its mode suppresses', async () => {
    const suppressed = { ...pass, ...said, requestedAllow: false, matched: true };
    for (const mode of ['transform', 'audit', 'permissive'] as const)
      expect(await only({ mode, act: blocks })).toMatchObject(suppressed);
    const both = () => ({ ...blocks(), modifiedPayload: { name: 'other' } });
    expect(await only({ mode: 'transform', act: both })).toMatchObject({
      ...suppressed,
      applied: true,
      payloadModified: true,
    });
  });

  it('of an error that is passed over', async () => {
    const failed = { ...pass, ...none, status: 'error', reason: 'boom', errorCode: 'plugin_error' };
    for (const on_error of ['ignore', 'disable'] as const) {
      expect(await only({ mode: 'sequential', act: throws, on_error })).toMatchObject({ ...failed, applied: true });
      expect(await only({ mode: 'transform', act: throws, on_error })).toMatchObject({ ...failed, applied: false });
      expect(await only({ mode: 'concurrent', act: throws, on_error })).toMatchObject({ ...failed, applied: false });
    }
  });

  it('of a missed deadline that is passed over', async () => {
    const late = {
      ...pass,
      ...none,
      status: 'timeout',
      durationNs: 100_000_000,
      reason: 'Plugin P exceeded 0.1s timeout',
      errorCode: 'plugin_timeout',
    };
    expect(await only({ mode: 'sequential', act: hangs, on_error: 'ignore' })).toMatchObject({
      ...late,
      applied: true,
    });
    expect(await only({ mode: 'concurrent', act: hangs, on_error: 'ignore' })).toMatchObject({
      ...late,
      applied: false,
    });
  });

  it('that starts in the background, of which no end is known', async () => {
    const started = { ...pass, ...none, pluginName: 'Later', mode: 'fire_and_forget' };
    const later: ChainEntry = { name: 'Later', mode: 'fire_and_forget', act: throws };
    expect(await records([later, { name: 'P', mode: 'sequential', act: passes }])).toMatchObject([
      { pluginName: 'P' },
      started,
    ]);
    expect(await records([later, { name: 'P', mode: 'sequential', act: blocks }])).toMatchObject([
      { pluginName: 'P', ...denial },
      started,
    ]);
    expect(await records([later])).toMatchObject([started]);
  });

  it('of a modification of the extensions that is taken, and of one that is not', async () => {
    const act = () => ({ modifiedExtensions: { custom: { seen: true } } });
    const changed = { ...pass, matched: true, applied: true, extensionsModified: true };
    expect(await only({ mode: 'sequential', act })).toMatchObject(changed);
    expect(await only({ mode: 'audit', act })).toMatchObject(pass);
    const nothing = () => ({ modifiedExtensions: { request: { requestId: 'forged' } } });
    expect(await only({ mode: 'sequential', act: nothing })).toMatchObject(pass);
  });

  it('in the mode that the dialect reads a word as', async () => {
    expect(await records([{ name: 'P', mode: 'permissive', act: passes }], { mode_dialect: 'cpex' })).toMatchObject([
      { mode: 'transform' },
    ]);
    expect(await only({ mode: 'permissive', act: passes })).toMatchObject({ mode: 'permissive' });
  });
});

describe('records say how long each plugin took', () => {
  it('in turn, until the next one starts', async () => {
    await using chain = await startChain([
      { name: 'A', mode: 'sequential', takes: 5, act: passes },
      { name: 'B', mode: 'transform', act: passes },
      { name: 'C', mode: 'audit', takes: 20, act: passes },
      { name: 'D', mode: 'concurrent', takes: 3, act: passes },
    ]);
    expect(durations(await chain.settled())).toEqual([
      ['A', 5],
      ['B', 0],
      ['C', 20],
      ['D', 3],
    ]);
  });

  it('side by side, in the order in which they end', async () => {
    const gates: ChainEntry[] = [
      { name: 'A', mode: 'concurrent', takes: 30, act: passes },
      { name: 'B', mode: 'concurrent', takes: 10, act: passes },
      { name: 'C', mode: 'concurrent', takes: 25, act: passes },
    ];
    await using all = await startChain(gates);
    expect(durations(await all.settled())).toEqual([
      ['B', 10],
      ['C', 25],
      ['A', 30],
    ]);
    await using two = await startChain(gates, { execution_pool: 2 });
    // The third one starts when the second has ended.
    expect(durations(await two.settled())).toEqual([
      ['B', 10],
      ['A', 30],
      ['C', 25],
    ]);
  });
});

describe('side by side', () => {
  const slow: ChainEntry = { name: 'Slow', mode: 'concurrent', takes: 50, act: passes };
  const waiting: ChainEntry = { name: 'Waiting', mode: 'concurrent', act: passes };
  const quick = (act: ChainEntry['act']): ChainEntry => ({ name: 'Quick', mode: 'concurrent', takes: 10, act });
  const cancelled = { ...pass, ...none, pluginName: 'Slow', status: 'cancelled', durationNs: 10_000_000 };

  it('those that are given up for a block are cancelled, and those that never started have no record', async () => {
    expect(await records([slow, quick(blocks), waiting], { execution_pool: 2 })).toMatchObject([
      { pluginName: 'Quick', ...denial, ...said, durationNs: 10_000_000 },
      cancelled,
    ]);
  });

  it('those that are given up for an error are cancelled', async () => {
    await using chain = await startChain([slow, quick(throws)]);
    const error = await chain.failure();
    expect(error).toBeInstanceOf(PluginError);
    expect((error as PluginError).executions).toMatchObject([
      {
        ...pass,
        ...none,
        pluginName: 'Quick',
        status: 'error',
        effectiveAllow: false,
        applied: true,
        reason: 'boom',
        errorCode: 'plugin_error',
        durationNs: 10_000_000,
      },
      cancelled,
    ]);
  });

  it('of two that block at once both deny', async () => {
    const gate = (name: string): ChainEntry => ({ name, mode: 'concurrent', act: blocks });
    expect(await records([gate('A'), gate('B')])).toMatchObject([
      { pluginName: 'A', ...denial },
      { pluginName: 'B', ...denial },
    ]);
  });

  it('of two that fail at once each has its own error', async () => {
    const gate = (name: string): ChainEntry => ({
      name,
      mode: 'concurrent',
      act() {
        throw new Error(`boom of ${name}`);
      },
    });
    await using chain = await startChain([gate('A'), gate('B')]);
    const error = (await chain.failure()) as PluginError;
    expect(error.message).toBe('Plugin A: boom of A');
    expect(error.executions).toMatchObject([
      { pluginName: 'A', reason: 'boom of A', effectiveAllow: false },
      { pluginName: 'B', reason: 'boom of B' },
    ]);
  });
});

describe('errors carry the records of their chain', () => {
  const earlier: ChainEntry = { name: 'Earlier', mode: 'sequential', act: changes };

  it('of a plugin that fails', async () => {
    await using chain = await startChain([earlier, { name: 'P', mode: 'sequential', act: throws }]);
    const error = (await chain.failure()) as PluginError;
    expect(error.executions).toMatchObject([
      { pluginName: 'Earlier', payloadModified: true },
      {
        ...pass,
        ...none,
        pluginName: 'P',
        status: 'error',
        effectiveAllow: false,
        applied: true,
        reason: 'boom',
        errorCode: 'plugin_error',
      },
    ]);
  });

  it('of a plugin that misses its deadline', async () => {
    await using chain = await startChain([earlier, { name: 'P', mode: 'sequential', act: hangs }]);
    const error = (await chain.failure()) as PluginError;
    expect(error.executions).toMatchObject([
      { pluginName: 'Earlier' },
      {
        pluginName: 'P',
        status: 'timeout',
        effectiveAllow: false,
        applied: true,
        errorCode: 'plugin_timeout',
        durationNs: 100_000_000,
      },
    ]);
  });

  it('of an answer that may have said stop', async () => {
    await using chain = await startChain([
      { name: 'P', mode: 'enforce_ignore_error', act: () => ({ continueProcessing: 'no' }) },
    ]);
    const error = (await chain.failure()) as PluginError;
    expect(error.executions).toMatchObject([{ status: 'error', effectiveAllow: false, errorCode: 'plugin_error' }]);
  });

  it('of a block that is raised, with those that start in the background', async () => {
    await using chain = await startChain([
      earlier,
      { name: 'P', mode: 'sequential', act: blocks },
      { name: 'Later', mode: 'fire_and_forget', act: passes },
    ]);
    const error = (await chain.failure({ violationsAsExceptions: true })) as PluginViolationError;
    expect(error).toBeInstanceOf(PluginViolationError);
    expect(error.executions).toMatchObject([
      { pluginName: 'Earlier' },
      { pluginName: 'P', ...denial, ...said },
      { pluginName: 'Later', ...none },
    ]);
  });

  it('of a block without a violation that is raised', async () => {
    await using chain = await startChain([
      { name: 'P', mode: 'sequential', act: () => ({ continueProcessing: false }) },
    ]);
    const error = (await chain.failure({ violationsAsExceptions: true })) as PluginViolationError;
    expect(error.executions).toMatchObject([
      { ...denial, reason: 'tool_pre_invoke blocked by plugin P', errorCode: 'plugin_violation' },
    ]);
  });

  it('of a violation that a plugin throws, in whatever mode', async () => {
    const act = (): never => {
      throw new PluginViolationError('tool_pre_invoke', 'P', violation);
    };
    for (const mode of ['sequential', 'transform', 'audit', 'concurrent'] as const) {
      await using chain = await startChain([{ name: 'P', mode, act }]);
      const error = (await chain.failure()) as PluginViolationError;
      expect(error.executions).toMatchObject([{ ...pass, ...denial, ...said, mode }]);
    }
  });

  it('each its own, where a plugin throws one error in many chains', async () => {
    const shared = Object.freeze(new PluginError({ message: 'always', pluginName: 'P' }));
    await using chain = await startChain([
      { name: 'Earlier', mode: 'sequential', act: ({ name }) => ({ modifiedPayload: { name: `${name}!` } }) },
      {
        name: 'P',
        mode: 'sequential',
        act() {
          throw shared;
        },
      },
    ]);
    const first = (await chain.failure()) as PluginError;
    const second = (await chain.failure()) as PluginError;
    expect(first.executions).toHaveLength(2);
    expect(first.executions).not.toBe(second.executions);
    expect(shared.executions).toEqual([]);
  });
});

describe('the outcome of a denial', () => {
  const act = () => ({
    continueProcessing: false,
    violation: { ...violation, mcpErrorCode: -32_001, httpStatusCode: 451 },
    denialMetadata: { hits: 3, big: 2n ** 62n },
  });
  const outcome = {
    execution: { pluginName: 'P', ...denial, errorCode: 'NOT_HERE' },
    violationCode: 'NOT_HERE',
    mcpErrorCode: -32_001,
    httpStatusCode: 451,
    metadata: { hits: 3, big: 2n ** 62n },
  };

  it.each(['sequential', 'enforce', 'concurrent'] as const)(
    'of a block in mode %s, answered and raised',
    async (mode) => {
      await using chain = await startChain([{ name: 'P', mode, act }]);
      const { denialOutcome } = await chain.settled();
      expect(denialOutcome).toMatchObject(outcome);
      expect(denialOutcome?.execution).not.toHaveProperty('reason');
      const error = (await chain.failure({ violationsAsExceptions: true })) as PluginViolationError;
      expect(error.denialOutcome).toMatchObject(outcome);
    },
  );

  it('is there for a violation that is thrown, without metadata', async () => {
    await using chain = await startChain([
      {
        name: 'P',
        mode: 'audit',
        act() {
          throw new PluginViolationError('tool_pre_invoke', 'P', violation);
        },
      },
    ]);
    const error = (await chain.failure()) as PluginViolationError;
    expect(error.denialOutcome).toMatchObject({ violationCode: 'NOT_HERE', metadata: {} });
  });

  it('is not there where nobody denied', async () => {
    await using chain = await startChain([{ name: 'P', mode: 'transform', act }]);
    expect((await chain.settled()).denialOutcome).toBeUndefined();
  });
});

describe('plugins that are passed over', () => {
  const elsewhere: ChainEntry = {
    name: 'Elsewhere',
    mode: 'sequential',
    act: passes,
    conditions: [{ tools: ['other'] }],
  };
  const after: ChainEntry = { ...elsewhere, name: 'After', mode: 'fire_and_forget' };
  const skipped = { ...pass, ...none, pluginName: 'Elsewhere', status: 'skipped' };

  it('are told apart from those that ran', async () => {
    await using chain = await startChain([elsewhere, { name: 'P', mode: 'sequential', act: passes }, after]);
    const outcome = await chain.settled();
    expect(outcome.executions).toMatchObject([{ pluginName: 'P' }]);
    expect(outcome.passedOver).toMatchObject([skipped, { pluginName: 'After', status: 'skipped' }]);
  });

  it('are skipped by their conditions, or disabled', async () => {
    const failing: ChainEntry = { name: 'Failing', mode: 'concurrent', on_error: 'disable', act: throws };
    await using chain = await startChain([elsewhere, failing]);
    expect((await chain.settled()).executions).toMatchObject([{ pluginName: 'Failing', status: 'error' }]);
    const second = await chain.settled();
    expect(second.executions).toEqual([]);
    expect(second.passedOver).toMatchObject([skipped, { ...pass, ...none, pluginName: 'Failing', status: 'disabled' }]);
  });

  it('are told of where none runs', async () => {
    await using chain = await startChain([elsewhere, after]);
    const outcome = await chain.settled();
    expect(outcome.executions).toEqual([]);
    expect(outcome.passedOver).toMatchObject([skipped, { pluginName: 'After', status: 'skipped' }]);
  });

  it('are told of with an error too', async () => {
    await using chain = await startChain([elsewhere, { name: 'P', mode: 'sequential', act: throws }]);
    expect(((await chain.failure()) as PluginError).passedOver).toMatchObject([skipped]);
    await using other = await startChain([elsewhere, { name: 'P', mode: 'sequential', act: blocks }]);
    const error = (await other.failure({ violationsAsExceptions: true })) as PluginViolationError;
    expect(error.passedOver).toMatchObject([skipped]);
  });

  it('are none where all run', async () => {
    await using chain = await startChain([
      { name: 'P', mode: 'sequential', act: blocks },
      { name: 'Q', mode: 'sequential', act: passes },
    ]);
    expect((await chain.settled()).passedOver).toEqual([]);
  });
});

describe('there are no records', () => {
  it('of a plugin that is called by name', async () => {
    await using chain = await startChain([
      { name: 'P', mode: 'sequential', act: blocks },
      { name: 'Q', mode: 'sequential', act: throws },
    ]);
    const context = { globalContext: { requestId: '1' } };
    const answered = await chain.manager.invokeHookForPlugin('P', 'tool_pre_invoke', { name: 't' }, context);
    expect(answered.executions).toEqual([]);
    expect(answered.denialOutcome).toBeUndefined();
    const failed = await rejection(chain.manager.invokeHookForPlugin('Q', 'tool_pre_invoke', { name: 't' }, context));
    expect((failed as PluginError).executions).toEqual([]);
  });

  it('of a hook that no plugin is on', async () => {
    await using chain = await startChain([{ name: 'P', mode: 'sequential', act: passes }]);
    expect(
      (await chain.manager.invokeHook('tool_post_invoke', { name: 't', result: 1 }, { requestId: '1' })).executions,
    ).toEqual([]);
  });

  it('while the chain runs', async () => {
    const seen: number[] = [];
    const logger = {
      ...silentLogger,
      error(fields: { readonly err?: unknown }) {
        if (fields.err instanceof PluginError) seen.push(fields.err.executions.length);
      },
    };
    const failing: ChainEntry = { name: 'P', mode: 'sequential', on_error: 'ignore', act: throws };
    await using chain = await startChain([failing], {}, logger);
    expect((await chain.settled()).executions).toHaveLength(1);
    expect(seen).toEqual([0]);
  });
});

function durations({ executions }: HookOutcome): (readonly [string, number])[] {
  return executions.map(({ pluginName, durationNs }) => [pluginName, durationNs / 1_000_000]);
}
