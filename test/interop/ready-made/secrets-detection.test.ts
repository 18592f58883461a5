import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { type Answer, answersOfBoth } from './both-answers.js';
import { findSecrets } from '../../../src/catalogue/secrets-detection/secret-search.js';
import { secretTypes } from '../../../src/catalogue/secrets-detection/secret-types.js';
import { accuracyTable, type Finding, scoresOf } from '../../catalogue/accuracy/score.js';
import { secretsCorpus } from '../../catalogue/accuracy/secrets/corpus.js';
import { type OracleCall, type OracleOrder, type OracleResult, startOracle } from './oracle.js';
import { secretTexts } from './secret-texts.js';

const kind = 'cpex_secrets_detection.SecretsDetectionPlugin';
const hooks = ['prompt_pre_fetch', 'tool_pre_invoke', 'tool_post_invoke'];
const seed = 20_261;

const everyType = Object.fromEntries(
  [
    'aws_access_key_id',
    'aws_secret_access_key',
    'google_api_key',
    'github_token',
    'stripe_secret_key',
    'slack_token',
    'private_key_block',
    'generic_api_key_assignment',
    'jwt_like',
    'hex_secret_32',
    'base64_24',
  ].map((name) => [name, true]),
);

const configs: readonly object[] = [
  {},
  { enabled: everyType },
  { enabled: everyType, redact: true, block_on_detection: false },
  { enabled: { aws_access_key_id: false, hex_secret_32: true }, block_on_detection: false },
  { enabled: everyType, redact: true, min_findings_to_block: 2, redaction_text: '$1<>' },
  { redact: true, block_on_detection: false, field_allowlist: ['a', 'b.c'], field_denylist: ['a.b'] },
  { enabled: { base64_24: true, jwt_like: true }, redact: true, min_findings_to_block: 3, field_denylist: ['b'] },
];

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: secretTexts },
    { weight: 1, arbitrary: fc.constantFrom(null, true, 12, 1.5, '') },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'b.c'), tie('value'), { maxKeys: 3 }) },
  ),
}));

const calls: fc.Arbitrary<OracleCall> = fc
  .record({
    hook: fc.constantFrom(...hooks),
    args: fc.dictionary(fc.constantFrom('a', 'b', 'c'), values.value, { maxKeys: 3 }),
    texts: fc.dictionary(fc.constantFrom('a', 'b', 'c'), secretTexts, { maxKeys: 3 }),
    result: values.value,
    isTraced: fc.boolean(),
  })
  .map(({ hook, args, texts, result, isTraced }) => ({
    hook,
    payload:
      hook === 'prompt_pre_fetch'
        ? { prompt_id: 'p', args: texts }
        : hook === 'tool_pre_invoke'
          ? { name: 't', args }
          : { name: 't', result },
    ...(isTraced && { extensions: { request: { trace_id: 'a1b2' } } }),
  }));

interface Difference {
  /** As the page has it. */
  readonly row: string;
  /** Calls that are about it, where random ones are. */
  readonly isAbout?: RegExp;
  readonly text: string;
  /** Findings, and what redaction leaves. */
  readonly theirs: readonly [number, string];
  readonly ours: readonly [number, string];
}

const key = `AKIA${'B7'.repeat(8)}`;
const body = `${'MIIE'.repeat(5)}\n`;
const [x20, x36, x40] = [20, 36, 40].map((times) => 'x'.repeat(times)) as [string, string, string];

