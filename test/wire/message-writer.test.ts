import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isGatechartError } from '../../src/errors.js';
import { isEmpty } from '../../src/json/records.js';
import { encodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';
import { encodeStruct } from '../../src/wire/protobuf/struct-writer.js';

type Document = Record<string, unknown>;

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc
    .tuple(fc.constantFrom(50, 127, 128, 5000, 70_000), fc.constantFrom('a', 'é', '🙂'))
    .map(([n, last]) => 'x'.repeat(n) + last),
);
/** JSON without the whole numbers that this transport refuses. */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): unknown =>
    JSON.parse(JSON.stringify(value), (_key, one: unknown) =>
      Number.isInteger(one) && !Number.isSafeInteger(one) ? 1 : one,
    ),
  );
const record = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.oneof(text, json), { maxKeys: 4 });
const absent = fc.constantFrom(undefined, null);
const global = fc.record({
  request_id: fc.oneof(text, absent),
  server_id: fc.oneof(text, absent),
  tenant_id: fc.oneof(text, absent),
  user: fc.oneof(text, record, absent),
  content_type: fc.oneof(text, absent),
  state: fc.oneof(record, absent),
  metadata: fc.oneof(record, absent),
});
const context = fc.record({
  state: fc.oneof(record, absent),
  metadata: fc.oneof(record, absent),
  global_context: fc.oneof(global, absent),
});

/** A Struct that protobufjs takes as a field; nothing where it is left out. */
function kept(value: unknown): Uint8Array | undefined {
  return typeof value !== 'object' || value === null || isEmpty(value) ? undefined : encodeStruct(value as Document);
}

/** What holds for both sides: fields that are there, for protobufjs. */
function given(fields: Document): Document {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

function globalOf({ user, state, metadata, content_type: _unsent, ...texts }: Document): Document {
  return given({
    ...texts,
    user_string: typeof user === 'string' ? user : undefined,
    user_struct: typeof user === 'object' && user !== null ? encodeStruct(user as Document) : undefined,
    metadata: kept(metadata),
    state: kept(state),
  });
}

function contextOf({ state, metadata, global_context: one }: Document): Document {
  const isGiven = typeof one === 'object' && one !== null;
  return given({
    global_context: isGiven ? globalOf(one as Document) : undefined,
    state: kept(state),
    metadata: kept(metadata),
  });
}

describe('a message that is written from its end', () => {
  test.prop([text, text, record, context])(
    'has the bytes that protobufjs gives it',
    (hookName, pluginName, payload, sent) => {
      const { bytes } = hookCall({ hookName, pluginName, payload, context: sent }, 1000);
      const fields = {
        hook_type: hookName,
        plugin_name: pluginName,
        payload: encodeStruct(payload),
        context: contextOf(sent),
      };
      expect(Buffer.compare(bytes, encodeMessage(types.invokeHookRequest, fields))).toBe(0);
    },
  );

  test.prop([
    text,
    fc.option(record, { nil: undefined }),
    fc.option(context, { nil: undefined }),
    fc.option(fc.record({ message: text, code: text, details: fc.option(record), mcp_error_code: fc.integer() })),
  ])('and so has an answer', (pluginName, result, left, error) => {
    const bytes = encodeHookAnswer({ plugin_name: pluginName, result, context: left, error });
    const fields = given({
      plugin_name: pluginName,
      result: result && [encodeStruct(result)],
      context: left && contextOf(left),
      error: error && given({ ...error, details: error.details && encodeStruct(error.details) }),
    });
    expect(Buffer.compare(bytes, encodeMessage(types.invokeHookResponse, fields))).toBe(0);
  });
});

describe('a message that cannot be sent', () => {
  const mib = 1024 * 1024;
  const long = 'x'.repeat(9 * mib);
  const call = (payload: Document, sent: Document): string => {
    try {
      hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload, context: sent }, 1000);
      return 'sent';
    } catch (error) {
      return isGatechartError(error) ? `${error.code}: ${error.message}` : String(error);
    }
  };

  it('names the object that alone is too large', () => {
    const problem = 'found an object of more than 16777216 bytes, the most that one message may have on this transport';
    expect(call({ long: long + long }, { state: { a: 1 } })).toBe(`PAYLOAD_TOO_LARGE: payload: ${problem}`);
    expect(call({ a: 1 }, { state: { long: long + long } })).toBe(`PAYLOAD_TOO_LARGE: context.state: ${problem}`);
    expect(call({ long: long + long }, { state: { long } })).toBe(`PAYLOAD_TOO_LARGE: payload: ${problem}`);
  });

  it('says how large it is where no object is', () => {
    expect(call({ long }, { state: { long } })).toMatch(
      /^PAYLOAD_TOO_LARGE: InvokeHookRequest: found a message of 18874\d{3} bytes, expected at most 16777216, /,
    );
    expect(call({ a: 1 }, { state: { a: 1 } })).toBe('sent');
  });

  it.each([
    ['payload', { payload: { a: [1n] } }, 'payload.a[0]'],
    ['state', { context: { state: { a: [1n] } } }, 'context.state.a[0]'],
    ['metadata', { context: { metadata: { a: [1n] } } }, 'context.metadata.a[0]'],
    ['user', { context: { global_context: { user: { a: [1n] } } } }, 'context.global_context.user.a[0]'],
    ['global state', { context: { global_context: { state: { a: [1n] } } } }, 'context.global_context.state.a[0]'],
  ])(
    'names the place in its %s',
    (_name, { payload = {}, context: sent = {} }: { payload?: Document; context?: Document }, place) => {
      expect(call(payload, sent)).toBe(
        `PAYLOAD_INVALID: ${place}: found the big integer 1, expected a number; send it as a string`,
      );
    },
  );
});
