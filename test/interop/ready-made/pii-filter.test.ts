import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { builtInTypes } from '../../../src/catalogue/pii-filter/finding.js';
import { personalData } from '../../../src/catalogue/pii-filter/personal-data.js';
import { piiConfig } from '../../../src/catalogue/pii-filter/pii-config.js';
import { piiCorpus } from '../../catalogue/accuracy/pii/corpus.js';
import { accuracyTable, type Finding, scoresOf } from '../../catalogue/accuracy/score.js';
import { type Answer, answersOfBoth } from './both-answers.js';
import { type OracleCall, type OracleOrder, startOracle } from './oracle.js';
import { personalTexts } from './personal-texts.js';

const kind = 'cpex_pii_filter.PIIFilterPlugin';
const hooks = ['prompt_pre_fetch', 'prompt_post_fetch', 'tool_pre_invoke', 'tool_post_invoke'];
const seed = 20_262;

const custom = [
  { pattern: 'EMP\\d{2}', description: 'numbers of staff', mask_strategy: 'partial' },
  { pattern: 'order', description: 'a word' },
  { pattern: '\\d{20}', description: 'long', enabled: false },
];

const configs: readonly object[] = [
  {},
  { default_mask_strategy: 'partial' },
  { default_mask_strategy: 'remove', detect_phone: false },
  { default_mask_strategy: 'hash' },
  { default_mask_strategy: 'tokenize', detect_ssn: false, detect_email: false },
  { block_on_detection: true },
  { block_on_detection: true, detect_phone: false, include_detection_details: true },
  { redaction_text: '$1', custom_patterns: custom },
  { default_mask_strategy: 'partial', whitelist_patterns: ['@CORP', '^4111'], detect_ip_address: false },
];

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 5, arbitrary: personalTexts },
    { weight: 1, arbitrary: fc.constantFrom(null, true, 5_551_234_567, 1.5, '') },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'bob@corp.com'), tie('value'), { maxKeys: 3 }) },
  ),
}));

const calls: fc.Arbitrary<OracleCall> = fc
  .record({
    hook: fc.constantFrom(...hooks),
    args: fc.dictionary(fc.constantFrom('a', 'b', 'c'), values.value, { maxKeys: 3 }),
    texts: fc.dictionary(fc.constantFrom('a', 'b', 'c'), personalTexts, { maxKeys: 3 }),
    message: personalTexts,
    result: values.value,
    isTraced: fc.boolean(),
  })
  .map(({ hook, args, texts, message, result, isTraced }) => ({
    hook,
    payload:
      {
        prompt_pre_fetch: { prompt_id: 'p', args: texts },
        prompt_post_fetch: {
          prompt_id: 'p',
          result: { messages: [{ role: 'user', content: { type: 'text', text: message } }] },
        },
        tool_pre_invoke: { name: 't', args },
        tool_post_invoke: { name: 't', result },
      }[hook] ?? {},
    ...(isTraced && { extensions: { request: { trace_id: 'a1b2' } } }),
  }));

const page = readFileSync(new URL('../../../docs/reference/plugins/pii-filter.md', import.meta.url), 'utf8');

/** The cards of the generated texts. */
const card =
  '(?:4111(?: ?1111){3}|378282246310005|(?:5555-){3}4444|6011111111111117|30569309025904|3530111333300000|6200000000000005|2223003122003222)';

interface Difference {
  /** As the page has it. */
  readonly row: string;
  /** Calls that are about it, where random ones are. */
  readonly isAbout?: RegExp;
  readonly text: string;
  /** What redaction leaves. */
  readonly theirs: string;
  readonly ours: string;
}

