import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineHook, type HookDefinition } from '../../src/hooks/hook.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { anyRecord } from '../../src/hooks/record-schemas.js';
import { type HookCodec, hookCodec } from '../../src/wire/hook-codec.js';
import { decodeResult } from '../../src/wire/result-codec.js';
import { type Decoded, describeIssue } from '../../src/wire/wire-issue.js';

const registry = new HookRegistry();
const codecOf = (name: string): HookCodec => hookCodec(registry.require(name));
const issue = (decoded: Decoded<unknown>): string => (decoded.ok ? 'nothing is wrong' : describeIssue(decoded.issue));

const ours = {
  message: {
    schemaVersion: '2.0',
    role: 'assistant',
    content: [
      { contentType: 'text', text: 'Some words.' },
      {
        contentType: 'tool_call',
        content: { toolCallId: '1', name: 't', arguments: { someKey: { toolCallId: 2 }, some_key: 3 } },
      },
      {
        contentType: 'prompt_result',
        content: {
          promptRequestId: '2',
          promptName: 'p',
          messages: [
            {
              schemaVersion: '2.0',
              role: 'user',
              content: [
                { contentType: 'image', content: { type: 'url', data: 'https://example.org', mediaType: 'a/b' } },
              ],
            },
          ],
          isError: false,
        },
      },
    ],
  },
  hook: 'llm_output',
};
const theirs = {
  message: {
    schema_version: '2.0',
    role: 'assistant',
    content: [
      { content_type: 'text', text: 'Some words.' },
      {
        content_type: 'tool_call',
        content: { tool_call_id: '1', name: 't', arguments: { someKey: { toolCallId: 2 }, some_key: 3 } },
      },
      {
        content_type: 'prompt_result',
        content: {
          prompt_request_id: '2',
          prompt_name: 'p',
          messages: [
            {
              schema_version: '2.0',
              role: 'user',
              content: [
                { content_type: 'image', content: { type: 'url', data: 'https://example.org', media_type: 'a/b' } },
              ],
            },
          ],
          is_error: false,
        },
      },
    ],
  },
  hook: 'llm_output',
};

describe('a message on the wire', () => {
  const { payload } = codecOf('cmf.llm_output');

  it('has the names of the wire at every depth, but for the keys of arguments', () => {
    expect(payload.encodeRequest(ours)).toEqual(theirs);
    expect(payload.encodeAnswer(ours)).toEqual(theirs);
    expect(payload.decode(theirs, 'payload')).toEqual({ ok: true, value: ours });
  });

  it('is read with null for what is absent, also where nobody knows the field', () => {
    const written = {
      message: {
        ...theirs.message,
        channel: null,
        content: [
          {
            content_type: 'tool_call',
            content: { tool_call_id: '1', name: 't', arguments: null, namespace: null, later: null },
          },
          { content_type: 'tool_result', content: { tool_call_id: '1', tool_name: 't', content: null } },
        ],
      },
    };
    expect(payload.decode(written, 'payload')).toEqual({
      ok: true,
      value: {
        message: {
          schemaVersion: '2.0',
          role: 'assistant',
          content: [
            { contentType: 'tool_call', content: { toolCallId: '1', name: 't', arguments: {} } },
            { contentType: 'tool_result', content: { toolCallId: '1', toolName: 't', content: null, isError: false } },
          ],
        },
        hook: 'llm_output',
      },
    });
  });

  const withParts = (...content: unknown[]) => ({ message: { role: 'user', content } });
  it.each([
    ['text', 'payload: found a string, expected an object'],
    [{}, 'payload.message: found nothing, expected an object'],
    [{ message: { role: 'user' }, x: 1 }, 'payload.x: found an unknown field, expected one of message, hook'],
    [
      { message: { role: 'user', schemaVersion: '2.0' } },
      'payload.message.schemaVersion: found an unknown field, expected one of schema_version, role, content, channel',
    ],
    [
      { message: { role: 'bot' } },
      'payload.message.role: found a string, expected one of "system"|"developer"|"user"|"assistant"|"tool"',
    ],
    [
      { message: { role: 'user', schema_version: '3.0' } },
      'payload.message.schema_version: found a string, expected "2.0"',
    ],
    [
      withParts({ content_type: 'text', text: 'x' }, { content_type: 'hologram', content: {} }),
      'payload.message.content.1.content_type: found a string, expected one of text, thinking, tool_call, tool_result, resource, resource_ref, prompt_request, prompt_result, image, video, audio, document',
    ],
    [withParts({ text: 'x' }), /^payload\.message\.content\.0\.content_type: found nothing, expected one of text/],
    [withParts('x'), 'payload.message.content.0: found a string, expected an object'],
    [
      withParts({ content_type: 'text', text: 'x', contentType: 'tool_call' }),
      'payload.message.content.0.contentType: found an unknown field, expected one of content_type, text',
    ],
    [
      withParts({ content_type: 'tool_call', content: { tool_call_id: 1, name: 't' } }),
      'payload.message.content.0.content.tool_call_id: found a number, expected a string',
    ],
    [
      withParts({
        content_type: 'tool_call',
        content: JSON.parse('{"tool_call_id":"1","name":"t","__proto__":{"x":1}}'),
      }),
      'payload.message.content.0.content.__proto__: found an unknown field, expected one of tool_call_id, name, arguments, namespace',
    ],
    [
      withParts({
        content_type: 'resource',
        content: { resource_request_id: '1', uri: 'u', resource_type: 'file', content: 'x', blob: 'y' },
      }),
      'payload.message.content.0.content: found an object, expected `content` or `blob`, not both',
    ],
    [
      withParts({
        content_type: 'prompt_result',
        content: {
          prompt_request_id: '1',
          prompt_name: 'p',
          messages: [{ role: 'user', content: [{ content_type: 'audio', content: { type: 'url', data: 1 } }] }],
        },
      }),
      'payload.message.content.0.content.messages.0.content.0.content.data: found a number, expected a string',
    ],
  ])('%j is refused with its place', (written, expected) => {
    expect(issue(payload.decode(written, 'payload'))).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
    expect(payload.unknownFields(written, 'payload')).toEqual([]);
  });
});

