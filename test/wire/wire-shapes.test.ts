import { describe, expect, it } from 'vitest';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import {
  decodeRequestContext,
  decodeReturnedContext,
  encodeAnswerContext,
  encodeRequestContext,
} from '../../src/wire/context-codec.js';
import { decodeFailure, encodeFailure } from '../../src/wire/failure-codec.js';
import { type HookCodec, hookCodec } from '../../src/wire/hook-codec.js';
import { decodeResult, encodeResult } from '../../src/wire/result-codec.js';
import { type Decoded, describeIssue } from '../../src/wire/wire-issue.js';

const registry = new HookRegistry();
const codecOf = (name: string): HookCodec => hookCodec(registry.require(name));
const tool = codecOf('tool_pre_invoke');
const issue = (decoded: Decoded<unknown>): string => (decoded.ok ? 'nothing is wrong' : describeIssue(decoded.issue));

describe('a request', () => {
  it('leaves absent fields out', () => {
    expect(tool.payload.encodeRequest({ name: 't', args: {} })).toEqual({ name: 't', args: {} });
    expect(encodeRequestContext({ globalContext: { requestId: '1' }, state: {}, metadata: {} })).toEqual({
      state: {},
      global_context: { request_id: '1', state: {}, metadata: {} },
      metadata: {},
    });
  });

  it('carries the user context and the content type', () => {
    const globalContext = {
      requestId: '1',
      contentType: 'text/plain',
      user: null,
      userContext: { userId: 'u', teamId: 'x', email: null },
    };
    expect(encodeRequestContext({ globalContext, state: {}, metadata: {} })).toEqual({
      state: {},
      global_context: {
        request_id: '1',
        user_context: { user_id: 'u', team_id: 'x' },
        content_type: 'text/plain',
        state: {},
        metadata: {},
      },
      metadata: {},
    });
  });

  it('renames top-level fields and leaves what is below them alone', () => {
    const payload = { agentId: 'a', messages: [{ someKey: 1 }], systemPrompt: 's', parameters: { maxTokens: 1 } };
    expect(codecOf('agent_pre_invoke').payload.encodeRequest(payload)).toEqual({
      agent_id: 'a',
      messages: [{ someKey: 1 }],
      system_prompt: 's',
      parameters: { maxTokens: 1 },
    });
  });

  it('says null where a field must be there', () => {
    expect(codecOf('tool_post_invoke').payload.encodeRequest({ name: 't', result: undefined })).toEqual({
      name: 't',
      result: null,
    });
  });
});

describe('an answer', () => {
  it('writes every field out', () => {
    expect(encodeResult({ modifiedPayload: { name: 't', args: {} }, metadata: { m: 't' } }, tool.result)).toEqual({
      continue_processing: true,
      modified_payload: { name: 't', args: {}, headers: null },
      modified_extensions: null,
      violation: null,
      metadata: { m: 't' },
      http_headers: null,
      retry_delay_ms: 0,
      executions: [],
    });
  });

  it('fills maps that ContextForge fills, so that plugins there need not look', () => {
    expect(tool.result.encodeAnswer({ name: 't' })).toEqual({ name: 't', args: {}, headers: null });
  });

  it('that blocks has no payload unless the plugin gave one', () => {
    const violation = { reason: 'r', description: 'd', code: 'C' };
    expect(encodeResult({ continueProcessing: false, violation }, tool.result)).toEqual({
      continue_processing: false,
      modified_payload: null,
      modified_extensions: null,
      violation: {
        reason: 'r',
        description: 'd',
        code: 'C',
        details: {},
        mcp_error_code: null,
        http_status_code: null,
        http_headers: null,
      },
      metadata: null,
      http_headers: null,
      retry_delay_ms: 0,
      executions: [],
    });
    const kept = encodeResult({ continueProcessing: false, violation, modifiedPayload: { name: 't' } }, tool.result);
    expect(kept['modified_payload']).toEqual({ name: 't', args: {}, headers: null });
  });

  it('has a context only where something is kept', () => {
    const globalContext = { requestId: 'r1' };
    expect(encodeAnswerContext({ globalContext, state: {}, metadata: {} })).toBeUndefined();
    expect(
      encodeAnswerContext({ globalContext: { ...globalContext, metadata: { only: 1 } }, state: {}, metadata: {} }),
    ).toBeUndefined();
    expect(
      encodeAnswerContext({ globalContext: { ...globalContext, state: { g: 1 } }, state: { seen: 't' }, metadata: {} }),
    ).toEqual({
      state: { seen: 't' },
      global_context: {
        request_id: 'r1',
        user: null,
        user_context: null,
        tenant_id: null,
        server_id: null,
        content_type: null,
        state: { g: 1 },
        metadata: {},
      },
      metadata: {},
    });
  });

  it('gives header maps and decisions in their own shapes', () => {
    expect(codecOf('http_pre_request').result.encodeAnswer({ 'X-A': '1' })).toEqual({ 'X-A': '1' });
    expect(codecOf('http_auth_check_permission').result.encodeAnswer({ granted: true })).toEqual({
      granted: true,
      reason: null,
    });
  });

  it('gives an error with all its fields', () => {
    const failure = { message: 'm', pluginName: 'Echo', code: '', details: {}, mcpErrorCode: -32603 };
    const wire = { message: 'm', plugin_name: 'Echo', code: '', details: {}, mcp_error_code: -32603 };
    expect(encodeFailure(failure)).toEqual(wire);
    expect(decodeFailure(wire, 'other')).toEqual({ ok: true, value: failure });
    expect(decodeFailure({ message: 'm' }, 'Echo')).toEqual({ ok: true, value: failure });
  });
});

