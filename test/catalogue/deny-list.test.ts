import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PluginManager } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['prompt_pre_fetch', 'tool_pre_invoke'];
const withWords = (words: readonly string[]) => managerOf('deny-list', hooks, { words });
const callTool = (manager: PluginManager, args: Record<string, unknown>) =>
  manager.invokeHook('tool_pre_invoke', { name: 'shell', args }, { requestId: 'r' });

describe('the deny list', () => {
  it('stops a prompt with a denied word in an argument', async () => {
    await using manager = await withWords(['innovative', 'groundbreaking']);

    const payload = { promptId: 'p', args: { user: 'an innovative one' } };
    const outcome = await manager.invokeHook('prompt_pre_fetch', payload, { requestId: 'r' });

    expect(outcome).toMatchObject({
      continueProcessing: false,
      violation: {
        reason: 'Prompt not allowed',
        description: 'A deny word was found in the prompt',
        code: 'deny',
        details: {},
      },
    });
  });

  it('stops a tool call with a denied word, however deep it stands', async () => {
    await using manager = await withWords(['rm -rf']);

    const outcome = await callTool(manager, { steps: [{ run: 'cd / && rm -rf *' }] });

    expect(outcome.violation).toMatchObject({ reason: 'Tool call not allowed', code: 'deny' });
  });

  it('looks into names of arguments as well', async () => {
    await using manager = await withWords(['drop table']);

    expect((await callTool(manager, { 'drop table x': 1 })).violation?.code).toBe('deny');
  });

  it('takes a word as it is written, and finds it within others', async () => {
    await using manager = await withWords(['Rm']);

    expect((await callTool(manager, { run: 'rm' })).continueProcessing).toBe(true);
    expect((await callTool(manager, { run: 'aRmb' })).continueProcessing).toBe(false);
  });

  it('stops what is nested too deep to be looked at', async () => {
    await using manager = await withWords(['x']);
    let args: Record<string, unknown> = {};
    for (let level = 0; level < 200; level++) args = { args };

    const { violation } = await callTool(manager, args);

    expect(violation).toMatchObject({
      code: 'DENY_LIST_INPUT_TOO_LARGE',
      description: expect.stringContaining('nested deeper than 128 levels'),
    });
  });

  it.each([
    ['no words', {}, 'config.words'],
    ['an empty word', { words: ['a', ''] }, 'config.words[1]: an empty word is in every text'],
    ['an unknown key', { words: [], word: 'a' }, 'word'],
  ])('refuses a configuration with %s', async (_, config, message) => {
    await expect(managerOf('deny-list', hooks, config)).rejects.toThrow(message);
  });

  it('stops exactly what has a denied word in some text', async () => {
    await using manager = await withWords(['ab', 'ca']);
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A'), maxLength: 6 });
    const values = fc.letrec((value) => ({
      any: fc.oneof({ maxDepth: 4 }, letters, fc.integer(), fc.constant(null), value('list'), value('record')),
      list: fc.array(value('any'), { maxLength: 3 }),
      record: fc.dictionary(letters, value('any'), { maxKeys: 3 }),
    }));

    await fc.assert(
      fc.asyncProperty(fc.dictionary(letters, values.any, { maxKeys: 3 }), async (args) => {
        const { continueProcessing, modifiedPayload } = await callTool(manager, args);
        // A denied word has no character that JSON would write in another way.
        expect(continueProcessing).toBe(!/ab|ca/.test(JSON.stringify(args)));
        if (continueProcessing) expect(modifiedPayload).toBeUndefined();
      }),
    );
  });

  it('takes time in proportion to the text', async () => {
    await using manager = await withWords([`${'a'.repeat(50)}b`, 'rm -rf']);

    await expectLinearTime(
      (run) => callTool(manager, { run }),
      (length) => 'a'.repeat(0.9 * length),
    );
  });
});
