import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookOutcome } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['prompt_pre_fetch', 'tool_post_invoke', 'resource_post_fetch'];
const hidden = Buffer.from('password=open sesame, says he').toString('base64');

async function answerTo(config: object, result: unknown): Promise<HookOutcome> {
  await using manager = await managerOf('encoded-exfil-detection', hooks, config);
  return await manager.invokeHook('tool_post_invoke', { name: 't', result }, { requestId: 'r' });
}

describe('the detector of encoded data', () => {
  it('blocks, and tells places and numbers only', async () => {
    const { violation } = await answerTo({}, { a: [`see ${hidden}`] });

    expect(violation).toMatchObject({
      code: 'ENCODED_EXFIL_DETECTED',
      details: {
        tool: 't',
        count: 1,
        request_id: 'r',
        examples: [{ encoding: 'base64', path: 'result.a[0]', start: 4 }],
      },
    });
    expect(JSON.stringify(violation)).not.toContain(hidden.slice(0, 8));
  });

  it('undoes encodings within each other, as many as it is told', async () => {
    const twice = Buffer.from(hidden).toString('hex');
    const scoreOf = async (max_decode_depth: number) =>
      (await answerTo({ max_decode_depth }, twice)).violation?.details?.['examples'];

    expect(await scoreOf(2)).toMatchObject([{ encoding: 'base64', score: 5 }]);
    expect(await scoreOf(1)).toMatchObject([{ encoding: 'hex', score: 4 }]);
  });

  it.each(['#', '"'])('finds what the escapes of JSON hide, also beside what they do not', async (redaction_text) => {
    const config = { redact: true, redaction_text, block_on_detection: false };
    const escaped = Array.from(hidden, (each) => `\\u00${each.charCodeAt(0).toString(16)}`).join('');

    const text = `{"a":"${hidden}","b":"${escaped}"}`;

    expect((await answerTo(config, text)).modifiedPayload).toEqual({ name: 't', result: redaction_text });
    expect((await answerTo({}, text)).violation?.details?.['count']).toBe(2);
    expect((await answerTo({}, `{"a":"${hidden}","b":"c"}`)).violation?.details?.['count']).toBe(1);
  });

  it('masks keys, without losing a value', async () => {
    const config = { redact: true, redaction_text: '#', block_on_detection: false };

    expect((await answerTo(config, { [hidden]: 1, '#': 2 })).modifiedPayload).toEqual({
      name: 't',
      result: { '#_': 1, '#': 2 },
    });
  });

  it.each([
    ['a text that is too long', 'x'.repeat(200_001)],
    ['a value that is too deep', Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 'x')],
  ])('stops %s', async (_, result) => {
    expect((await answerTo({}, result)).violation?.code).toBe('ENCODED_EXFIL_INPUT_TOO_LARGE');
  });

  it.each([
    ['an unknown encoding', { enabled: { base32: true } }, 'base32'],
    ['a score that nothing has', { min_suspicion_score: 11 }, 'config.min_suspicion_score'],
    ['a pattern that is none', { allowlist_patterns: ['a', '('] }, 'config.allowlist_patterns[1]: not a pattern'],
    ['an empty word', { extra_egress_hints: [''] }, 'config.extra_egress_hints[0]: an empty word is in every text'],
  ])('refuses a configuration with %s', async (_, config, message) => {
    await expect(managerOf('encoded-exfil-detection', hooks, config)).rejects.toThrow(message);
  });

  it('takes any value, and leaves one that it finds nothing in', async () => {
    await using manager = await managerOf('encoded-exfil-detection', hooks, { redact: true });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (result) => {
        const outcome = await manager.invokeHook('tool_post_invoke', { name: 't', result }, { requestId: 'r' });
        if (outcome.continueProcessing) expect(outcome.modifiedPayload).toBeUndefined();
      }),
    );
  });

  it.each(['A', 'A=', 'a-', '%41', '\\x41', '41', `${hidden} `, '[', '{"a":'])(
    'takes time in proportion to a text of %s',
    async (part) => {
      const config = { max_scan_string_length: 5_000_000, max_decode_depth: 5, block_on_detection: false };
      await using manager = await managerOf('encoded-exfil-detection', hooks, config);
      await expectLinearTime(
        (result) => manager.invokeHook('tool_post_invoke', { name: 't', result }, { requestId: 'r' }),
        (length) => part.repeat((0.9 * length) / part.length),
      );
    },
  );
});
