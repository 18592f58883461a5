import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { type Answer, answersOfBoth } from './both-answers.js';
import { type OracleCall, startOracle } from './oracle.js';

const kind = 'cpex_encoded_exfil_detection.EncodedExfilDetectorPlugin';
const hooks = ['prompt_pre_fetch', 'tool_post_invoke', 'resource_post_fetch'];
const seed = 20_263;

const configs: readonly object[] = [
  {},
  { min_suspicion_score: 5 },
  { min_encoded_length: 16, min_decoded_length: 6, min_suspicion_score: 4, include_detection_details: false },
  { block_on_detection: false, redact: true, enabled: { base64url: false, hex: false } },
  { min_findings_to_block: 3, max_decode_depth: 1, per_encoding_score: { hex: 6, base64: 4 } },
  { max_decode_depth: 4, extra_sensitive_keywords: ['Quokka'], extra_egress_hints: ['CARRY'], min_suspicion_score: 4 },
  { allowlist_patterns: ['^cGFz', '(?i)6163'], min_entropy: 4, min_printable_ratio: 0.95, min_suspicion_score: 3 },
  { parse_json_strings: false, min_entropy: 0, min_decoded_length: 20 },
];

const plain = fc.oneof(
  fc.constantFrom(
    'password=open sesame',
    'the quokka sleeps',
    'Authorization: Bearer',
    'nothing to see here',
    'aaaaaaaa',
  ),
  fc.string({ minLength: 6, maxLength: 30 }),
);
const bytes = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(plain, { minLength: 1, maxLength: 3 }).map((parts) => Buffer.from(parts.join(' '))),
  },
  fc.uint8Array({ minLength: 8, maxLength: 60 }).map((array) => Buffer.from(array)),
);
const encode = (given: Buffer, encoding: string): string => {
  const hex = given.toString('hex');
  switch (encoding) {
    case 'percent_encoding':
      return hex.replaceAll(/../g, '%$&');
    case 'escaped_hex':
      return hex.replaceAll(/../g, '\\x$&');
    case 'bare':
      return given.toString('base64').replace(/=+$/, '');
    default:
      return given.toString(encoding as BufferEncoding);
  }
};
const encodings = fc.constantFrom('base64', 'base64', 'base64url', 'bare', 'hex', 'percent_encoding', 'escaped_hex');
const encoded = fc
  .tuple(bytes, fc.array(encodings, { minLength: 1, maxLength: 3 }))
  .map(([given, layers]) => layers.reduce((inner, layer) => Buffer.from(encode(inner, layer)), given).toString());

/** Beside a segment; ASCII, because the wheel counts bytes. */
const apart = ['"', '.', ': "', '", ', '" curl -d "', '" carry "', '" https://a.example/?'];
/** What decoders pass over, or read along: these two do not agree on what it is between segments. */
const joining = ['', '', ' ', ' ', '=', '\n', ' curl -d ', ' carry ', ' https://a.example/'];
const textsWith = (beside: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(
        beside,
        fc.oneof(
          encoded,
          encoded,
          plain.map((text) => text.replaceAll(/[^ -~]/g, '')),
        ),
        beside,
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.flat().join(''));

const keys = fc.constantFrom('a', 'b', 'c');
const callsWith = (texts: fc.Arbitrary<string>): fc.Arbitrary<OracleCall> => {
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: texts },
      { weight: 1, arbitrary: fc.constantFrom(null, true, 1) },
      { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.dictionary(keys, tie('value'), { maxKeys: 3 }) },
    ),
  })).value;
  return fc
    .record({
      hook: fc.constantFrom(...hooks),
      args: fc.dictionary(keys, texts, { maxKeys: 3 }),
      value: values,
      isTraced: fc.boolean(),
    })
    .map(({ hook, args, value, isTraced }) => ({
      hook,
      payload:
        hook === 'prompt_pre_fetch'
          ? { prompt_id: 'p', args }
          : hook === 'tool_post_invoke'
            ? { name: 't', result: value }
            : { uri: 'u://a', content: value },
      ...(isTraced && { extensions: { request: { trace_id: 'a1b2' } } }),
    }));
};

async function compare(
  pythons: { readonly cpex: string },
  beside: readonly string[],
  look: (pair: { readonly ours: Answer; readonly theirs: Answer }, where: string) => void,
): Promise<void> {
  await using oracle = await startOracle('cpex', pythons.cpex);
  const calls = callsWith(textsWith(fc.constantFrom(...beside)));
  let [seen, found] = [0, 0];
  for (const [index, config] of configs.entries()) {
    const order = { kind, config, hooks, calls: fc.sample(calls, { seed: seed + index, numRuns: 120 }) };
    for (const { ours, theirs, call } of await answersOfBoth(oracle, order)) {
      look({ ours, theirs: withoutMatches(theirs) }, `seed ${seed}, ${JSON.stringify({ config, call })}`);
      seen++;
      if (theirs.violation !== undefined || theirs.payload !== undefined) found++;
    }
  }

  expect(seen).toBeGreaterThanOrEqual(500);
  expect(found).toBeGreaterThan(seen / 4);
}

