import { describe, expect, it, test } from 'vitest';
import { PluginError, PluginViolationError } from '../../src/index.js';
import { readHookAnswer } from '../../src/external/hook-answer.js';
import { readToolAnswer } from '../../src/external/tool-answer.js';
import { readViolationWords, writeViolation } from '../../src/plugins/violation-words.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { builtInHook } from '../fixtures/hosting/memory-host.js';

const hook = builtInHook('tool_pre_invoke');
if (hook === undefined) throw new Error('there is no such hook');
const called = { hookName: hook.name, pluginName: 'Guard', codec: hookCodec(hook), ignored: undefined };
const read = (...documents: unknown[]) => readHookAnswer(documents, called).outcome;
const thrown = (...documents: unknown[]): unknown => {
  try {
    return read(...documents);
  } catch (error) {
    return error;
  }
};
const stop = { continue_processing: false };

describe('an answer that says stop is a stop', () => {
  it.each<[string, object]>([
    [
      'as 1.0.0 sends it',
      {
        ...stop,
        modified_payload: { name: 't', args: {}, headers: null },
        violation: null,
        metadata: null,
        http_headers: null,
        retry_delay_ms: 0,
      },
    ],
    [
      'as cpex sends it',
      { ...stop, modified_payload: null, executions: [], modified_extensions: null, denial_metadata: {} },
    ],
    ['with metadata that is a list', { ...stop, metadata: [] }],
    ['with a negative delay', { ...stop, retry_delay_ms: -1 }],
    ['with a delay that is a text', { ...stop, retry_delay_ms: 'x' }],
    ['with a payload of another shape', { ...stop, modified_payload: { name: 5 } }],
    ['with a payload that is a text', { ...stop, modified_payload: 'x' }],
    ['with a violation that is a text', { ...stop, violation: 'no' }],
    ['with headers that are none', { ...stop, http_headers: 5 }],
    ['with a misspelt key', { ...stop, voilation: {} }],
  ])('%s', (_, result) => {
    expect(read({ result })).toMatchObject({ continueProcessing: false });
  });

  it('with what can be read of its violation', () => {
    const violation = { reason: 'r', code: 5, details: { a: 1 }, mcp_error_code: 1.5 };
    expect(read({ result: { ...stop, violation } })).toEqual({
      continueProcessing: false,
      violation: { reason: 'r', description: '', code: '', details: { a: 1 } },
    });
  });

  it('beside a context, or another document, that cannot be read', () => {
    expect(read({ context: 5, result: stop })).toMatchObject({ continueProcessing: false });
    expect(read({ context: { state: 5 } }, { result: stop })).toMatchObject({ continueProcessing: false });
    expect(read(null, { result: stop })).toMatchObject({ continueProcessing: false });
  });

  it('beside contents that are no JSON, and in the result of a tool that failed', () => {
    const text = (value: string) => ({ type: 'text', text: value });
    const said = JSON.stringify({ result: stop });
    for (const response of [
      { content: [text('<html>'), text(said)] },
      { content: [text(said)], isError: true },
      { content: [text('oops'), text(said)], isError: true },
    ]) {
      expect(readToolAnswer(response)).toEqual({ kind: 'documents', documents: [{ result: stop }] });
    }
  });
});

describe('an answer that may say stop and cannot be read', () => {
  it.each<[string, object]>([
    ['null', { continue_processing: null }],
    ['a text', { continue_processing: 'false' }],
    ['a number', { continue_processing: 0 }],
    ['another spelling', { continueProcessing: false }],
    ['a misspelt key', { continue_procesing: false }],
  ])('%s', (_, result) => {
    const error = thrown({ result });
    expect(error).toBeInstanceOf(PluginError);
    expect(error instanceof PluginError && error.mayBeStop).toBe(true);
  });

  it('is told from one that says go on', () => {
    const error = thrown({ result: { continue_processing: true, metadata: 5 } });
    expect(error instanceof PluginError && error.mayBeStop).toBe(false);
    expect(read({ result: { continue_processing: true, later_key: false } })).toEqual({ continueProcessing: true });
  });
});

describe('a violation that a plugin of ContextForge threw', () => {
  it.each([
    ["PluginViolationError('blocked')", 'blocked'],
    ['PluginViolationError("it\'s blocked")', "it's blocked"],
    ['PluginViolationError()', ''],
    ["PluginViolationError('cut off …", "'cut off …"],
  ])('%s is one', (message, said) => {
    expect(read({ error: { message, plugin_name: 'Guard' } })).toBeInstanceOf(PluginViolationError);
    expect(read({ error: { message } })).toMatchObject({
      violation: { reason: said, description: said, code: 'PLUGIN_VIOLATION' },
    });
  });

  it('is one whatever else is odd about its answer', () => {
    const error = { message: "PluginViolationError('blocked')" };
    const text = (value: string) => ({ type: 'text', text: value });
    for (const odd of [{ details: 5 }, { code: 1 }, { plugin_name: {} }, { mcp_error_code: 1.5 }]) {
      expect(read({ error: { ...error, ...odd } })).toBeInstanceOf(PluginViolationError);
    }
    expect(read({ context: 5, error })).toBeInstanceOf(PluginViolationError);
    expect(read(null, { error })).toBeInstanceOf(PluginViolationError);
    for (const response of [
      { content: [text('<html>'), text(JSON.stringify({ error }))] },
      { content: [text(JSON.stringify({ error }))], isError: true },
    ]) {
      expect(readToolAnswer(response)).toEqual({ kind: 'documents', documents: [{ error }] });
    }
  });

  it.each(['a PluginViolationError', 'ValueError("PluginViolationError(1)")', 'PluginViolationErrors(1)'])(
    '%s is none',
    (message) => expect(read({ error: { message } })).toBeInstanceOf(PluginError),
  );
});

test.each(['blocked', "it's", 'a "word"', `both ' and "`, 'two\nlines', 'a \\ in it'])(
  'is written as Python writes it: %s',
  (message) => {
    expect(writeViolation(message)).not.toContain('\n');
    expect(readViolationWords(writeViolation(message))).toBeDefined();
  },
);