describe('answers of both generations', () => {
  it('read the same when a request is blocked', () => {
    const violation = {
      reason: 'r',
      description: 'd',
      code: 'C',
      details: { a: 1 },
      mcp_error_code: null,
      http_status_code: 429,
    };
    const expected = { reason: 'r', description: 'd', code: 'C', details: { a: 1 }, httpStatusCode: 429 };
    const older = {
      continue_processing: false,
      modified_payload: { name: 't', args: null, headers: null },
      violation,
      metadata: null,
    };
    expect(decodeResult(older, tool.result)).toEqual({
      ok: true,
      value: { continueProcessing: false, modifiedPayload: { name: 't' }, violation: expected },
    });
    const cpex = { ...older, modified_payload: null, modified_extensions: null, executions: [], denial_metadata: null };
    expect(decodeResult(cpex, tool.result)).toEqual({
      ok: true,
      value: { continueProcessing: false, violation: expected },
    });
  });

  it('keep null where null is a value', () => {
    const answer = { continue_processing: true, modified_payload: { name: 't', result: null } };
    expect(decodeResult(answer, codecOf('tool_post_invoke').result)).toEqual({
      ok: true,
      value: { continueProcessing: true, modifiedPayload: { name: 't', result: null } },
    });
  });

  it('may leave out what they do not know', () => {
    expect(decodeResult({}, tool.result)).toEqual({ ok: true, value: { continueProcessing: true } });
    expect(decodeReturnedContext({ state: null, global_context: { request_id: '1', state: { a: 1 } } })).toEqual({
      ok: true,
      value: { globalState: { a: 1 } },
    });
  });
});

describe('what is wrong is said with its place, what was found and what was expected', () => {
  it.each([
    ['result: found a list, expected an object', () => decodeResult([], tool.result)],
    [
      'result.continue_processing: found a string, expected true or false',
      () => decodeResult({ continue_processing: 'no' }, tool.result),
    ],
    [
      'result.continue_processing: found null, expected true or false',
      () => decodeResult({ continue_processing: null, violation: null }, tool.result),
    ],
    [
      'result.continue_processing: found null, expected true or false',
      () => decodeResult({ continue_processing: null, metadata: { a: 1 } }, tool.result),
    ],
    [
      'result.violation.code: found nothing, expected a string',
      () => decodeResult({ violation: { reason: '', description: '' } }, tool.result),
    ],
    ['result.metadata: found a list, expected an object', () => decodeResult({ metadata: [] }, tool.result)],
    [
      'result.modified_payload: found a string, expected an object',
      () => decodeResult({ modified_payload: 'x' }, tool.result),
    ],
    [
      'result.modified_payload.name: found a number, expected a string',
      () => decodeResult({ modified_payload: { name: 1 } }, tool.result),
    ],
    [
      'result.modified_payload.agent_id: found nothing, expected a string',
      () => decodeResult({ modified_payload: { messages: [] } }, codecOf('agent_post_invoke').result),
    ],
    [
      'result.modified_payload.X-A: found a number, expected a string',
      () => decodeResult({ modified_payload: { 'X-A': 1 } }, codecOf('http_pre_request').result),
    ],
    ['context.global_context: found nothing, expected an object', () => decodeRequestContext({})],
    [
      'context.global_context.user: found a number, expected a string or an object',
      () => decodeRequestContext({ global_context: { request_id: '', user: 1 } }),
    ],
    ['context.state: found a string, expected an object', () => decodeReturnedContext({ state: 'x' })],
    ['error.message: found nothing, expected a string', () => decodeFailure({}, 'Echo')],
  ])('%s', (expected, decode) => {
    expect(issue(decode())).toBe(expected);
  });
});
