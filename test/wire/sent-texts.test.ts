import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { PluginAnswer } from '../../src/wire/protobuf/plugin-messages.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { encodeHookAnswer } from '../../src/wire/protobuf/plugin-request.js';

const kib = 1024;

/** What is sent, and what is answered to it: texts that are alike but for a character, of lengths that are alike too. */
const text = fc
  .tuple(
    fc.constantFrom(10, 64 * kib - 1, 64 * kib, 100 * kib),
    fc.constantFrom('a', 'b', 'é', '🙂'),
    fc.constantFrom(0, 0.5, 1),
  )
  .map(([length, character, place]) => {
    const before = 'x'.repeat(Math.floor((length - Buffer.byteLength(character)) * place));
    return before + character + 'x'.repeat(length - Buffer.byteLength(before + character));
  });
const texts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), text);

function answerTo(sent: Record<string, unknown>, answered: Record<string, unknown>): PluginAnswer {
  const context = { global_context: { request_id: 'r' }, state: { kept: sent['a'] } };
  const call = hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload: { args: sent }, context }, 1000);
  return call.read(encodeHookAnswer({ plugin_name: 'Echo', result: { modified_payload: { args: answered } } }));
}

describe('texts of an answer', () => {
  test.prop([texts, texts], { numRuns: 300 })('are those that it says, whatever was sent', (sent, answered) => {
    const document = { plugin_name: 'Echo', result: { modified_payload: { args: answered } } };
    const answer = answerTo(sent, { ...sent, ...answered });
    expect(answerTo({}, answered)).toEqual({ kind: 'hook', document });
    document.result.modified_payload.args = { ...sent, ...answered };
    expect(answer).toEqual({ kind: 'hook', document });
  });

  it('are no others that are as long', () => {
    const [sent, answered] = ['a', 'b'].map((last) => 'x'.repeat(100 * kib) + last);
    expect(answerTo({ sent }, { sent, answered })).toMatchObject({
      document: { result: { modified_payload: { args: { sent, answered } } } },
    });
  });
});
