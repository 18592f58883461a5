import { describe, expect, it } from 'vitest';
import { GatechartError, PluginError, PluginViolationError } from '../../src/index.js';
import type { ExecutionReport } from '../../src/hooks/denial-outcome.js';
import { readThrown } from '../../src/plugins/thrown.js';

const report = (): ExecutionReport => ({ executions: [], passedOver: [], denialOutcome: undefined });

function failureOf(thrown: unknown, of?: ExecutionReport): PluginError {
  const read = readThrown(thrown, 'Guard', of);
  if (read.kind !== 'failure') throw new Error('expected a failure');
  return read.error;
}

describe('an error of a plugin that is one of ours', () => {
  const thrown = new PluginError(
    { message: 'boom', pluginName: 'Guard', code: 'C', details: { a: 1 }, mcpErrorCode: 7 },
    { code: 'PLUGIN_TIMEOUT', cause: new GatechartError('LINK_LOST', 'gone'), mayBeStop: true },
  );

  it('is raised as another one that says the same', () => {
    const raised = failureOf(thrown);
    expect(raised).not.toBe(thrown);
    const { code, message, failure, cause, stack, mayBeStop, details } = thrown;
    expect(raised).toMatchObject({ code, message, failure, stack, mayBeStop, details });
    expect(raised.cause).toBe(cause);
  });

  it('has the records of the chain it was thrown in, however often it is thrown, and frozen too', () => {
    const [one, other] = [report(), report()];
    Object.freeze(thrown);
    const [first, second] = [failureOf(thrown, one), failureOf(thrown, other)];
    expect(first.executions).toBe(one.executions);
    expect(second.executions).toBe(other.executions);
    expect(thrown.executions).toEqual([]);
  });

  it('is the cause where a plugin has made more of it', () => {
    class RateLimited extends PluginError {
      readonly limit = 5;
    }
    const special = new RateLimited({ message: 'slow down', pluginName: 'Guard' });
    expect(failureOf(special)).toMatchObject({ failure: { message: 'slow down' }, cause: special });
  });

  it('is read like any other where it is only made to look like one', () => {
    expect(failureOf(Object.create(thrown)).message).toBe('Plugin Guard: boom');
    expect(failureOf(new Proxy(thrown, {})).failure.pluginName).toBe('Guard');
  });
});

it('logs of an error do not show what the chain did', () => {
  const of: ExecutionReport = {
    executions: [{ pluginName: 'Somebody' }] as unknown as ExecutionReport['executions'],
    passedOver: [],
    denialOutcome: undefined,
  };
  const failed = new PluginError({ message: 'boom', pluginName: 'Guard' }, { report: of });
  const denied = new PluginViolationError('tool_pre_invoke', 'Guard', undefined, { report: of });
  for (const error of [failed, denied]) {
    expect(error.executions).toBe(of.executions);
    expect(JSON.stringify(Object.assign({}, error))).not.toContain('Somebody');
    const listed: string[] = [];
    for (const key in error) listed.push(key);
    expect(listed).not.toContain('executions');
  }
});

describe('the message of a plugin error', () => {
  it.each([
    ['it broke', 'Plugin A: it broke'],
    ['Plugin A broke', 'Plugin A broke'],
    ['Plugin A: it broke', 'Plugin A: it broke'],
    ['Plugin A broke off: boom', 'Plugin A broke off: boom'],
    ['A: it broke', 'Plugin A: it broke'],
    ['A (http://a/mcp) cannot be reached.', 'Plugin A (http://a/mcp) cannot be reached.'],
    ['A (x)', 'Plugin A (x)'],
    ['A request is bad', 'Plugin A: A request is bad'],
    ['AB: it broke', 'Plugin A: AB: it broke'],
    ['Plugin AB broke', 'Plugin A: Plugin AB broke'],
    ['Unable to find h for plugin A.  Make sure', 'Unable to find h for plugin A.  Make sure'],
    ['h for plugin A: no payload', 'h for plugin A: no payload'],
    ['h for plugin AB: no payload', 'Plugin A: h for plugin AB: no payload'],
    ['h for plugin A.b: no payload', 'Plugin A: h for plugin A.b: no payload'],
  ])('names the plugin once: %s', (message, told) => {
    expect(new PluginError({ message, pluginName: 'A' }).message).toBe(told);
  });
});
