import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { repaired } from '../../src/catalogue/json-repair/heuristics.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['tool_post_invoke'];

async function after(result: unknown, config: object = {}): Promise<unknown> {
  await using manager = await managerOf('json-repair', hooks, config);
  const outcome = await manager.invokeHook('tool_post_invoke', { name: 'tool', result }, { requestId: 'r' });
  return (outcome.modifiedPayload as { result?: unknown } | undefined)?.result ?? 'unchanged';
}

it.each([
  ["{'a': 1}", '{"a": 1}'],
  ['[1, 2,]', '[1, 2]'],
  ['"a": 1, "b": [2]', '{"a": 1, "b": [2]}'],
  ["  {'a': [1,],}\n", '{"a": [1]}'],
])('%j becomes %j', async (given, made) => {
  await expect(after(given)).resolves.toBe(made);
});

it.each(['{"a": 1}', 'some words', '[1, 2', '{"a": \'1\'}', '', 5, null, { a: "{'a': 1}" }])(
  '%j stays',
  async (given) => {
    await expect(after(given)).resolves.toBe('unchanged');
  },
);

it('text parts of an MCP result are repaired', async () => {
  const content = [
    { type: 'text', text: '[1,]' },
    { type: 'image', data: '[1,]' },
    { type: 'text', text: 'words' },
  ];
  await expect(after({ content })).resolves.toEqual({
    content: [{ type: 'text', text: '[1]' }, content[1], content[2]],
  });
});

it('another engine is taken where it is asked for', async () => {
  await expect(after('[1, 2', { engine: 'jsonrepair' })).resolves.toBe('[1, 2]');
  await expect(after('only words', { engine: 'jsonrepair' })).resolves.toBe('unchanged');
});

it('an engine that is none is refused', async () => {
  await expect(managerOf('json-repair', hooks, { engine: 'magic' })).rejects.toThrow('config.engine');
});

test.prop([fc.json()])('JSON is never touched', async (text) => {
  await expect(after(text)).resolves.toBe('unchanged');
});

test.prop([fc.string({ unit: fc.constantFrom(...Array.from('{}[]\'",: 1a\n')) })])('what is made is JSON', (text) => {
  const made = repaired(text);
  if (made !== undefined) expect(() => JSON.parse(made) as unknown).not.toThrow();
});

test.prop([fc.jsonValue({ stringUnit: fc.constantFrom('a', 'b', ' ') })])(
  'trailing commas are all that goes',
  (value) => {
    const text = JSON.stringify([value]).replaceAll(']', ',]').replaceAll('[,', '[').replaceAll('{,', '{');
    const made = repaired(text);
    if (made !== undefined) expect(JSON.parse(made)).toEqual([JSON.parse(JSON.stringify(value))]);
  },
);

it.each([
  ['commas', (length: number) => `[${', '.repeat(length / 2)}`],
  ['blanks', (length: number) => `[1,${' '.repeat(length)}x`],
  ['quotes', (length: number) => `{${"'".repeat(length)}}`],
])('a megabyte of %s takes time in proportion', async (_, textOf) => {
  await expectLinearTime(repaired, textOf);
});
