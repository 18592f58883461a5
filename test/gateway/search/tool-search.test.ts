import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaTokens } from '../../../src/gateway/offer/schema-tokens.js';
import { searchTerms } from '../../../src/gateway/search/search-terms.js';
import { type SearchableTool, ToolSearch } from '../../../src/gateway/search/tool-search.js';

const tool = (server: string, name: string, more: object = {}): SearchableTool => ({
  server,
  serverDescription: undefined,
  tool: { name, inputSchema: { type: 'object' }, ...more },
});
const names = (tools: readonly SearchableTool[]) =>
  tools.map(({ server, tool }) => `${server}.${String(tool['name'])}`);

describe('the words of a text', () => {
  it.each([
    ['getUserName', ['get', 'user', 'name']],
    ['get_user-name.v2', ['get', 'user', 'name', 'v', '2']],
    ['HTTPServer parseJSON', ['http', 'server', 'parse', 'json']],
    ['Reads files, classes', ['read', 'file', 'classe']],
    ['class is', ['class', 'is']],
    ['größe 漢字', ['größe', '漢字']],
    ['', []],
    ['--- !', []],
    ['x'.repeat(50), []],
  ])('of %j are %j', (text, terms) => {
    expect(searchTerms(text)).toEqual(terms);
  });
});

describe('a search', () => {
  const offered = [
    tool('files', 'read_file', { description: 'Reads the contents of a file.' }),
    tool('files', 'writeFile', { description: 'Writes text.' }),
    tool('mail', 'send', { description: 'Sends a message.', title: 'Send an e-mail' }),
    {
      ...tool('geo', 'lookup', {
        inputSchema: { type: 'object', properties: { city: { type: 'string', description: 'Where it rains' } } },
      }),
      serverDescription: 'Weather of the world',
    },
  ];
  const find = async (query: string, options: object = {}) =>
    names((await new ToolSearch().search(offered, query, { limit: 10, ...options })).tools);

  it.each([
    ['read file', 'files.read_file'],
    ['write', 'files.writeFile'],
    ['e-mail', 'mail.send'],
    ['city', 'geo.lookup'],
    ['rains', 'geo.lookup'],
    ['weather', 'geo.lookup'],
    ['mess', 'mail.send'],
    ['GEO', 'geo.lookup'],
  ])('for %j finds %s first', async (query, best) => {
    expect((await find(query))[0]).toBe(best);
  });

  it('finds nothing where no word is', async () => {
    expect(await find('banana')).toEqual([]);
    expect(await find('  ')).toEqual([]);
  });

  it('counts the name more than the description', async () => {
    const tools = [
      tool('a', 'x', { description: 'about invoices' }),
      tool('a', 'invoice', { description: 'about it' }),
    ];
    expect(names((await new ToolSearch().search(tools, 'invoice', { limit: 5 })).tools)).toEqual(['a.invoice', 'a.x']);
  });

  it('gives what is equal in the order of the offer, and no more than was asked for', async () => {
    const tools = ['c', 'a', 'b'].map((server) => tool(server, 'same'));
    const search = new ToolSearch();
    expect(names((await search.search(tools, 'same', { limit: 2 })).tools)).toEqual(['c.same', 'a.same']);
    expect((await search.search(tools, 'same', { limit: -1 })).tools).toEqual([]);
    const many = Array.from({ length: 80 }, (_, index) => tool('s', `same${index}`));
    expect((await search.search(many, 'same', { limit: 1000 })).tools).toHaveLength(50);
  });

  it('ends where the budget would be exceeded', async () => {
    const tools = [tool('a', 'same'), tool('b', 'same')];
    const one = schemaTokens(tool('a', 'same').tool);
    const { tools: found, tokens } = await new ToolSearch().search(tools, 'same', { limit: 5, maxSchemaTokens: one });
    expect([names(found), tokens]).toEqual([['a.same'], one]);
  });

  it('sees a list that has changed', async () => {
    const search = new ToolSearch();
    const find = async (tools: readonly SearchableTool[]) =>
      names((await search.search(tools, 'x', { limit: 5 })).tools);
    expect(await find([tool('a', 'x')])).toEqual(['a.x']);
    expect(await find([tool('a', 'y')])).toEqual([]);
    expect(await find([tool('b', 'x'), tool('a', 'x')])).toEqual(['b.x', 'a.x']);
    expect(await find([])).toEqual([]);
  });

  const word = fc.constantFrom('read', 'file', 'mail', 'send', 'secret', 'user');
  const generated = fc.uniqueArray(
    fc
      .tuple(fc.constantFrom('s', 't'), word, word, word)
      .map(([server, first, second, text]) => tool(server, `${first}_${second}`, { description: text })),
    { selector: ({ server, tool }) => `${server}.${String(tool['name'])}` },
  );

  it('tells nothing of tools that the agent is not offered, and is the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(generated, fc.array(word, { minLength: 1 }), fc.nat(), async (all, words, seed) => {
        const offered = all.filter((_, index) => ((seed >> (index % 16)) & 1) === 0);
        const query = words.join(' ');
        const shared = new ToolSearch();
        await shared.search(all, query, { limit: 50 });
        const found = await shared.search(offered, query, { limit: 50 });
        expect(found).toEqual(await new ToolSearch().search(offered, query, { limit: 50 }));
        expect(found.tools.every((one) => offered.includes(one))).toBe(true);
        expect(new Set(found.tools).size).toBe(found.tools.length);
        // Each has a word of the query.
        for (const { tool } of found.tools) expect(words.some((one) => JSON.stringify(tool).includes(one))).toBe(true);
        const having = offered.filter(({ tool }) => words.some((one) => String(tool['name']).includes(one)));
        expect(having.every((one) => found.tools.includes(one))).toBe(true);
      }),
    );
  });

  it('of a thousand tools and a hostile query takes no long time', async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      tool('s', `tool${index}`, { description: `word${index} `.repeat(200) }),
    );
    const started = performance.now();
    const search = new ToolSearch();
    await search.search(many, 'a b c '.repeat(100_000), { limit: 5 });
    await search.search(many, 'word1', { limit: 5 });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
