import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInTypes } from '../../src/catalogue/pii-filter/finding.js';
import { personalData } from '../../src/catalogue/pii-filter/personal-data.js';
import { piiConfig } from '../../src/catalogue/pii-filter/pii-config.js';
import { cardNumbers } from '../../src/catalogue/pii-filter/plain-numbers.js';
import { systemClock } from '../../src/time/clock.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const context = { requestId: 'r' };
const hooks = ['prompt_pre_fetch', 'prompt_post_fetch', 'tool_pre_invoke', 'tool_post_invoke'];

/** What the filter makes of one text, or why it blocks it. */
async function masked(text: string, config: object = {}): Promise<unknown> {
  await using manager = await managerOf('pii-filter', hooks, config);
  const { modifiedPayload, violation } = await manager.invokeHook(
    'tool_pre_invoke',
    { name: 't', args: { text } },
    context,
  );
  return violation ?? (modifiedPayload ?? { args: { text } }).args?.['text'];
}

function found(text: string, config: object = {}): string[] {
  return personalData(text, piiConfig.parse(config)).map(({ type, value }) => `${type}: ${value}`);
}

describe('personal data', () => {
  it.each([
    ['123-45-6789', 'ssn: 123-45-6789'],
    ['SSN 123456789', 'ssn: SSN 123456789'],
    ['SSN number is 123 45 6789', 'ssn: SSN number is 123 45 6789'],
    ['My BSN is 123456782', 'bsn: My BSN is 123456782'],
    ['BSN nr. 123456782', 'bsn: BSN nr. 123456782'],
    ['4111 1111 1111 1111', 'credit_card: 4111 1111 1111 1111'],
    ['4111 1111 1111 1111 12/27', 'credit_card: 4111 1111 1111 1111'],
    ['4111111111111111 123', 'credit_card: 4111111111111111'],
    ['2 4111-1111-1111-1111', 'credit_card: 4111-1111-1111-1111'],
    ['x1 4111 1111 1111 1111', 'credit_card: 4111 1111 1111 1111'],
    ['mail bob@example.com.', 'email: bob@example.com'],
    ['a@1.2.3.co', 'email: a@1.2.3.co'],
    ['an j\u00fcrgen@corp.com', 'email: j\u00fcrgen@corp.com'],
    ['bob@m\u00fcnchen.de', 'email: bob@m\u00fcnchen.de'],
    [
      '\u0438\u0432\u0430\u043d@\u043f\u043e\u0447\u0442\u0430.\u0440\u0444',
      'email: \u0438\u0432\u0430\u043d@\u043f\u043e\u0447\u0442\u0430.\u0440\u0444',
    ],
    ['\u{20bb7}bob@corp.com\u307e\u3067', 'email: \u{20bb7}bob@corp.com\u307e\u3067'],
    ['\u{1f600}bob@corp.com\u{1f600}', 'email: bob@corp.com'],
    ['1-555-123-4567', 'phone: 1-555-123-4567'],
    ['+44 20 7946 0958', 'phone: +44 20 7946 0958'],
    ['+49 (30) 1234567', 'phone: +49 (30) 1234567'],
    ['192.0.2.1:80', 'ip_address: 192.0.2.1'],
    ['[2001:db8::1]', 'ip_address: 2001:db8::1'],
    ['at 2001:db8:0:0:0:0:0:1.', 'ip_address: 2001:db8:0:0:0:0:0:1'],
    ['DOB: 1990-01-15', 'date_of_birth: DOB: 1990-01-15'],
    ['01/15/1990', 'date_of_birth: 01/15/1990'],
    ['passport number is X1234567', 'passport: passport number is X1234567'],
    // Dashes of word processors and of models, and wide characters.
    ['123\u201145\u20116789', 'ssn: 123-45-6789'],
    ['123\u201345\u20136789', 'ssn: 123-45-6789'],
    ['\uff11\uff12\uff13\uff0d\uff14\uff15\uff0d\uff16\uff17\uff18\uff19', 'ssn: 123-45-6789'],
    ['4111\u20111111\u20111111\u20111111', 'credit_card: 4111-1111-1111-1111'],
    ['\uff14111 1111 1111 1111', 'credit_card: 4111 1111 1111 1111'],
    ['555\u2012123\u20124567', 'phone: 555-123-4567'],
    ['bob\uff20corp\uff0ecom', 'email: bob@corp.com'],
    ['DOB: 1990\u201301\u201315', 'date_of_birth: DOB: 1990-01-15'],
    ["Driver's License No. D1234567", "driver_license: Driver's License No. D1234567"],
    ['medical record number 123456', 'medical_record: medical record number 123456'],
    ['account no. 12345678', 'bank_account: account no. 12345678'],
    ['DE89 3704 0044 0532 0130 00 today', 'bank_account: DE89 3704 0044 0532 0130 00'],
    ['GB82WEST12345698765432', 'bank_account: GB82WEST12345698765432'],
  ])('is found in %j', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    '000-12-3456',
    'ssn: 900123456',
    'BSN 12345678',
    '4111111111111112',
    '4111--1111--1111--1111',
    'x4111111111111111',
    '4111111111111111x',
    '41111111111111110000',
    'a@b.c',
    '555-1234',
    '256.1.1.1',
    'dead::beef',
    '12:30::45x',
    '13/01/1990',
    'passport control',
    'license agreement',
    'DE00370400440532013000',
    'MRN: ABCDEF',
    'order 123456782',
    '\u00e9123-45-6789',
  ])('is not found in %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('is what begins first, then what is longest, then what users look for', () => {
    const custom = (pattern: string) => ({ custom_patterns: [{ pattern, description: 'd' }] });

    expect(found('bob@example.com', custom('b'))).toEqual(['email: bob@example.com']);
    expect(found('bob@example.com', custom('bob@example.com'))).toEqual(['custom: bob@example.com']);
    expect(found('xbob@example.com y', custom('\\w.* y'))).toEqual(['custom: xbob@example.com y']);
  });

  it('is only what is asked for, and not what is allowed', () => {
    expect(found('bob@example.com 192.0.2.1', { detect_email: false })).toEqual(['ip_address: 192.0.2.1']);
    expect(found('bob@example.com 192.0.2.1', { whitelist_patterns: ['@EXAMPLE\\.com$'] })).toEqual([
      'ip_address: 192.0.2.1',
    ]);
  });

  it('is found in linear time', async () => {
    const config = piiConfig.parse({});
    const repeated = (part: string) => (length: number) => part.repeat(length / part.length);
    for (const part of [
      'a',
      '1',
      'a@',
      '@',
      'a.',
      '4111 ',
      '+1 (',
      'ssn ',
      'social ',
      'DE89 3704 ',
      '::1',
      '\ud83d\ude00@',
    ])
      await expectLinearTime((text) => personalData(text, config), repeated(part));
    await expectLinearTime(
      (text) => personalData(text, config),
      (length) => `passport number ${' '.repeat(length)}`,
    );
  });
});