const differences: readonly Difference[] = [
  {
    row: 'keys of the security token service',
    text: key.replace('AKIA', 'ASIA'),
    theirs: [0, key.replace('AKIA', 'ASIA')],
    ours: [1, '#'],
  },
  {
    row: 'keys of Google that end with a hyphen',
    isAbout: /AIza[\w-]{34}-(?!\w)/,
    text: `AIza${x20}${'x'.repeat(14)}-`,
    theirs: [0, `AIza${x20}${'x'.repeat(14)}-`],
    ours: [1, '#'],
  },
  {
    row: 'joined to a word by an underscore',
    isAbout: /_(?:A[KS]IA|AIza|gh[pousr]_|github_pat_|[sr]k_(?:live|test)_|xox|[a-f0-9]{32})|[A-Za-z0-9]{16}_/i,
    text: `old_${key}_prod`,
    theirs: [0, `old_${key}_prod`],
    ours: [1, 'old_#_prod'],
  },
  {
    row: 'beside letters of other alphabets',
    text: `密钥${key}是`,
    theirs: [0, `密钥${key}是`],
    ours: [1, '密钥#是'],
  },
  {
    row: 'after an escape of JSON or of a URL',
    text: `{"a": "b\\n${key}"} ?k=%20${key}`,
    theirs: [0, `{"a": "b\\n${key}"} ?k=%20${key}`],
    ours: [2, '{"a": "b\\n#"} ?k=%20#'],
  },
  {
    row: 'the secret key of AWS where nothing says `aws`',
    isAbout: /secret_?access_?key/i,
    text: `"SecretAccessKey": "${x40}"`,
    theirs: [0, `"SecretAccessKey": "${x40}"`],
    ours: [1, '"SecretAccessKey": "#"'],
  },
  {
    row: 'in JSON that stands in JSON',
    text: `"{\\"aws_secret_access_key\\": \\"${x40}\\"}"`,
    theirs: [0, `"{\\"aws_secret_access_key\\": \\"${x40}\\"}"`],
    ours: [1, '"{\\"aws_secret_access_key\\": \\"#\\"}"'],
  },
  {
    row: 'tokens of GitHub that are longer',
    isAbout: /gh[pousr]_[A-Za-z0-9]{37,}/,
    text: `ghp_${x40}`,
    theirs: [0, `ghp_${x40}`],
    ours: [1, '#'],
  },
  {
    row: 'tokens of Slack with more than 80 characters',
    isAbout: /xox[abpqr]-[0-9A-Za-z-]{81,}/,
    text: `xoxb-${x40}-${x40}-${x40}`,
    theirs: [1, `#${x40}-${x40}`],
    ours: [1, '#'],
  },
  {
    row: 'tokens of Slack for applications, workflows and refreshing',
    text: `xapp-1-${x36}, xwfp-${x36}, xoxe-1-${x36}`,
    theirs: [0, `xapp-1-${x36}, xwfp-${x36}, xoxe-1-${x36}`],
    ours: [3, '#, #, #'],
  },
  {
    row: 'the whole of a private key',
    text: `a\n-----BEGIN RSA PRIVATE KEY-----\n${body}-----END RSA PRIVATE KEY-----\nb`,
    theirs: [1, `a\n#\n${body}-----END RSA PRIVATE KEY-----\nb`],
    ours: [1, 'a\n#\nb'],
  },
  {
    row: 'private keys in PKCS #8, encrypted ones, and those of PGP',
    text: ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PGP PRIVATE KEY BLOCK']
      .map((label) => `-----BEGIN ${label}-----\n${body}-----END ${label}-----`)
      .join(),
    theirs: [
      0,
      ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PGP PRIVATE KEY BLOCK']
        .map((label) => `-----BEGIN ${label}-----\n${body}-----END ${label}-----`)
        .join(),
    ],
    ours: [3, '#,#,#'],
  },
  {
    row: 'a quoted name of a key',
    isAbout: /(?:key|token)\\*["'].{0,3}[:=]/i,
    text: `{"api_key": "${x20}"}`,
    theirs: [0, `{"api_key": "${x20}"}`],
    ours: [1, '{"api_key": "#"}'],
  },
  {
    row: 'a name of a key that ends a longer one',
    isAbout: /_(?:api[_-]?(?:key|token)|(?:access|auth|bearer)[_-]?token)/i,
    text: `ACME_API_KEY=${x20}`,
    theirs: [0, `ACME_API_KEY=${x20}`],
    ours: [1, 'ACME_API_KEY=#'],
  },
  {
    row: 'Base64 on both sides of an assignment',
    isAbout: /[A-Za-z0-9+/]{22,}={1,2}[A-Za-z0-9+/]{22,}/,
    text: `${x36}=${x40}`,
    theirs: [0, `${x36}=${x40}`],
    ours: [1, `${x36}=#`],
  },
];

it.runIf(inject('pythons') !== null)('secrets are found where the wheel finds them', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  let [found, seen] = [0, 0];
  for (const [index, config] of configs.entries()) {
    const order: OracleOrder = { kind, config, hooks, calls: fc.sample(calls, { seed: seed + index, numRuns: 120 }) };
    for (const { ours, theirs, call } of await answersOfBoth(oracle, order)) {
      if (differences.some(({ isAbout }) => isAbout?.test(JSON.stringify(call)))) continue;
      expect(ours, `seed ${seed}, ${JSON.stringify({ config, call })}`).toEqual(theirs);
      seen++;
      if (theirs.violation !== undefined || theirs.payload !== undefined) found++;
    }
  }

  expect(seen).toBeGreaterThanOrEqual(500);
  expect(found).toBeGreaterThan(seen / 4);
});

