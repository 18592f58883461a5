import { describe, expect } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import type { GlobalContext } from '../../src/context/global-context.js';
import type { ReadableContext } from '../../src/context/readable-context.js';
import type { ExternalHookCall } from '../../src/external/plugin-codec.js';
import { ProtobufCodec } from '../../src/external/protobuf-codec.js';
import { requireJson } from '../../src/json/json-data.js';
import { encodeRequestContext, requireJsonContext } from '../../src/wire/context-codec.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';

class Instance {
  readonly own = 1;
}

function withoutPrototype(record: object): object {
  return Object.assign(Object.create(null) as object, record);
}

/** Each time anew: what is written is never one object at two places. */
const odd = fc
  .constantFrom<() => unknown>(
    () => undefined,
    () => Number.NaN,
    () => Number.NEGATIVE_INFINITY,
    () => -0,
    () => 7n,
    () => Symbol('s'),
    () => () => 1,
    () => new Map([['a', 1]]),
    () => new Set([1]),
    () => new Date(0),
    () => new Instance(),
    () => Buffer.from('x'),
    () => new Uint8Array(2),
    () => Object.assign([], { 1: 2 }),
    () => Object.assign([1], { more: 1 }),
    () => withoutPrototype({ a: 1 }),
    () => Object.create({ inherited: 1 }),
    () => ({ toJSON: () => 'said' }),
    () => Object.create({ toJSON: () => ({ a: 1 }) }),
    () => Object.defineProperty({}, 'hidden', { value: Symbol('s') }),
    () => ({ [Symbol('key')]: 1 }),
    () => '\ud800',
    () => ({ '\udc00': 1 }),
    () => new Proxy({ a: 1 }, {}),
    () => new String('boxed'),
    () => new Number(1),
    () => nested(120),
    () => nested(700),
    () => {
      const self: Record<string, unknown> = {};
      self['self'] = self;
      return self;
    },
  )
  .map((make) => make());

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

const plain = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.double({ noNaN: true }), fc.constant(null));
const leaf = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: odd });
const key = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('__proto__', 'constructor', 'toString'));
const { record } = fc.letrec<{ record: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 4, arbitrary: leaf },
    fc.array(tie('value'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
}));
/** What should be a record and is perhaps none. */
const part = fc.oneof({ weight: 5, arbitrary: record }, { weight: 1, arbitrary: odd });

function outcome(write: () => Uint8Array): unknown {
  try {
    return Buffer.from(write()).toString('hex');
  } catch (error) {
    return Object.assign({}, { code: Reflect.get(Object(error), 'code'), message: Object(error).message });
  }
}

describe('what JSON cannot say is refused while it is written', () => {
  let refused = 0;
  let sent = 0;

  const request = fc.record({ user: part, userContext: part, state: part, metadata: part }, { requiredKeys: [] });

  test.prop([record, part, part, request], { numRuns: 3000 })(
    'in a hook call as it is when all is looked at first: the same bytes, or the same error',
    (payload, state, metadata, rest) => {
      const globalContext = { requestId: 'r', ...rest } as GlobalContext;
      const readable = { globalContext, state, metadata } as ReadableContext;
      const hook = { hookName: 'tool_pre_invoke', pluginName: 'p' };
      const call = { hook, payload, context: {}, readable } as unknown as ExternalHookCall;
      const limits = { timeoutMs: 1000, maxAnswerBytes: Number.POSITIVE_INFINITY };
      const expected = outcome(() => {
        requireJson(payload, 'payload');
        requireJsonContext(readable);
        return hookCall({ ...hook, payload, context: encodeRequestContext(readable) }, 1000).bytes;
      });
      if (typeof expected === 'string') sent++;
      else refused++;
      expect(outcome(() => new ProtobufCodec().encodeHook(call, limits).bytes)).toEqual(expected);
    },
  );

  test.prop([record, part], { numRuns: 2000 })(
    'in an answer too, where nothing else would be written',
    (metadata, state) => {
      const answer = {
        plugin_name: 'p',
        result: { continue_processing: true, metadata },
        context: { state, metadata: {} },
      };
      const expected = outcome(() => {
        requireJson(answer.result, 'result');
        requireJson(answer.context, 'context');
        return encodeHookAnswer(answer);
      });
      const written = outcome(() => encodeHookAnswer(answer, true));
      // Which of several things is told is for whoever writes: it looks again where something was refused.
      expect(typeof written).toBe(typeof expected);
      if (typeof expected === 'string') expect(written).toBe(expected);
    },
  );

  test('and calls of both kinds were made', () => {
    expect([refused > 100, sent > 100]).toEqual([true, true]);
  });
});