it.each(['4 ', '\u0664 '])('cards are looked for among many groups of %j in linear time', async (group) => {
  await expectLinearTime(cardNumbers, (length) => group.repeat(length / 2));
});

describe('the filter', () => {
  it('masks texts wherever they stand, on every hook', async () => {
    await using manager = await managerOf('pii-filter', hooks);
    const secret = 'bob@example.com';

    const results = [
      await manager.invokeHook('prompt_pre_fetch', { promptId: 'p', args: { a: secret } }, context),
      await manager.invokeHook(
        'prompt_post_fetch',
        {
          promptId: 'p',
          result: { messages: [{ role: 'user', content: { type: 'text', text: secret } }] },
        },
        context,
      ),
      await manager.invokeHook('tool_pre_invoke', { name: 't', args: { a: [{ b: secret }], n: 1 } }, context),
      await manager.invokeHook(
        'tool_post_invoke',
        {
          name: 't',
          result: { content: [{ type: 'text', text: secret }], structuredContent: { a: secret }, isError: false },
        },
        context,
      ),
    ];

    expect(results.map(({ modifiedPayload }) => modifiedPayload)).toEqual([
      { promptId: 'p', args: { a: '[REDACTED]' } },
      { promptId: 'p', result: { messages: [{ role: 'user', content: { type: 'text', text: '[REDACTED]' } }] } },
      { name: 't', args: { a: [{ b: '[REDACTED]' }], n: 1 } },
      {
        name: 't',
        result: {
          content: [{ type: 'text', text: '[REDACTED]' }],
          structuredContent: { a: '[REDACTED]' },
          isError: false,
        },
      },
    ]);
  });

  it.each([
    ['123-45-6789', '***-**-6789'],
    ['BSN 123456782', '*****6782'],
    ['4111-1111-1111-1111', '****-****-****-1111'],
    ['bob@corp.com', 'b***b@corp.com'],
    ['bo@corp.com', '***@corp.com'],
    ['555-123-4567', '***-***-4567'],
    ['1.2.3.4', '1*****4'],
    ['Account: 12345678', 'Ac***********5678'],
  ])('masks %s in part', async (text, expected) => {
    expect(await masked(text, { default_mask_strategy: 'partial' })).toBe(expected);
  });

  it('removes, replaces by a text, by a token and by a hash', async () => {
    const text = 'bob@corp.com bob@corp.com';

    expect(await masked(text, { default_mask_strategy: 'remove' })).toBe(' ');
    expect(await masked(text, { redaction_text: '#' })).toBe('# #');
    const tokens = /^\[TOKEN:([0-9a-f]{8})\] \[TOKEN:([0-9a-f]{8})\]$/.exec(
      String(await masked(text, { default_mask_strategy: 'tokenize' })),
    );
    expect(tokens?.[1]).not.toBe(tokens?.[2]);
    const hashes = [
      await masked(text, { default_mask_strategy: 'hash' }),
      await masked(text, { default_mask_strategy: 'hash' }),
    ];
    expect(hashes[0]).toMatch(/^\[HASH:([0-9a-f]{16})\] \[HASH:\1\]$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('blocks where it is told to, and says the types and their number', async () => {
    expect(await masked('bob@corp.com 1.2.3.4 5.6.7.8', { block_on_detection: true })).toMatchObject({
      code: 'PII_DETECTED_IN_TOOL_ARGS',
      details: { detected_types: ['email', 'ip_address'], count: 3 },
    });
  });

  it('counts for whoever traces the request', async () => {
    await using manager = await managerOf('pii-filter', hooks);
    const payload = { name: 't', args: { text: 'bob@corp.com' } };

    const traced = await manager.invokeHook('tool_pre_invoke', payload, context, {
      extensions: { request: { traceId: 'abc' } },
    });
    const untraced = await manager.invokeHook('tool_pre_invoke', payload, context);

    expect(traced.metadata['pii_filter']).toEqual({
      total_detections: 1,
      total_masked: 1,
      detection_types: ['email'],
      stage: 'tool_pre_invoke',
    });
    expect(untraced.metadata).not.toHaveProperty('pii_filter');
  });

  it.each([
    [{ max_text_bytes: 7 }, { a: '\u00e9\u00e9\u00e9\u00e9' }, 'a text of more than 7 bytes'],
    [{ max_nested_depth: 1 }, { a: { b: 1 } }, 'nested deeper than 1 levels'],
    [{ max_collection_items: 2 }, { a: [1, 2, 3] }, 'a list or object of more than 2 members'],
  ])('blocks what is beyond %j', async (config, args, why) => {
    await using manager = await managerOf('pii-filter', hooks, config);

    const { continueProcessing, violation } = await manager.invokeHook('tool_pre_invoke', { name: 't', args }, context);

    expect(continueProcessing).toBe(false);
    expect(violation).toMatchObject({ code: 'PII_INPUT_TOO_LARGE', description: expect.stringContaining(why) });
  });

  it('blocks a text in which a pattern of users takes too long', async () => {
    const config = { custom_patterns: [{ pattern: 'a*?bc|a', description: 'slow' }] };

    expect(await masked('a'.repeat(900_000), config)).toMatchObject({
      code: 'PII_INPUT_TOO_LARGE',
      description: expect.stringContaining('was not done in 5000 ms'),
    });
  });

  it('blocks where patterns of users take too long for all texts of a call together', async () => {
    let now = 0;
    // Each text takes a second.
    const clock = { ...systemClock, now: () => (now += 1000) };
    const answerTo = async (texts: number, config: object) => {
      await using manager = await managerOf('pii-filter', hooks, config, { clock });
      const args = { a: Array.from({ length: texts }, () => 'text') };
      return (await manager.invokeHook('tool_pre_invoke', { name: 't', args }, context)).violation?.code;
    };
    const config = { custom_patterns: [{ pattern: 'EMP', description: 'd' }] };

    await expect(answerTo(5, config)).resolves.toBeUndefined();
    await expect(answerTo(14, config)).resolves.toBe('PII_INPUT_TOO_LARGE');
    await expect(answerTo(14, { whitelist_patterns: ['EMP'] })).resolves.toBe('PII_INPUT_TOO_LARGE');
    await expect(answerTo(14, {})).resolves.toBeUndefined();
  });

  it('masks any number of finds in a text', async () => {
    const config = { custom_patterns: [{ pattern: 'x', description: 'd', mask_strategy: 'remove' }] };

    await expect(masked('x '.repeat(200_000), config)).resolves.toBe(' '.repeat(200_000));
  });

  it('takes what the reference takes, and names what it cannot read', () => {
    const problems = (config: object) =>
      piiConfig.safeParse(config).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    const custom = { pattern: 'EMP\\d', description: 'd' };

    expect(
      problems({ custom_patterns: [{ ...custom, type: 'custom', mask_strategy: null, enabled: false }] }),
    ).toBeUndefined();
    expect(problems({ custom_patterns: [custom, { ...custom, pattern: '(?<=a)b' }] })).toEqual([
      'custom_patterns.1.pattern: this is no pattern: look-behind cannot be matched in linear time (at position 0)',
    ]);
    expect(problems({ custom_patterns: [{ ...custom, pattern: 'a*' }] })).toEqual([
      'custom_patterns.0.pattern: it matches the empty text, which stands everywhere',
    ]);
    expect(problems({ custom_patterns: [{ ...custom, pattern: 'a'.repeat(257) }] })).toEqual([
      'custom_patterns.0.pattern: expected at most 256 characters',
    ]);
    expect(problems({ whitelist_patterns: ['('] })).toEqual([
      'whitelist_patterns.0: this is no pattern: a group ( is not closed (at position 0)',
    ]);
    expect(problems({ default_mask_strategy: 'REDACT' })).toHaveLength(1);
    expect(problems({ detect_ssn: 'yes' })).toHaveLength(1);
    expect(problems({ detect_names: true })).toEqual([': Unrecognized key: "detect_names"']);
  });

  it('leaves arbitrary values as they are, but for what it finds', async () => {
    await using manager = await managerOf('pii-filter', hooks);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.string(), async (args, key) => {
        const { modifiedPayload } = await manager.invokeHook(
          'tool_post_invoke',
          {
            name: 't',
            result: { ...args, [key]: 'x bob@example.com' },
          },
          context,
        );
        const result = modifiedPayload?.result as Record<string, unknown>;
        expect(result[key]).toBe('x [REDACTED]');
        if (found(JSON.stringify(args)).length === 0) expect({ ...result, [key]: 1 }).toEqual({ ...args, [key]: 1 });
      }),
    );
  });

  it('masks all of what it finds, whatever is around it', async () => {
    const values = ['bob@example.com', '123-45-6789', '4111111111111111', '192.0.2.1', 'GB82WEST12345698765432'];
    await using manager = await managerOf('pii-filter', hooks);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...values), fc.string({ unit: 'binary' }), async (value, around) => {
        const text = `${around} ${value}, ${around}`;
        const { modifiedPayload } = await manager.invokeHook('tool_pre_invoke', { name: 't', args: { text } }, context);
        // What stands before it may have taken a part of it along.
        fc.pre(found(around).length === 0 && !/[\d+:]\s*$/.test(around));
        expect(modifiedPayload?.args?.['text']).not.toContain(value);
      }),
    );
  });

  it('has a detector for each type', () => {
    expect(builtInTypes.map((type) => `detect_${type}` in piiConfig.in.shape)).not.toContain(false);
  });
});
