import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { guardResult } from '../../src/catalogue/output-length-guard/result-shapes.js';
import { settingsSchema } from '../../src/catalogue/output-length-guard/settings.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';

const kind = 'output-length-guard';
const context = { requestId: 'r' };

async function guarded(config: object, result: unknown) {
  await using manager = await managerOf(kind, ['tool_post_invoke'], config);
  return manager.invokeHook('tool_post_invoke', { name: 'tool', result }, context);
}

it('a text that is too long is cut, and the ellipsis counts', async () => {
  const { modifiedPayload, metadata } = await guarded({ max_chars: 10 }, 'hello world this is long');

  expect(modifiedPayload).toEqual({ name: 'tool', result: 'hello wor…' });
  expect(metadata).toMatchObject({ truncated: true, original_length: 24, new_length: 10 });
});

it('characters beyond U+FFFF count as one, and none is cut in two', async () => {
  const { modifiedPayload } = await guarded({ max_chars: 4 }, '😀😀😀😀😀');
  expect(modifiedPayload).toEqual({ name: 'tool', result: '😀😀😀…' });
});

it('a text that is blocked is blocked as an answer of HTTP and of JSON-RPC says it', async () => {
  const { continueProcessing, violation } = await guarded({ max_chars: 4, strategy: 'block' }, 'hello');

  expect(continueProcessing).toBe(false);
  expect(violation).toMatchObject({ code: 'OUTPUT_LENGTH_VIOLATION', httpStatusCode: 422, mcpErrorCode: -32_000 });
});

it('words stay whole where they are asked to', async () => {
  const { modifiedPayload } = await guarded({ max_chars: 10, word_boundary: true }, 'abcdefg hijklmno');
  expect(modifiedPayload).toEqual({ name: 'tool', result: 'abcdefg …' });
});

it('the text that repeats structured content is made anew where that was cut', async () => {
  const result = { content: [{ type: 'text', text: 'old' }], structuredContent: { rows: ['abcdefgh', 'ab'] } };
  const { modifiedPayload } = await guarded({ max_chars: 4 }, result);
  expect(modifiedPayload).toEqual({
    name: 'tool',
    result: {
      content: [{ type: 'text', text: '["abc…","ab"]' }],
      structuredContent: { rows: ['abc…', 'ab'] },
    },
  });
});

it('embedded resources are cut, pictures are not', async () => {
  const content = [
    { type: 'resource', resource: { uri: 'file:///a', text: 'abcdefgh' } },
    { type: 'image', data: 'abcdefgh', mimeType: 'image/png' },
  ];
  const { modifiedPayload } = await guarded({ max_chars: 4 }, { content });
  expect(modifiedPayload).toEqual({
    name: 'tool',
    result: { content: [{ type: 'resource', resource: { uri: 'file:///a', text: 'abc…' } }, content[1]] },
  });
});

it('what stands beside a text of content is cut, and names and notes are not', async () => {
  const kept = { annotations: { audience: ['assistant'] }, _meta: { note: 'abcdefgh' } };
  const content = (more: string) => [
    { type: 'text', text: 'ab', more, ...kept },
    {
      type: 'resource',
      more,
      resource: { uri: 'file:///abcdefgh', mimeType: 'text/plain', text: 'ab', more, ...kept },
    },
    { type: 'resource', resource: { uri: 'file:///abcdefgh', blob: 'YWJjZGVmZ2g=', more } },
  ];
  const { modifiedPayload } = await guarded({ max_chars: 4 }, { content: content('abcdefgh') });
  expect(modifiedPayload).toEqual({ name: 'tool', result: { content: content('abc…') } });
});

it.each([
  ['STRUCTURE_DEPTH_VIOLATION', { a: nested(12) }],
  ['STRUCTURE_SIZE_VIOLATION', { a: Array.from({ length: 11 }, () => 1) }],
])('%s: what is beyond the limits does not pass, whatever the strategy', async (code, result) => {
  const { violation } = await guarded({ max_chars: 4, max_recursion_depth: 10, max_structure_size: 10 }, result);
  expect(violation).toMatchObject({ code });
});

it.each([
  [{ max_chars: -1 }, 'config.max_chars'],
  [{ min_chars: 5, max_chars: 3 }, 'config.min_chars: it is 5, more than max_chars, which is 3'],
  [{ max_char: 5 }, 'max_char'],
  [{ strategy: 'cut' }, 'config.strategy'],
])('%j is refused', async (config, message) => {
  await expect(managerOf(kind, ['tool_post_invoke'], config)).rejects.toThrow(message);
});

const limits = { max_chars: 5, ellipsis: '' };

test.prop([fc.jsonValue({ maxDepth: 6 })])('no text longer than the limit is left anywhere', async (result) => {
  const { modifiedPayload } = await guarded(limits, result);
  const passed: unknown = (modifiedPayload as { result?: unknown } | undefined)?.result ?? result;

  expect(textsIn(passed).filter((text) => Array.from(text).length > 5 && !isNumber(text))).toEqual([]);
});

test.prop([fc.jsonValue({ maxDepth: 6 })])('what keeps the limits is not touched', async (result) => {
  const { modifiedPayload, continueProcessing } = await guarded({ max_chars: 100_000 }, result);

  expect(continueProcessing).toBe(true);
  expect(modifiedPayload).toBeUndefined();
});

it.each([{ content: [] }, { text: 'x' }])('many keys beside %j take time in proportion', async (result) => {
  const settings = settingsSchema.parse({ max_chars: 5 });
  await expectLinearTime(
    (text) => {
      const keys = Array.from({ length: text.length / 256 }, (_, at) => [`key${at}`, 'too long']);
      guardResult({ ...result, ...Object.fromEntries(keys) }, settings);
    },
    (length) => 'x'.repeat(length),
  );
});

it('a megabyte takes time in proportion', async () => {
  const settings = settingsSchema.parse({ max_chars: 100_000, word_boundary: true });
  await expectLinearTime(
    (text) => guardResult({ content: [{ type: 'text', text }] }, settings),
    (length) => '😀'.repeat(length / 2),
  );
});

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