it.runIf(inject('pythons') !== null)('encoded data is scored as the wheel scores it', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await compare(pythons, apart, ({ ours, theirs }, where) => expect(ours, where).toEqual(theirs));
});

it.runIf(inject('pythons') !== null)('what the wheel finds is found, whatever stands beside it', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await compare(pythons, [...apart, ...joining], ({ ours, theirs }, where) => {
    if (theirs.stop) expect(ours.stop, where).toBe(true);
    if (theirs.payload !== undefined) expect(ours.stop || ours.payload !== undefined, where).toBe(true);
    const found = placesOf(ours);
    // Both tell ten of their findings.
    if (found.length < 10) for (const place of placesOf(theirs)) expect(found, where).toContainEqual(place);
  });
});

function placesOf({ violation }: Answer): readonly unknown[] {
  const { details } = (violation ?? {}) as { readonly details?: { readonly examples?: readonly object[] } };
  return (details?.examples ?? []).map((example) =>
    Object.fromEntries(Object.entries(example).filter(([key]) => ['path', 'start', 'end'].includes(key))),
  );
}

/** The wheel tells the first characters of what it found, and what it is written in. */
function withoutMatches(answer: Answer): Answer {
  if (answer.violation === undefined) return answer;
  const violation = structuredClone(answer.violation) as {
    readonly details: { implementation?: unknown; readonly examples: { match?: unknown }[] };
  };
  delete violation.details.implementation;
  for (const example of violation.details.examples) delete example.match;
  return { ...answer, violation };
}

const hidden = Buffer.from('password=open sesame, says he').toString('base64');
const escaped = `["${hidden.replaceAll(/.{9}/g, (part) => `${part.slice(0, 8)}\\u00${Buffer.from(part.slice(8)).toString('hex')}`)}"]`;
const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], hidden);
const overlapping = `-${Buffer.from('password=abc~xyz123'.repeat(3)).toString('base64')}`;
const redacting = { redact: true, redaction_text: '#', block_on_detection: false };

const differences: readonly {
  /** As the page has it. */
  readonly row: string;
  readonly result: unknown;
  readonly config: object;
  /** What passes; undefined for a block, and where their engine fails. */
  readonly theirs: unknown;
  readonly ours: unknown;
}[] = [
  {
    row: 'a text that is too long',
    result: `${hidden} ${'-'.repeat(1000)}`,
    config: { ...redacting, max_scan_string_length: 1000 },
    theirs: `${hidden} ${'-'.repeat(1000)}`,
    ours: undefined,
  },
  { row: 'a value that is too deep', result: deep, config: redacting, theirs: deep, ours: undefined },
  { row: 'a key', result: { [hidden]: 1 }, config: redacting, theirs: { [hidden]: 1 }, ours: { '#': 1 } },
  { row: "behind JSON's escapes", result: escaped, config: redacting, theirs: escaped, ours: '#' },
  {
    row: 'more than `max_findings_per_value`',
    result: `${hidden} ${hidden}`,
    config: { ...redacting, max_findings_per_value: 1 },
    theirs: `# ${hidden}`,
    ours: '# #',
  },
  {
    row: 'Base64 that no encoder writes',
    result: hidden.replaceAll(/.{8}/g, '$&\n'),
    config: redacting,
    theirs: hidden.replaceAll(/.{8}/g, '$&\n'),
    ours: '#\n',
  },
  { row: 'segments that overlap', result: overlapping, config: redacting, theirs: undefined, ours: '#' },
];

it.runIf(inject('pythons') !== null)('and what the page says besides', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  for (const { row, result, config, theirs, ours } of differences) {
    // Where their engine fails it takes the process along.
    await using oracle = await startOracle('cpex', pythons.cpex);
    const call = { hook: 'tool_post_invoke', payload: { name: 't', result } };
    const order = { kind, config, hooks, calls: [call] };
    const theirsFailed = theirs === undefined;
    if (theirsFailed) await expect(answersOfBoth(oracle, order), row).rejects.toThrow();
    else {
      const [pair] = await answersOfBoth(oracle, order);
      expect([row, passed(pair?.theirs, result), passed(pair?.ours, result)]).toEqual([row, theirs, ours]);
    }
  }
});

function passed(answer: Answer | undefined, given: unknown): unknown {
  if (answer === undefined || answer.stop) return undefined;
  return answer.payload === undefined ? given : (answer.payload as { readonly result: unknown }).result;
}
