import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { pluginResultSchema, readStop } from '../../src/hooks/hook-result.js';
import { unknownAnswerFields } from '../../src/wire/answer-fields.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';
import { decodeResult, encodeResult } from '../../src/wire/result-codec.js';
import { jsonText } from '../../src/json/json-text.js';
import { answeredOver } from '../fixtures/hosting/answered-host.js';
import { servedOver, serveGuard } from '../fixtures/hosting/served-plugins.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { createChainHarness } from '../../src/testing/index.js';
import { builtInHook } from '../fixtures/hosting/memory-host.js';

const hook = builtInHook('tool_pre_invoke');
if (hook === undefined) throw new Error('there is no such hook');
const codec = hookCodec(hook).result;

const call = hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload: { name: 't' }, context: {} }, 1000);
const overProtobuf = (answer: Uint8Array): unknown => {
  const read = call.read(answer);
  return read.kind === 'hook' ? read.document['result'] : read;
};
const decoded = (wire: unknown) => {
  const read = decodeResult(wire, codec);
  return read.ok ? read.value.denialMetadata : read.issue;
};

// Written by cpex 0.1.4: its `populate_proto_result`, serialised in the order of keys.
const bigAlone =
  '0a044563686f121b0a190a13636f6e74696e75655f70726f63657373696e67120220002a1422120a100a036269671209108280808080808020';
const all =
  '0a044563686f121b0a190a13636f6e74696e75655f70726f63657373696e67120220002a88012285010a100a0362696712091082808080808080200a110a0468616c66120919000000000000e03f0a140a056c65617374120b10ffffffffffffffffff010a130a046d6f7374120b10feffffffffffffffff010a080a026e6f120208000a120a0577686f6c6512091900000000000000400a090a03796573120208010a0a0a047a65726f12021000';

describe('numbers about a denial in protobuf', () => {
  it('are read as cpex writes them, integers with all their digits', () => {
    expect(decoded(overProtobuf(Buffer.from(all, 'hex')))).toEqual({
      yes: true,
      no: false,
      zero: 0,
      big: 2n ** 53n + 1n,
      least: -(2n ** 63n),
      most: 2n ** 63n - 1n,
      half: 0.5,
      whole: 2,
    });
  });

  it('are written as cpex writes them', () => {
    const result = { continue_processing: false, denial_metadata: { big: 2n ** 53n + 1n } };
    expect(Buffer.from(encodeHookAnswer({ plugin_name: 'Echo', result })).toString('hex')).toBe(bigAlone);
  });

  it('outweigh those in the Struct, and say nothing of whether the request goes on', () => {
    const result = { continue_processing: true, denial_metadata: { a: 1n } };
    const bytes = Buffer.from(encodeHookAnswer({ plugin_name: 'Echo', result }));
    // The base has no `continue_processing`, which proto3 reads as false.
    expect(decodeResult(overProtobuf(bytes), codec)).toMatchObject({
      ok: true,
      value: { continueProcessing: true, denialMetadata: { a: 1 } },
    });
  });
});

const metric = fc.oneof(
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((value) => !Number.isSafeInteger(Number(value))),
);
const metrics = fc.dictionary(fc.stringMatching(/^[a-z._-]{1,8}$/), metric, { minKeys: 1, maxKeys: 20 });

it('any numbers come back as they are, over protobuf and as JSON but for the digits that JavaScript rounds', () => {
  fc.assert(
    fc.property(metrics, fc.boolean(), (denialMetadata, continueProcessing) => {
      const result = encodeResult({ continueProcessing, denialMetadata }, codec);
      const answer = encodeHookAnswer({ plugin_name: 'Echo', result });
      expect(decoded(overProtobuf(answer))).toEqual(denialMetadata);
      const rounded = Object.entries(denialMetadata).map(([key, value]) => [
        key,
        typeof value === 'bigint' ? Number(value) : value,
      ]);
      expect(decoded(JSON.parse(jsonText(result)))).toEqual(Object.fromEntries(rounded));
    }),
  );
});

