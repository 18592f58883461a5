import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, inject, it } from 'vitest';
import { answersOfBoth, type Compared } from './both-answers.js';
import { startOracle } from './oracle.js';

const wheel = 'cpex_output_length_guard.OutputLengthGuardPlugin';
const tree = 'plugins.output_length_guard.output_length_guard.OutputLengthGuardPlugin';
const seed = 20_261;

/** Why an answer may be another than theirs. Each stands on the page of the plugin. */
const differences: Readonly<Record<string, (compared: Compared) => boolean>> = {
  'texts where theirs does not look': ({ call, ours }) => hasTextsElsewhere(resultOf(call)) && isGuarded(ours),
  'structures that are too deep or too large': ({ ours, theirs }) =>
    String(ours.violation?.['code']).startsWith('STRUCTURE_') && !theirs.stop,
};

/** Differences to the older generation alone. */
const olderDifferences: typeof differences = {
  ...differences,
  'numbers with underscores or digits of other scripts': ({ call }) => /\d_\d|[٠-٩]/.test(JSON.stringify(call.payload)),
  'content beside structured content': ({ call }) => isRecord(resultOf(call)) && hasStructure(resultOf(call)),
  'texts of content that are no texts': ({ call }) =>
    /"text":(?:\d|true|false|null|\[|\{)/.test(JSON.stringify(call.payload)),
};

it.runIf(inject('pythons') !== null)('it cuts and blocks what the wheel cuts and blocks', async () => {
  const { unexplained, seen, cut, blocked } = await compare('cpex', wheel, differences, (compared) => compared);

  expect(unexplained).toEqual([]);
  expect(seen).toBeGreaterThanOrEqual(500);
  expect(cut).toBeGreaterThan(40);
  expect(blocked).toBeGreaterThan(50);
});

it.runIf(inject('pythons') !== null)('and what the plugin of the source tree does', async () => {
  // The older generation says less in its metadata, and nothing of the root of structured content.
  const { unexplained, seen } = await compare('1.0.0', tree, olderDifferences, ({ ours, theirs, ...rest }) => ({
    ...rest,
    ours: { ...ours, violation: { code: ours.violation?.['code'] }, metadata: {} },
    theirs: { ...theirs, violation: { code: theirs.violation?.['code'] }, metadata: {} },
  }));

  expect(unexplained).toEqual([]);
  expect(seen).toBeGreaterThanOrEqual(500);
});

async function compare(
  generation: 'cpex' | '1.0.0',
  kind: string,
  allowed: typeof differences,
  view: (compared: Compared) => Compared,
): Promise<{ unexplained: unknown[]; seen: number; cut: number; blocked: number }> {
  const pythons = inject('pythons');
  if (pythons === null) throw new Error('there is no Python');
  await using oracle = await startOracle(generation, pythons[generation]);
  const all: Compared[] = [];
  for (const [index, config] of fc.sample(configs, { seed, numRuns: 24 }).entries()) {
    const calls = fc.sample(results, { seed: seed + index, numRuns: 30 }).map((result) => ({
      hook: 'tool_post_invoke',
      payload: { name: 'tool', result },
    }));
    all.push(...(await answersOfBoth(oracle, { kind, config, hooks: ['tool_post_invoke'], calls })));
  }
  const unexplained = all
    .map(view)
    .filter(({ ours, theirs }) => !isDeepStrictEqual(plain(ours), plain(theirs)))
    .filter((compared) => !Object.values(allowed).some((isSo) => isSo(compared)));
  return {
    unexplained: unexplained.slice(0, 3).map((compared) => JSON.stringify(compared)),
    seen: all.length,
    cut: all.filter(({ theirs }) => theirs.payload !== undefined).length,
    blocked: all.filter(({ theirs }) => theirs.stop).length,
  };
}

const configs = fc
  .record({
    min: fc.constantFrom(0, 0, 2, 4),
    most: fc.constantFrom(null, 0, 4, 5, 8, 12, 20),
    limit_mode: fc.constantFrom('character', 'character', 'token'),
    strategy: fc.constantFrom('truncate', 'truncate', 'block'),
    ellipsis: fc.constantFrom('…', '', '...', '[cut]', '⋯⋯'),
    word_boundary: fc.boolean(),
    chars_per_token: fc.integer({ min: 1, max: 5 }),
    max_recursion_depth: fc.constantFrom(10, 100),
    max_structure_size: fc.constantFrom(10, 10_000),
  })
  .map(({ min, most, ...rest }) => {
    const unit = rest.limit_mode === 'token' ? 'tokens' : 'chars';
    return { ...rest, [`min_${unit}`]: min, [`max_${unit}`]: most };
  });

const texts = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ maxLength: 30, unit: fc.constantFrom('a', 'b', ' ', '-', '.', '—', '😀', 'é', '\n', 'x') }),
  fc.constantFrom('12345678901234', ' -1.5e10 ', '1_000_000_000', '٣٤٥٦٧٨٩٠١٢٣', '1e999', 'nan', '+12345.67890', ''),
);
const structures = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.constantFrom(1, 2.5, true, null),
    fc.array(tie('value'), { maxLength: 12 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'name', 'long key of some kind'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const contentParts = fc.oneof(
  texts.map((text) => ({ type: 'text', text })),
  texts.map((text) => ({ type: 'text', text, annotations: { audience: ['user'] } })),
  texts.map((data) => ({ type: 'image', data, mimeType: 'image/png' })),
  texts.map((text) => ({ type: 'resource', resource: { uri: 'file:///a', text } })),
  fc.constant({ type: 'text', text: 5 }),
);
const nested = fc.integer({ min: 8, max: 13 }).map((depth) => {
  let value: unknown = 'a text that is rather long';
  for (let level = 0; level < depth; level++) value = [value];
  return value;
});
const results = fc.oneof(
  texts,
  fc.array(texts, { maxLength: 5 }),
  fc.record({ text: texts, more: fc.constantFrom(1, 'x') }),
  fc.array(contentParts, { maxLength: 4 }),
  fc.record(
    { content: fc.array(contentParts, { maxLength: 4 }), isError: fc.boolean() },
    { requiredKeys: ['content'] },
  ),
  fc.record({ content: fc.array(contentParts, { maxLength: 2 }), structuredContent: fc.oneof(structures, nested) }),
  fc.record({ content: fc.constant([]), structured_content: structures }),
  fc.constantFrom(5, null, true, 2.5),
  structures,
);

function resultOf(call: Compared['call']): unknown {
  return 'result' in call.payload ? call.payload.result : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasStructure(value: unknown): boolean {
  return isRecord(value) && (value['structuredContent'] ?? value['structured_content'] ?? null) !== null;
}

function isGuarded({ stop, payload }: Compared['ours']): boolean {
  return stop || payload !== undefined;
}

/** Whether a result has texts where theirs does not look, because of its shape. */
function hasTextsElsewhere(result: unknown): boolean {
  if (Array.isArray(result)) {
    const [first] = result;
    if (isRecord(first) && 'type' in first) return hasOtherParts(result);
    return !result.every((item) => typeof item === 'string');
  }
  if (!isRecord(result)) return false;
  if (Array.isArray(result['content'])) {
    return (
      hasOtherParts(result['content']) || Object.keys(result).some((key) => !/^content$|^isError$|^struct/.test(key))
    );
  }
  return typeof result['text'] !== 'string' || Object.keys(result).length > 1;
}

function hasOtherParts(content: readonly unknown[]): boolean {
  return content.some((part) => !isRecord(part) || part['type'] !== 'text' || typeof part['text'] !== 'string');
}

/** As JSON tells it: no undefined, no minus zero. */
function plain({ stop, violation, payload, metadata }: Compared['ours']): unknown {
  return JSON.parse(JSON.stringify({ stop, violation, payload, metadata }));
}