const differences: readonly Difference[] = [
  {
    row: 'a word after `passport`, `license` or `MRN` is no number',
    isAbout: /(?:passport(?:\s+no)?|license|DL|MRN|medical record)(?:[:#\s-]|\\n|\u00a0)+[a-z]{5,12}(?![a-z0-9])/i,
    text: 'passport control, license agreement, MRN: UNKNOWN',
    theirs: '#, #, #',
    ours: 'passport control, license agreement, MRN: UNKNOWN',
  },
  {
    row: 'a label may be followed by `number`, `no.`, `nr`, `id`, `is`, `was`, `=`',
    isAbout:
      /(?:ssn|security|bsn|service|nummer|passport|dl|licen[sc]e|mrn|record|account|acct|dob|birth|born)(?:\s|\\n|\u00a0)*(?:=|#|no\b|number|id\b)/i,
    text: 'medical record number 123456; SSN number is 123456789; passport = X1234567; account no. 12345678',
    theirs: '# 123456; SSN number is 123456789; passport = X1234567; account no. 12345678',
    ours: '#; #; #; #',
  },
  {
    row: 'a social security number with spaces, where it is called so',
    text: 'SSN: 123 45 6789',
    theirs: 'SSN: 123 45 6789',
    ours: '#',
  },
  {
    row: 'a licence, as it is written in Britain',
    text: 'driving licence: MORGA753116',
    theirs: 'driving licence: MORGA753116',
    ours: '#',
  },
  {
    row: 'a telephone number with its country and anything between',
    isAbout: /\+[1-9]/,
    text: '+44 20 7946 0958, +1 (555) 123-4567',
    theirs: '+44 20 7946 0958, +#',
    ours: '#, #',
  },
  {
    row: 'an address of mail with letters beyond ASCII, or beside some',
    isAbout: /[^\0-\x7f]\S*@|@\S*[^\0-\x7f]/,
    text: 'j\u00fcrgen@corp.com, bob@corp.com\u307e\u3067',
    theirs: 'j\u00fcrgen@corp.com, bob@corp.com\u307e\u3067',
    ours: '#, #',
  },
  {
    row: 'a number of a card beside other digits',
    isAbout: new RegExp(String.raw`${card}(?:[ -]|\\n|\u00a0)\d|\d(?:[ -]|\\n|\u00a0)${card}`),
    text: '4111 1111 1111 1111 12/27, 2 5555-5555-5555-4444',
    theirs: '4111 1111 1111 1111 12/27, 2 5555-5555-5555-4444',
    ours: '# 12/27, 2 #',
  },
  {
    row: 'an IBAN of any country, with its check digits',
    isAbout: /[A-Z]{2}\d\d ?[A-Z0-9]{4} /,
    text: 'DE89 3704 0044 0532 0130 00, GB82WEST12345698765432',
    theirs: 'DE89 3704 0044 0532 0130 00, GB82WEST12345698765432',
    ours: '#, #',
  },
  {
    row: 'an IPv6 address whose zeros are left out',
    text: '2001:db8::1 and ::ffff:192.0.2.1',
    theirs: '2001:db8::1 and ::ffff:#',
    ours: '# and #',
  },
  {
    row: 'a birthday in the order of ISO 8601, or with points',
    text: 'DOB: 1990-01-15, born on 15.01.1990',
    theirs: 'DOB: 1990-01-15, born on 15.01.1990',
    ours: '#, #',
  },
  {
    row: 'all of these with dashes other than the hyphen, or in wide characters',
    text: 'SSN 123\u201145\u20116789, bob\uff20corp\uff0ecom',
    theirs: 'SSN 123\u201145\u20116789, bob\uff20corp\uff0ecom',
    ours: 'SSN #, #',
  },
];

it.runIf(inject('pythons') !== null)('personal data is found where the wheel finds it', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  let [found, seen] = [0, 0];
  for (const [index, config] of configs.entries()) {
    const order: OracleOrder = { kind, config, hooks, calls: fc.sample(calls, { seed: seed + index, numRuns: 130 }) };
    for (const { ours, theirs, call } of await answersOfBoth(oracle, order)) {
      if (differences.some(({ isAbout }) => isAbout?.test(JSON.stringify(call)))) continue;
      expect(withoutChance(ours), `seed ${seed}, ${JSON.stringify({ config, call })}`).toEqual(withoutChance(theirs));
      seen++;
      if (theirs.violation !== undefined || theirs.payload !== undefined) found++;
    }
  }

  expect(seen).toBeGreaterThanOrEqual(500);
  expect(found).toBeGreaterThan(seen / 3);
});

/** Hashes and tokens differ from one start to the next, theirs and ours. */
function withoutChance(answer: Answer): unknown {
  const text = JSON.stringify(answer).replaceAll(/\[HASH:[0-9a-f]{16}\]/g, '[HASH]');
  return JSON.parse(text.replaceAll(/\[TOKEN:[0-9a-f]{8}\]/g, '[TOKEN]'));
}

it.runIf(inject('pythons') !== null)('and elsewhere too, as the page says', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  const asked = differences.map(({ text }) => ({ hook: 'tool_pre_invoke', payload: { name: 't', args: { text } } }));
  const order = { kind, config: { redaction_text: '#' }, hooks, calls: asked };
  for (const [index, { ours, theirs }] of (await answersOfBoth(oracle, order)).entries()) {
    const { row, text, ...expected } = differences[index] as Difference;
    expect({ ours: textOf(ours) ?? text, theirs: textOf(theirs) ?? text }, row).toMatchObject({
      ours: expected.ours,
      theirs: expected.theirs,
    });
    expect(page.replaceAll(/\s+/g, ' '), 'the page lists it').toContain(row);
  }
});

function textOf({ payload }: Answer): string | undefined {
  return (payload as { args?: { text?: string } } | undefined)?.args?.text;
}

it.runIf(inject('pythons') !== null)('what the wheel fails at is blocked', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  const limited = await oracle.ask({
    kind,
    hooks,
    config: { max_text_bytes: 10, max_nested_depth: 2, max_collection_items: 2 },
    calls: [{ a: 'x'.repeat(11) }, { a: { b: { c: 1 } } }, { a: [1, 2, 3] }].map((args) => ({
      hook: 'tool_pre_invoke',
      payload: { name: 't', args },
    })),
  });
  const unread = await oracle.ask({
    kind,
    hooks,
    config: { custom_patterns: [{ pattern: '(', description: 'not closed' }] },
    calls: [{ hook: 'tool_pre_invoke', payload: { name: 't', args: { a: 'bob@corp.com' } } }],
  });

  expect(limited.map(({ error }) => error?.replace(/.*ValueError\('(\w+ \w+).*/, '$1'))).toEqual([
    'Input exceeds',
    'Nested data',
    'Nested list',
  ]);
  // The plugin is left out, and everything passes.
  expect(unread[0]?.result).toMatchObject({ continue_processing: true, modified_payload: null });
});

/** Their detector without its plugin, which says where things are. They count bytes. */
const detector = `
import json, sys
from cpex_pii_filter import PIIDetectorRust
detector = PIIDetectorRust({})
found = [detector.detect(text) for text in json.load(sys.stdin)]
print(json.dumps([[[type, each["start"], each["end"]] for type, all in one.items() for each in all] for one in found]))
`;

function theirFindings(python: string, texts: readonly string[]): readonly (readonly Finding[])[] {
  const answer = execFileSync(python, ['-c', detector], { input: JSON.stringify(texts), encoding: 'utf8' });
  return (JSON.parse(answer) as [string, number, number][][]).map((found, index) => {
    const bytes = Buffer.from(texts[index] ?? '');
    const unit = (byte: number): number => bytes.subarray(0, byte).toString().length;
    return found.map(([type, start, end]) => ({ type, start: unit(start), end: unit(end) }));
  });
}

it.runIf(inject('pythons') !== null)('what is found in the corpus stands on the page', () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  const texts = piiCorpus.map(({ text }) => text);
  const config = piiConfig.parse({});
  const ours = texts.map((text) => personalData(text, config));
  const theirs = theirFindings(pythons.cpex, texts);

  const [ourScores, theirScores] = [ours, theirs].map((said) => scoresOf(builtInTypes, piiCorpus, said));

  expect(page).toContain(accuracyTable(ourScores ?? [], theirScores ?? []));
});
