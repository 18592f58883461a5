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

  it.each([
    ['behind', (digits: string) => `${digits}0`],
    ['in front', (digits: string) => `f${digits}`],
  ])('finds text in hexadecimal digits with one too many %s', async (_where, spoilt) => {
    const digits = spoilt(Buffer.from('password=open sesame').toString('hex'));

    expect((await answerTo({}, digits)).violation?.details?.['examples']).toMatchObject([{ encoding: 'hex' }]);
    expect((await answerTo({}, `${'d34db33f'.repeat(5)}0`)).continueProcessing).toBe(true);
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

  describe('reads Base64 as decoders do, not as encoders write it', () => {
    const spaced = (between: string, every = 7): string =>
      hidden.replaceAll(new RegExp(`.{${every}}`, 'g'), `$&${between}`);
    const binary = Buffer.from('password=open sesame, says he?>~~~?>');
    const urlSafe = binary.toString('base64url');

    it.each([
      ['line ends', spaced('\n')],
      ['line ends of Windows, and spaces', spaced(' \r\n  ')],
      ['tabs', spaced('\t')],
      ['no-break spaces', spaced('\u00a0')],
      ['characters that cannot be seen', spaced('\u200b', 3)],
      ['soft hyphens', spaced('\u00ad', 5)],
      ['line ends in escapes', spaced('\\n', 10)],
      ['white space, behind prose', `the result is ${spaced(' ', 10)} as you asked`],
      ['no padding', hidden.replace(/=+$/, '')],
      ['too much padding', `${hidden.replace(/=+$/, '')}====`],
      ['bits that are over', hidden.replace(/U=$/, 'V=')],
      ['bits that are over, and no padding', hidden.replace(/U=$/, 'V')],
      ['a digit that is over', `${hidden.replace(/=+$/, '')}aa`],
      ['letters before it', `x${hidden}`],
      ['the alphabet of URLs', urlSafe],
      [
        'the alphabet of URLs, and bits that are over',
        Buffer.from('password=open sesame?>~').toString('base64url').replace(/.$/, '9'),
      ],
      ['both alphabets', urlSafe.replace('_', '/')],
      ['lines of which the last is short', hidden.replace(/.{30}/, '$&\n')],
    ])('with %s', async (_, text) => {
      const redacting = { redact: true, redaction_text: '#', block_on_detection: false };
      expect((await answerTo({}, text)).violation?.code).toBe('ENCODED_EXFIL_DETECTED');
      const masked = (await answerTo(redacting, text)).modifiedPayload as { readonly result: string } | undefined;
      expect(masked?.result).not.toMatch(/[A-Za-z0-9+/_-]{9}/);
    });

    it('but not where it is allowed, or not looked for', async () => {
      expect((await answerTo({ allowlist_patterns: ['^cGFz'] }, spaced('\n'))).continueProcessing).toBe(true);
      const enabled = { base64: false, base64url: false };
      expect((await answerTo({ enabled }, spaced('\n'))).continueProcessing).toBe(true);
    });

    it.each([
      [
        'prose',
        'Please find attached the minutes of the meeting that we held last week about the new warehouse in Rotterdam',
      ],
      ['article numbers', Array.from({ length: 200 }, (_each, index) => `ART${1000003 + index * 7919}`).join('\n')],
      [
        'dates',
        Array.from({ length: 200 }, (_each, index) => `202${index % 10}-0${1 + (index % 9)}-1${index % 10}`).join(' '),
      ],
      ['names in a program', 'const customerInvoiceRepository = createCustomerInvoiceRepository(databaseConnection)'],
      ['paths', '/usr/local/share/applications/customer-invoices/templates/default/header_and_footer'],
      [
        'a list of words',
        Array.from({ length: 300 }, (_each, index) => 'lorem ipsum dolor sit amet'.slice(index % 20)).join(' '),
      ],
    ])('and leaves %s alone', async (_, text) => {
      expect((await answerTo({}, text)).continueProcessing).toBe(true);
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

  it.each([
    'A',
    'A=',
    'a-',
    '%41',
    '\\x41',
    '41',
    `${hidden} `,
    `${hidden.slice(0, 18)} `,
    'cGFz\n',
    'a ',
    '[',
    '{"a":',
  ])('takes time in proportion to a text of %s', async (part) => {
    const config = { max_scan_string_length: 5_000_000, max_decode_depth: 5, block_on_detection: false };
    await using manager = await managerOf('encoded-exfil-detection', hooks, config);
    await expectLinearTime(
      (result) => manager.invokeHook('tool_post_invoke', { name: 't', result }, { requestId: 'r' }),
      (length) => part.repeat((0.9 * length) / part.length),
    );
  });
});
