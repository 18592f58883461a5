import { describe, expect } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { answerContext, requestContext, structInParts, structOf } from '../../src/wire/protobuf/context-message.js';
import { decodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';
import { readUsualAnswer, readUsualRequest } from '../../src/wire/protobuf/usual-messages.js';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const name = fc.oneof(text, fc.constant('tool_pre_invoke')).filter((one) => one !== '');
const value = fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 }));
const record = fc.dictionary(text, fc.oneof(value, fc.dictionary(text, value, { maxKeys: 2 })), { maxKeys: 4 });
const context = fc.record(
  {
    state: record,
    metadata: record,
    global_context: fc.record(
      {
        request_id: text,
        server_id: text,
        tenant_id: text,
        user: fc.oneof(text, record),
        state: record,
        metadata: record,
      },
      { requiredKeys: ['request_id'] },
    ),
  },
  { requiredKeys: ['global_context'] },
);

type Bytes = Uint8Array;

/** What becomes of a message on its way: nothing, or something that only another implementation would write, or nobody. */
const change: fc.Arbitrary<(bytes: Bytes, other: Bytes) => Bytes> = fc.oneof(
  fc.constant((bytes: Bytes) => bytes),
  fc.nat().map((at) => (bytes: Bytes) => bytes.subarray(0, at % (bytes.length + 1))),
  fc.constant((bytes: Bytes, other: Bytes) => Buffer.concat([bytes, other])),
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, byte]) => (bytes: Bytes) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[at % changed.length] = byte;
    return changed;
  }),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 12 })).map(([at, added]) => (bytes: Bytes) => {
    const place = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, place), added, bytes.subarray(place)]);
  }),
);

describe('a hook call that is read in one pass', () => {
  function asDescribed(bytes: Bytes): unknown {
    const message = decodeMessage(types.invokeHookRequest, bytes);
    return {
      hookName: message['hook_type'],
      pluginName: message['plugin_name'],
      payload: structOf(message, 'payload'),
      context: requestContext(message['context']),
    };
  }

  test.prop([name, name, record, context, context, change], { numRuns: 1000 })(
    'says what the descriptor reads in it, whatever became of its bytes',
    (hookName, pluginName, payload, sent, otherwise, changed) => {
      const { bytes } = hookCall({ hookName, pluginName, payload, context: sent }, 1000);
      const other = hookCall({ hookName: '', pluginName: '', payload, context: otherwise }, 1000).bytes;
      const came = changed(bytes, other);
      const read = readUsualRequest(came);
      if (read !== undefined) expect(read).toEqual(asDescribed(came));
    },
  );

  test.prop([name, name, record, context])(
    'is any that a host of ours sends',
    (hookName, pluginName, payload, sent) => {
      const { bytes } = hookCall({ hookName, pluginName, payload, context: sent }, 1000);
      expect(readUsualRequest(bytes)).toEqual(asDescribed(bytes));
    },
  );
});

describe('an answer that is read in one pass', () => {
  function asDescribed(bytes: Bytes): unknown {
    const message = decodeMessage(types.invokeHookResponse, bytes);
    return {
      pluginName: message['plugin_name'],
      result: structInParts(message, 'result', undefined),
      context: answerContext(message['context']),
    };
  }

  const answer = fc.record({ plugin_name: name, result: record, context }, { requiredKeys: ['plugin_name', 'result'] });

  test.prop([answer, answer, change], { numRuns: 1000 })(
    'says what the descriptor reads in it, whatever became of its bytes',
    (document, other, changed) => {
      const bytes = changed(encodeHookAnswer(document), encodeHookAnswer({ ...other, plugin_name: '' }));
      const read = readUsualAnswer(bytes, undefined);
      if (read !== undefined) expect(read).toEqual(asDescribed(bytes));
    },
  );

  test.prop([answer])('is any without an error, its texts in ASCII', (document) => {
    const bytes = encodeHookAnswer({ ...document, context: { global_context: { request_id: 'r', state: { a: 1 } } } });
    expect(readUsualAnswer(bytes, undefined)).toEqual(asDescribed(bytes));
  });

  test.prop([answer, text])('is none that says that the plugin failed', (document, message) => {
    const bytes = encodeHookAnswer({ ...document, error: { message: `failed ${message}`, code: '' } });
    expect(readUsualAnswer(bytes, undefined)).toBeUndefined();
  });
});