it('JSON has the digits of big integers, and texts that look like them are left alone', () => {
  expect(jsonText({ a: 2n ** 53n + 1n, b: ['bigint:1', -1n], c: '"1"' })).toBe(
    '{"a":9007199254740993,"b":["bigint:1",-1],"c":"\\"1\\""}',
  );
  expect(jsonText({ a: 1 })).toBe('{"a":1}');
});

describe('what is no number', () => {
  const odd = { a: 1, text: 'x', nested: {}, list: [], none: null, nan: Number.NaN };

  it('is left out of what another side sends, and named', () => {
    for (const continue_processing of [true, false]) {
      expect(decoded({ continue_processing, denial_metadata: odd })).toEqual({ a: 1 });
    }
    expect(unknownAnswerFields({ result: { denial_metadata: odd } }, codec)).toEqual([
      'result.denial_metadata.text',
      'result.denial_metadata.nested',
      'result.denial_metadata.list',
      'result.denial_metadata.nan',
    ]);
    expect(unknownAnswerFields({ result: { denial_metadata: 5 } }, codec)).toEqual(['result.denial_metadata']);
    expect(decoded({ continue_processing: false, denial_metadata: 5 })).toBeUndefined();
  });

  it.each([
    ['a text', { a: 'x' }],
    ['an object', { a: {} }],
    ['NaN', { a: Number.NaN }],
    ['more than 64 bits', { a: 2n ** 63n }],
    ['a list', [1]],
  ])('is an error of a plugin that passes, and leaves its block a block: %s', (_name, denialMetadata) => {
    expect(pluginResultSchema.safeParse({ denialMetadata }).success).toBe(false);
    const dropped: string[] = [];
    const stop = readStop({ continueProcessing: false, denialMetadata }, (field) => void dropped.push(field));
    expect(stop).toMatchObject({ continueProcessing: false, denialMetadata: undefined });
    expect(dropped).toEqual(['denialMetadata']);
  });
});

describe.each(['MCP', 'protobuf'] as const)('over %s', (messages) => {
  const block = { continueProcessing: false, violation: { reason: 'r', description: 'd', code: 'C' } };

  it('the numbers of a block reach the host', async () => {
    const count = 2n ** 53n + 1n;
    const denialMetadata = { score: 0.5, blocked: true, count };
    expect(await answeredOver(messages, { ...block, denialMetadata })).toMatchObject({
      ...block,
      denialMetadata: { score: 0.5, blocked: true, count: messages === 'MCP' ? Number(count) : count },
    });
  });

  it('a block stands whose numbers cannot be sent', async () => {
    const denialMetadata = { a: 2n ** 63n };
    const answered = await answeredOver(messages, { ...block, denialMetadata });
    expect(answered).toMatchObject(block);
    expect(answered).toMatchObject({ denialMetadata: undefined });
    expect(await answeredOver(messages, { denialMetadata })).toMatchObject({
      message: expect.stringMatching(
        /^Plugin Guard: result\.denial_metadata\.a: found .+, expected true, false, a finite number/,
      ),
    });
  });
});

describe.each(servedOver)('from a plugin server over %s', (transport) => {
  it('they reach the caller of a plugin by name, and of a chain that it blocks', async () => {
    const denialMetadata = { score: 0.5, blocked: true, count: 7 };
    const plugin = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: false, denialMetadata }) } });
    const manager = await start({ config: { plugins: [await serveGuard(plugin, transport)] } });
    const context = { globalContext: { requestId: '1', state: {}, metadata: {} } };
    const named = await manager.invokeHookForPlugin('Guard', 'tool_pre_invoke', { name: 't' }, context);
    expect(named).toMatchObject({ continueProcessing: false, denialMetadata });
    expect(await callTool(manager, 't')).toMatchObject({ continueProcessing: false, denialMetadata });
  });
});

it('numbers of a plugin that does not block are no numbers of a denial', async () => {
  const plugin = definePlugin({ hooks: { tool_pre_invoke: () => ({ denialMetadata: { a: 1 } }) } });
  await using harness = await createChainHarness({ plugins: [{ name: 'Guard', plugin, hooks: ['tool_pre_invoke'] }] });
  expect((await callTool(harness.manager, 't')).denialMetadata).toBeUndefined();
});