it.runIf(inject('pythons') !== null)('and elsewhere too, as the page says', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  const config = { enabled: everyType, redact: true, redaction_text: '#', block_on_detection: false };
  // Without the two types that see long texts of any kind, but for the one row that is about them.
  const narrow = { ...config, enabled: { ...everyType, hex_secret_32: false, base64_24: false } };
  const asked = async (rows: readonly Difference[], used: object) => {
    const order = rows.map(({ text }) => ({
      hook: 'tool_post_invoke',
      payload: { name: 't', result: text },
      extensions: { request: { trace_id: 'a1b2' } },
    }));
    const pairs = await answersOfBoth(oracle, { kind, config: used, hooks, calls: order });
    return pairs.map(({ ours, theirs }, index) => [rows[index]?.row, outcomeOf(ours), outcomeOf(theirs)]);
  };
  const isBroad = ({ row }: Difference) => row.startsWith('Base64');
  const rows = [...differences.filter((row) => !isBroad(row)), ...differences.filter(isBroad)];

  const answers = [
    ...(await asked(
      differences.filter((row) => !isBroad(row)),
      narrow,
    )),
    ...(await asked(differences.filter(isBroad), config)),
  ];
  expect(answers).toEqual(rows.map(({ row, text, ours, theirs }) => [row, changed(ours, text), changed(theirs, text)]));
});

function outcomeOf({ payload, metadata }: Answer): readonly unknown[] {
  const { total_detections: count = 0 } =
    (metadata as Record<string, Record<string, unknown>>)['secrets_detection'] ?? {};
  return [count, (payload as { readonly result: unknown } | undefined)?.result];
}

function changed([count, left]: readonly [number, string], text: string): readonly unknown[] {
  return [count, left === text ? undefined : left];
}

it.runIf(inject('pythons') !== null)('the page tells how well both do on the corpus', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  const corpus = secretsCorpus();
  const config = { enabled: everyType, redact: true, redaction_text: '\u0001', block_on_detection: false };
  const asked = corpus.map(({ text }) => ({ hook: 'tool_post_invoke', payload: { name: 't', result: text } }));
  const masked = await oracle.ask({ kind, config, hooks, calls: asked });
  const blocked = await oracle.ask({ kind, config: { enabled: everyType }, hooks, calls: asked });
  const theirs = corpus.map(({ text }, index) => placesOf(text, masked[index], blocked[index]));
  const ours = corpus.map(({ text }) => findSecrets(text, secretTypes));
  const types = secretTypes.map(({ name }) => name);

  const table = accuracyTable(scoresOf(types, corpus, ours), scoresOf(types, corpus, theirs));
  expect(readFileSync('docs/reference/plugins/secrets-detection.md', 'utf8')).toContain(table);
});

/** Where the wheel found what: it tells the types in order, and leaves marks in the places. */
function placesOf(
  text: string,
  masked: OracleResult | undefined,
  blocked: OracleResult | undefined,
): readonly Finding[] {
  const { modified_payload: payload } = (masked?.result ?? {}) as {
    readonly modified_payload?: { readonly result: string };
  };
  const { violation } = (blocked?.result ?? {}) as {
    readonly violation?: { readonly details: { readonly examples: readonly { readonly type: string }[] } };
  };
  const kept = (payload?.result ?? text).split('\u0001');
  let at = kept[0]?.length ?? 0;
  return (violation?.details.examples ?? []).map(({ type }, index) => {
    const next = kept[index + 1] ?? '';
    const isLast = index + 2 === kept.length;
    const end = isLast ? text.length - next.length : text.indexOf(next, at + 1);
    const finding = { type, start: at, end };
    at = end + next.length;
    return finding;
  });
}
