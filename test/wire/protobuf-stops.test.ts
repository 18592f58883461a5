import { describe, expect, it } from 'vitest';
import { readHookAnswer } from '../../src/external/hook-answer.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeStruct } from '../../src/wire/protobuf/struct-writer.js';
import { builtInHook } from '../fixtures/hosting/memory-host.js';

const hook = builtInHook('tool_pre_invoke');
if (hook === undefined) throw new Error('there is no such hook');
const called = { hookName: hook.name, pluginName: 'Guard', codec: hookCodec(hook), ignored: undefined };

/** A field of a message: number, and short bytes. */
const field = (number: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(number * 8 + 2, bytes.length), bytes]);
const struct = (record: Record<string, unknown>): Uint8Array => Uint8Array.from(encodeStruct(record));
const text = (value: string): Uint8Array => Buffer.from(value);
const read = (...fields: Uint8Array[]): unknown => {
  const call = hookCall({ hookName: called.hookName, pluginName: 'Guard', payload: {}, context: {} }, 1000);
  const answer = call.read(Buffer.concat(fields));
  return answer.kind === 'hook' ? readHookAnswer([answer.document], called).outcome : answer;
};

describe('an answer in protobuf', () => {
  it('is read whole where its result comes in parts, whichever part says stop', () => {
    const [stop, rest] = [struct({ continue_processing: false }), struct({ metadata: { a: 1 } })];
    for (const parts of [
      [stop, rest],
      [rest, stop],
    ]) {
      expect(read(...parts.map((part) => field(2, part)))).toMatchObject({
        continueProcessing: false,
        metadata: { a: 1 },
      });
    }
  });

  const violation = field(2, Buffer.concat([field(1, text('no')), field(2, text('d')), field(3, text('C'))]));
  const words = { reason: 'no', description: 'd', code: 'C' };

  it.each<[string, Uint8Array[]]>([
    ['there is no other result', []],
    ['the result is empty', [field(2, struct({}))]],
    ['the result says nothing of it', [field(2, struct({ metadata: { a: 1 } }))]],
    ['there is an error', [field(4, field(1, text('boom')))]],
  ])('stops by the typed result where %s', (_, others) => {
    expect(read(...others, field(5, violation))).toMatchObject({ continueProcessing: false, violation: words });
  });

  it('goes on where the result, or the typed one, says so', () => {
    expect(read(field(2, struct({ continue_processing: true })), field(5, violation))).toEqual({
      continueProcessing: true,
    });
    const typedGo = Uint8Array.of(8, 1);
    expect(read(field(2, struct({ metadata: {} })), field(5, typedGo))).toEqual({
      continueProcessing: true,
      metadata: {},
    });
  });

  it('goes on where a result says nothing else, and nothing is typed', () => {
    expect(read(field(2, struct({})))).toEqual({ continueProcessing: true });
  });
});
