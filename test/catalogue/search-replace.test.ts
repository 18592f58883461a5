import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchReplaceConfig } from '../../src/catalogue/search-replace/search-replace-config.js';
import { systemClock } from '../../src/time/clock.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const context = { requestId: 'r' };
const hooks = ['prompt_pre_fetch', 'prompt_post_fetch', 'tool_pre_invoke', 'tool_post_invoke'];
const words = [
  { search: 'crap', replace: 'crud' },
  { search: 'crud', replace: 'yikes' },
];

describe('search and replace', () => {
  it('replaces in all texts of every hook, one word after the other', async () => {
    await using manager = await managerOf('search-replace', hooks, { words });
    const messages = (text: string) => ({ messages: [{ role: 'user', content: { type: 'text', text } }] });

    const results = [
      await manager.invokeHook('prompt_pre_fetch', { promptId: 'p', args: { a: 'crap' } }, context),
      await manager.invokeHook('prompt_post_fetch', { promptId: 'p', result: messages('a crap') }, context),
      await manager.invokeHook('tool_pre_invoke', { name: 't', args: { a: ['crud', { b: 'crap' }], n: 1 } }, context),
      await manager.invokeHook('tool_post_invoke', { name: 't', result: { content: [{ text: 'crap' }] } }, context),
      await manager.invokeHook('tool_post_invoke', { name: 't', result: 'crap' }, context),
    ];

    expect(results.map(({ modifiedPayload }) => modifiedPayload)).toEqual([
      { promptId: 'p', args: { a: 'yikes' } },
      { promptId: 'p', result: messages('a yikes') },
      { name: 't', args: { a: ['yikes', { b: 'yikes' }], n: 1 } },
      { name: 't', result: { content: [{ text: 'yikes' }] } },
      { name: 't', result: 'yikes' },
    ]);
  });

  it('stops where all texts of a call together take too long', async () => {
    let now = 0;
    // Each text takes a second.
    const clock = { ...systemClock, now: () => (now += 1000) };
    await using manager = await managerOf('search-replace', hooks, { words }, { clock });
    const codeOf = async (texts: number): Promise<string | undefined> => {
      const args = { a: Array.from({ length: texts }, () => 'crap') };
      return (await manager.invokeHook('tool_pre_invoke', { name: 't', args }, context)).violation?.code;
    };
    await expect(codeOf(5)).resolves.toBeUndefined();
    await expect(codeOf(14)).resolves.toBe('SEARCH_REPLACE_INPUT_TOO_LARGE');
  });

  it('leaves the words of the protocol in messages as they are', async () => {
    await using manager = await managerOf('search-replace', hooks, { words: [{ search: 'user|text', replace: '#' }] });

    const { modifiedPayload } = await manager.invokeHook(
      'prompt_post_fetch',
      { promptId: 'p', result: { messages: [{ role: 'user', content: { type: 'text', text: 'a user' } }] } },
      context,
    );

    expect(modifiedPayload?.result).toEqual({ messages: [{ role: 'user', content: { type: 'text', text: 'a #' } }] });
  });

  it('says nothing where nothing is to be replaced', async () => {
    await using manager = await managerOf('search-replace', hooks, { words });

    const { modifiedPayload } = await manager.invokeHook(
      'tool_pre_invoke',
      { name: 't', args: { a: 'fine' } },
      context,
    );

    expect(modifiedPayload).toBeUndefined();
  });

  it.each([
    ['(?<=a)b', '#', 'ab b', 'a# b'],
    ['(\\w)\\1', '\\1', 'boo', 'bo'],
    ['(?P<user>\\w+)@', '\\g<user> at ', 'bob@x', 'bob at x'],
    ['\\bcat\\b', 'dog', 'cat \u00e9cat', 'dog \u00e9cat'],
    ['\\b\u00e9cole\\b', 'school', 'une \u00e9cole', 'une school'],
    ['x*', '-', 'abxd', '-a-b--d-'],
  ])('%s becomes %s as in Python', (search, replace, text, expected) => {
    expect(searchReplaceConfig.parse({ words: [{ search, replace }] })(text)).toBe(expected);
  });

  it('blocks a text in which a pattern takes too long', async () => {
    const config = { words: [{ search: '(?=a)(a+)+$', replace: '' }] };
    await using manager = await managerOf('search-replace', hooks, config);

    const { continueProcessing, violation } = await manager.invokeHook(
      'tool_pre_invoke',
      { name: 't', args: { a: `${'a'.repeat(60)}b` } },
      context,
    );

    expect(continueProcessing).toBe(false);
    expect(violation).toMatchObject({
      code: 'SEARCH_REPLACE_INPUT_TOO_LARGE',
      description: 'The tool arguments cannot be searched: it was not done in 250 ms',
    });
  });

  it('blocks what would grow without end', async () => {
    const config = { words: Array.from({ length: 3 }, () => ({ search: 'a', replace: 'a'.repeat(1000) })) };
    await using manager = await managerOf('search-replace', hooks, config);

    const { violation } = await manager.invokeHook('tool_pre_invoke', { name: 't', args: { a: 'a' } }, context);

    expect(violation).toMatchObject({
      code: 'SEARCH_REPLACE_INPUT_TOO_LARGE',
      description: 'The tool arguments cannot be searched: a text would have more than 10000000 characters',
    });
  });

  it('blocks what is nested too deep', async () => {
    await using manager = await managerOf('search-replace', hooks, { words });
    let deep: unknown = 'crap';
    for (let level = 0; level < 200; level++) deep = [deep];

    const { violation } = await manager.invokeHook('tool_pre_invoke', { name: 't', args: { deep } }, context);

    expect(violation?.code).toBe('SEARCH_REPLACE_INPUT_TOO_LARGE');
  });

  it('names the word that it cannot read', () => {
    const problems = (...written: object[]) =>
      searchReplaceConfig
        .safeParse({ words: written })
        .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

    expect(problems(words[0] ?? {}, { search: '(', replace: '' })).toEqual([
      'words.1.search: this is no pattern: a group ( is not closed (at position 0)',
    ]);
    expect(problems({ search: '(?>a)', replace: '' })).toEqual([
      'words.0.search: this is no pattern: an atomic group is not supported (at position 0)',
    ]);
    expect(problems({ search: 'a', replace: '\\1' })).toEqual([
      'words.0.replace: this is no replacement: there is no group 1 (at position 0)',
    ]);
    expect(problems({ search: 'a', replace: 'b', flags: 'i' })).toEqual(['words.0: Unrecognized key: "flags"']);
  });

  it('leaves arbitrary values as they are, but for the texts that match', async () => {
    await using manager = await managerOf('search-replace', hooks, { words: [{ search: 'needle', replace: 'hay' }] });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), fc.string(), async (value, key) => {
        const result = { ...value, [key]: ['a needle'] };
        const { modifiedPayload } = await manager.invokeHook('tool_post_invoke', { name: 't', result }, context);
        expect(modifiedPayload?.result).toEqual({ ...value, [key]: ['a hay'] });
      }),
    );
  });

  it('takes linear time', async () => {
    const replace = (search: string) => searchReplaceConfig.parse({ words: [{ search, replace: '' }] });
    await expectLinearTime(replace('(a+)+b'), (length) => 'a'.repeat(length));
    await expectLinearTime(replace('\\d{3}-\\d{4}'), (length) => '555-1234 '.repeat(length / 9));
  });
});
