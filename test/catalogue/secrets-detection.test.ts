import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonWebTokens } from '../../src/catalogue/secrets-detection/json-web-tokens.js';
import { findSecrets, withoutSecrets } from '../../src/catalogue/secrets-detection/secret-search.js';
import { secretTypes } from '../../src/catalogue/secrets-detection/secret-types.js';
import type { HookOutcome } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { scoresOf } from './accuracy/score.js';
import { secretsCorpus } from './accuracy/secrets/corpus.js';

const hooks = ['prompt_pre_fetch', 'tool_pre_invoke', 'tool_post_invoke', 'resource_post_fetch'];
const key = `AKIA${'B7'.repeat(8)}`;

async function answerTo(config: object, hook: 'tool_post_invoke', result: unknown): Promise<HookOutcome> {
  await using manager = await managerOf('secrets-detection', hooks, config);
  return await manager.invokeHook(hook, { name: 't', result }, { requestId: 'r' });
}

describe('the detector of secrets', () => {
  it('blocks, and tells types and numbers only', async () => {
    const outcome = await answerTo({}, 'tool_post_invoke', { a: [key], b: `of ${key}` });

    expect(outcome).toMatchObject({
      continueProcessing: false,
      violation: {
        code: 'SECRETS_DETECTED',
        details: { count: 2, examples: [{ type: 'aws_access_key_id' }, { type: 'aws_access_key_id' }] },
      },
    });
    expect(JSON.stringify([outcome.violation, outcome.metadata])).not.toContain(key);
  });

  it('looks at the content of resources, whatever its shape', async () => {
    await using manager = await managerOf('secrets-detection', hooks);
    for (const content of [key, { text: key }, { contents: [{ uri: 'u', text: key }] }]) {
      const { violation } = await manager.invokeHook('resource_post_fetch', { uri: 'u', content }, { requestId: 'r' });
      expect(violation?.code).toBe('SECRETS_DETECTED');
    }
  });

  it('masks what is not enough to block', async () => {
    const config = { redact: true, min_findings_to_block: 2 };

    expect((await answerTo(config, 'tool_post_invoke', { a: key })).modifiedPayload).toEqual({
      name: 't',
      result: { a: '***REDACTED***' },
    });
    expect((await answerTo(config, 'tool_post_invoke', { a: key, b: key })).continueProcessing).toBe(false);
  });

  it('masks a private key that has no end up to the end of the text', async () => {
    const text = `a -----BEGIN PRIVATE KEY-----\n${'MIIE'.repeat(9)}`;
    const config = { redact: true, block_on_detection: false, redaction_text: '#' };

    expect((await answerTo(config, 'tool_post_invoke', text)).modifiedPayload).toEqual({ name: 't', result: 'a #' });
  });

  it.each([key, `ghp_${'a1'.repeat(18)}`, `sk_live_${'a1'.repeat(8)}`, `AIza${'b2'.repeat(17)}c`])(
    'finds what an underscore joins to words: %s',
    async (secret) => {
      const config = { redact: true, block_on_detection: false, redaction_text: '#' };
      const { modifiedPayload } = await answerTo(config, 'tool_post_invoke', `my_${secret} and ${secret}-x`);
      expect(modifiedPayload).toEqual({ name: 't', result: 'my_# and #-x' });
    },
  );

  it('finds the secret key of AWS in the XML of its answers', async () => {
    const text = `<SecretAccessKey>${'aB3/'.repeat(10)}</SecretAccessKey>`;
    const config = { redact: true, block_on_detection: false, redaction_text: '#' };

    expect((await answerTo(config, 'tool_post_invoke', text)).modifiedPayload).toEqual({
      name: 't',
      result: '<SecretAccessKey>#</SecretAccessKey>',
    });
  });

  it('stops what is nested too deep to be looked at', async () => {
    const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], key);

    expect((await answerTo({}, 'tool_post_invoke', deep)).violation?.code).toBe('SECRETS_DETECTION_INPUT_TOO_LARGE');
  });

  it.each([
    ['an unknown type', { enabled: { gitlab: true } }, 'gitlab'],
    ['an unknown key', { redacted: true }, 'redacted'],
    ['a path with an empty name', { field_denylist: ['a..b'] }, 'config.field_denylist[0]: expected names of fields'],
    ['no findings to block', { min_findings_to_block: 0 }, 'config.min_findings_to_block'],
  ])('refuses a configuration with %s', async (_, config, message) => {
    await expect(managerOf('secrets-detection', hooks, config)).rejects.toThrow(message);
  });

  it('finds what has a prefix of its own, all of it', () => {
    const corpus = secretsCorpus();
    const said = corpus.map(({ text }) => findSecrets(text, secretTypes));
    const scores = scoresOf(['google_api_key', 'github_token', 'slack_token', 'private_key_block'], corpus, said);

    expect(scores.map(({ recall, precision }) => [recall, precision])).toEqual(scores.map(() => [1, 1]));
  });

  it.each(['-', '_', 'a'])('finds a key of Google that ends with %j', (last) => {
    const google = `AIza${'x'.repeat(34)}${last}`;

    for (const text of [google, `${google} .`, `"${google}"`, `${google}-`])
      expect(findSecrets(text, secretTypes).map(({ start, end }) => text.slice(start, end))).toEqual([google]);
  });

  it('leaves nothing of what it masks, and everything else', () => {
    const pieces = fc.constantFrom(key, ' ', '-', 'eyJhbGciOiJIUzI1NiJ9', '.', 'ab12', '"', 'api_key=', 'é', '/', '=');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        const findings = findSecrets(text, secretTypes);
        const kept = withoutSecrets(text, findings, '\0').split('\0');
        expect(kept.length).toBe(findings.length + 1);
        let at = 0;
        for (const [index, part] of kept.entries()) {
          expect(text.slice(at, at + part.length)).toBe(part);
          at = findings[index]?.end ?? text.length;
        }
      }),
    );
  });

  it('finds the same tokens as one expression would', () => {
    const expression = /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}\b/g;
    const pieces = fc.constantFrom('eyJ', 'abcdefghij', 'abc', '.', '.', '-', ' ', 'eyJabcdefghijk.', 'é');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 16 }), (parts) => {
        const text = parts.join('');
        const wanted = Array.from(text.matchAll(expression), ({ 0: { length }, index }) => [index, index + length]);
        expect(Array.from(jsonWebTokens(text), ({ start, end }) => [start, end])).toEqual(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'eyJ-',
    'eyJabcdefghijk.',
    'xoxb-',
    'xoxb-aaaaaaaaa_',
    'awssecret',
    'aws secret = ',
    'api_key ',
    'a',
    '-----BEGIN RSA PRIVATE KEY-----',
    '%aa',
    'AIza',
    `${key} `,
  ])('takes time in proportion to a text of %s', async (part) => {
    await expectLinearTime(
      (text) => findSecrets(text, secretTypes),
      (length) => part.repeat(length / part.length),
    );
  });
});