describe('messages inside messages', () => {
  const { payload } = codecOf('evaluate');
  const nested = (levels: number): object => {
    let message: object = { role: 'user' };
    for (let level = 0; level < levels; level++) {
      const content = { prompt_request_id: '1', prompt_name: 'p', messages: [message] };
      message = { role: 'user', content: [{ content_type: 'prompt_result', content }] };
    }
    return { message };
  };

  it('are looked at as deep as payloads may be, and refused below', () => {
    expect(issue(payload.decode(nested(90), 'payload'))).toBe('nothing is wrong');
    for (const levels of [110, 20_000])
      expect(issue(payload.decode(nested(levels), 'payload'))).toMatch(/found more than 500 levels, expected fewer$/);
  });

  it('are told with a short place, whatever their keys are', () => {
    const refused = payload.decode({ message: { role: 'user', ['x'.repeat(100_000)]: 1 } }, 'payload');
    expect(issue(refused).length).toBeLessThan(400);
  });
});

describe('what plugins on identity hooks answer', () => {
  const { result } = codecOf('identity_resolve');
  const answer = (modified: object) =>
    decodeResult({ continue_processing: true, modified_payload: modified, metadata: { x: 1 } }, result);

  it('is read as cpex writes it, and written without what is absent', () => {
    const hop = { subject_id: 'a', subject_type: 'user', scopes_granted: [], timestamp: '2026-11-26T12:40:14.283797Z' };
    const written = {
      subject: { id: 'a', type: 'user', roles: ['r'], permissions: [], teams: [], claims: { someKey: 'v' } },
      delegation: { chain: [{ ...hop, audience: null, from_cache: false }], depth: 1, origin_subject_id: null },
      rejected: false,
      reject_status: 401,
      reject_reason: '',
      raw_claims: { some_key: { aKey: 1 } },
    };
    const read = answer(written);
    expect(read.ok && read.value.modifiedPayload).toEqual({
      subject: written.subject,
      delegation: {
        chain: [
          {
            subjectId: 'a',
            subjectType: 'user',
            scopesGranted: [],
            timestamp: '2026-11-26T12:40:14.283797Z',
            fromCache: false,
          },
        ],
        depth: 1,
      },
      rejected: false,
      rejectStatus: 401,
      rejectReason: '',
      rawClaims: { some_key: { aKey: 1 } },
    });
    expect(result.encodeAnswer({ subject: { id: 'a', type: 'user' }, rejectStatus: undefined })).toEqual({
      subject: { id: 'a', type: 'user' },
    });
  });

  it('is a rejection whatever else is odd about it, and an error otherwise', () => {
    const rejected = answer({ rejected: true, reject_status: 'x', reject_reason: 'expired', extra: 1 });
    expect(rejected.ok && rejected.value.modifiedPayload).toEqual({ rejected: true, rejectReason: 'expired' });
    expect(issue(answer({ subject: { id: 'a', type: 'user', role: 'r' } }))).toBe(
      'result.modified_payload.subject.role: found an unknown field, expected one of id, type, roles, permissions, teams, claims',
    );
    expect(issue(answer({ rejected: 'yes' }))).toBe(
      'result.modified_payload.rejected: found a string, expected true or false',
    );
  });
});

describe('a hook of a host', () => {
  const inner = z.object({ unitPrice: z.number(), moreFacts: anyRecord });
  const payload = z.object({ orderLines: z.array(inner), anyOne: z.union([inner, z.string()]).optional() });
  const encoded = { order_lines: [{ unit_price: 1, more_facts: { aKey: 1 } }] };
  const order = { orderLines: [{ unitPrice: 1, moreFacts: { aKey: 1 } }] };

  it('is refused where two fields of one object inside have one name on the wire', () => {
    const line = z.object({ unitPrice: z.number(), unit_price: z.number() });
    for (const field of [line.optional(), z.array(line), z.lazy(() => line), z.object({ deeper: line.nullable() })]) {
      const hook = defineHook({ name: 'order', payload: z.object({ field }), nested: true }) as HookDefinition;
      expect(() => hookCodec(hook)).toThrow(
        'order: fields unitPrice and unit_price of one object are both called unit_price on the wire; rename one of them',
      );
    }
  });

  it('has its names translated inside where it asks for it', () => {
    const nested = hookCodec(defineHook({ name: 'order', payload, nested: true }) as HookDefinition).payload;
    expect(nested.encodeRequest(order)).toEqual(encoded);
    expect(nested.decode(encoded, '')).toEqual({ ok: true, value: order });
    const flat = hookCodec(defineHook({ name: 'order', payload }) as HookDefinition).payload;
    expect(flat.encodeRequest(order)).toEqual({ order_lines: order.orderLines });
  });
});
