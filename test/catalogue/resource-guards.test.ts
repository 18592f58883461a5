import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { filteredResource } from '../../src/catalogue/resource-filter/content-filter.js';
import { settingsSchema as filterSettings } from '../../src/catalogue/resource-filter/settings.js';
import { entropyOf, isReadable } from '../../src/catalogue/url-reputation/domain-labels.js';
import { verdictOn } from '../../src/catalogue/url-reputation/reputation.js';
import { settingsSchema as reputationSettings } from '../../src/catalogue/url-reputation/settings.js';
import { splitUri } from '../../src/catalogue/values/uri-split.js';
import type { PluginManager } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['resource_pre_fetch', 'resource_post_fetch'];
const context = { requestId: 'r' };

async function codeOf(manager: PluginManager, uri: string): Promise<string> {
  const { violation } = await manager.invokeHook('resource_pre_fetch', { uri }, context);
  return violation?.code ?? 'passes';
}

describe('resource-filter', () => {
  it.each([
    ['no uri', 'INVALID_URI'],
    ['https://[::1/x', 'INVALID_URI'],
    ['gopher://a.b/', 'PROTOCOL_BLOCKED'],
    ['https://evil.com/', 'DOMAIN_BLOCKED'],
    ['https://a.EVIL.com:8443/', 'DOMAIN_BLOCKED'],
    ['https://me:pw@evil.com./', 'DOMAIN_BLOCKED'],
    ['https:\\\\evil.com/', 'DOMAIN_BLOCKED'],
    ['https://ev\til.com/', 'DOMAIN_BLOCKED'],
    ['https://%65vil.com/', 'DOMAIN_BLOCKED'],
    ['https://notevil.com/', 'passes'],
    ['https://a.b/evil.com', 'passes'],
  ])('%j: %s', async (uri, code) => {
    await using manager = await managerOf('resource-filter', hooks, { blocked_domains: ['Evil.com'] });
    await expect(codeOf(manager, uri)).resolves.toBe(code);
  });

  it('says that it changes payloads for its filters alone: what else it is set to blocks, also side by side', async () => {
    const entry = { mode: 'concurrent' };
    const strict = { strict: true };
    const blocking = { max_content_size: 3, allowed_protocols: ['https'], blocked_domains: ['evil.com'] };
    await using manager = await managerOf('resource-filter', hooks, blocking, { entry, settings: strict });
    expect(await codeOf(manager, 'http://a.b/')).toBe('PROTOCOL_BLOCKED');
    expect(await codeOf(manager, 'https://evil.com/')).toBe('DOMAIN_BLOCKED');
    const outcome = await manager.invokeHook('resource_post_fetch', { uri: 'x:y', content: 'long' }, context);
    expect(outcome.violation?.code).toBe('CONTENT_TOO_LARGE');

    const filtering = { content_filters: [{ pattern: 'secret' }] };
    await expect(managerOf('resource-filter', hooks, filtering, { entry, settings: strict })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringContaining('changes payloads'),
    });
  });

  const config = { max_content_size: 20, content_filters: [{ pattern: 'secret=(\\w+)', replacement: '<\\1>' }] };

  it.each([
    [{ text: 'SECRET=abc' }, { text: '<abc>' }],
    ['secret=abc', '<abc>'],
    [{ contents: [{ text: 'secret=a' }, { blob: 'AAAA' }] }, { contents: [{ text: '<a>' }, { blob: 'AAAA' }] }],
    [{ other: ['secret=a'] }, { other: ['<a>'] }],
    [
      { contents: [{ text: 'x', title: 'secret=a' }], _meta: { note: 'secret=b' } },
      { contents: [{ text: 'x', title: '<a>' }], _meta: { note: '<b>' } },
    ],
    [[{ contents: [], note: 'secret=a' }], [{ contents: [], note: '<a>' }]],
    [
      { blob: 'AA', text: ['secret=a'] },
      { blob: 'AA', text: ['<a>'] },
    ],
    [
      { text: 'x', blob: ['secret=a'], id: { inner: 'secret=a' } },
      { text: 'x', blob: ['<a>'], id: { inner: '<a>' } },
    ],
    [
      { uri: 'secret=a', text: 'x' },
      { uri: 'secret=a', text: 'x' },
    ],
  ])('of %j remains %j', async (content, remains) => {
    await using manager = await managerOf('resource-filter', hooks, config);
    const outcome = await manager.invokeHook('resource_post_fetch', { uri: 'x:y', content }, context);
    expect((outcome.modifiedPayload as { content?: unknown } | undefined)?.content ?? content).toEqual(remains);
  });

  it.each([[{ text: 'é'.repeat(11) }], [{ contents: [{ blob: 'A'.repeat(40) }] }]])(
    '%j is too large',
    async (content) => {
      await using manager = await managerOf('resource-filter', hooks, config);
      const { violation } = await manager.invokeHook('resource_post_fetch', { uri: 'x:y', content }, context);
      expect(violation).toMatchObject({ code: 'CONTENT_TOO_LARGE', details: { max_size: 20 } });
    },
  );

  it('prompts and results of tools are filtered where it is on their hooks', async () => {
    await using manager = await managerOf('resource-filter', ['prompt_post_fetch', 'tool_post_invoke'], config);
    const result = { parts: ['secret=a'] };
    const prompt = await manager.invokeHook('prompt_post_fetch', { promptId: 'p', result }, context);
    const tool = await manager.invokeHook('tool_post_invoke', { name: 't', result }, context);

    expect(prompt.modifiedPayload).toEqual({ promptId: 'p', result: { parts: ['<a>'] } });
    expect(tool.modifiedPayload).toEqual({ name: 't', result: { parts: ['<a>'] } });
  });

  it.each([
    [{ content_filters: [{ pattern: '(' }] }, 'content_filters[0].pattern'],
    [{ content_filters: [{ pattern: 'a', replacement: '\\1' }] }, 'content_filters[0].replacement'],
    [{ blocked_domain: [] }, 'blocked_domain'],
  ])('%j is refused', async (refused, message) => {
    await expect(managerOf('resource-filter', hooks, refused)).rejects.toThrow(message);
  });

  it('a megabyte is filtered in proportion', async () => {
    const settings = filterSettings.parse({ content_filters: [{ pattern: '(a+)+b' }], max_content_size: 1e7 });
    await expectLinearTime(
      (text) => filteredResource({ text }, settings, {}),
      (length) => 'a'.repeat(length),
    );
  });

  test.prop([fc.jsonValue()], { numRuns: 50 })('what nothing matches is not touched', async (content) => {
    await using manager = await managerOf('resource-filter', hooks, { content_filters: [{ pattern: '\u0000never' }] });
    const outcome = await manager.invokeHook('resource_post_fetch', { uri: 'x:y', content }, context);
    expect(outcome.modifiedPayload).toBeUndefined();
    expect(outcome.continueProcessing).toBe(true);
  });
});

describe('file-type-allowlist', () => {
  it.each([
    [hooks, 'https://a.b/c.MD', 'passes'],
    [hooks, 'https://a.b/c.exe', 'FILETYPE_BLOCK'],
    [hooks, 'https://a.b/c.exe;x.md', 'FILETYPE_BLOCK'],
    [hooks, 'https://a.b/c.exe?x=.md#y.md', 'FILETYPE_BLOCK'],
    [hooks, 'https://a.b/c', 'passes'],
    [hooks, 'https://a.b/v1.2/c', 'passes'],
    [hooks, 'https://a.b/c.md/d.exe', 'FILETYPE_BLOCK'],
    [['resource_pre_fetch'], 'https://a.b/v1.2/c', 'FILETYPE_BLOCK'],
    [['resource_pre_fetch'], 'https://a.b/v1.md/', 'FILETYPE_BLOCK'],
    [['resource_pre_fetch'], 'https://a.b/c', 'FILETYPE_BLOCK'],
  ])('on %j, %s: %s', async (on, uri, code) => {
    const config = { allowed_extensions: ['.md'], allowed_mime_types: ['text/markdown'] };
    await using manager = await managerOf('file-type-allowlist', on, config);
    await expect(codeOf(manager, uri)).resolves.toBe(code);
  });

  it.each([
    [{ contents: [{ mimeType: 'Text/Markdown', text: 'x' }] }, true],
    [
      {
        contents: [
          { mimeType: 'text/markdown', text: 'x' },
          { mimeType: 'text/html', text: 'x' },
        ],
      },
      false,
    ],
    [{ mime_type: 'text/html', text: 'x' }, false],
    [{ text: 'x' }, false],
    [{ contents: [], text: 'x' }, false],
    [{ contents: [{ mimeType: 'text/markdown', text: 'x' }], mimeType: 'text/html', blob: 'eA==' }, false],
    [{ contents: [{ mimeType: 'text/markdown', text: 'x' }], mimeType: 'text/markdown', text: 'x' }, true],
    [{ contents: [] }, true],
    ['x', false],
    [{ strange: 1 }, false],
  ])('content %j passes: %s', async (content, passes) => {
    await using manager = await managerOf('file-type-allowlist', hooks, { allowed_mime_types: ['text/markdown'] });
    const outcome = await manager.invokeHook('resource_post_fetch', { uri: 'x:y', content }, context);
    expect(outcome.continueProcessing).toBe(passes);
  });
});

describe('url-reputation', () => {
  it('counts what it checked where a trace is told of', async () => {
    await using manager = await managerOf('url-reputation', ['resource_pre_fetch']);
    const extensions = { request: { traceId: 'abc' } };
    const outcome = await manager.invokeHook('resource_pre_fetch', { uri: 'http://a.b' }, context, { extensions });
    expect(outcome.metadata).toEqual({
      url_reputation: { total_checked: 1, total_blocked: 1, reputation_categories: ['insecure_scheme'] },
    });
  });

  it.each([
    'https://EVIL.com/x',
    'https://e\tvil.com/x',
    'https://a.b/x/../ad%6din/../admin',
    'https://a.b/ad\nmin',
    'https://a.b\\admin',
    'https://a.b/%61dmi%6E',
    'https://b\u00fccher.example/',
  ])('a blocked pattern is looked for in %j as it will be fetched', (uri) => {
    const settings = reputationSettings.parse({
      blocked_patterns: ['//evil\\.com/', '//a\\.b/admin', '//xn--bcher-kva\\.'],
    });
    expect(verdictOn(uri, settings, undefined)).toMatchObject({ category: 'blocked_pattern' });
  });

  it('a host that some programs see is blocked, and no other hides it', () => {
    const settings = reputationSettings.parse({
      blocked_domains: ['evil.com'],
      whitelist_domains: ['good.com', 'b\u00fccher.example'],
    });
    for (const uri of ['https://good.com\\@evil.com/', 'https://a.b\\@evil.com/'])
      expect(verdictOn(uri, settings, undefined)).toMatchObject({ category: 'blocked_domain' });
    for (const uri of ['http://me@good.com:8080/', 'http://www.B\u00dcCHER.example./'])
      expect(verdictOn(uri, settings, undefined)).toBeUndefined();
  });

  it('a pattern that is none is refused', async () => {
    const config = { blocked_patterns: ['('] };
    await expect(managerOf('url-reputation', ['resource_pre_fetch'], config)).rejects.toThrow('blocked_patterns[0]');
  });

  it.each([
    ['münchen', true],
    ['日本語カナa', true],
    ['p\u0430ypal', false],
    ['☃', false],
    ['ɡoogle', false],
    ['한국abc', true],
  ])('%s is readable: %s', (label, readable) => {
    expect(isReadable(label)).toBe(readable);
  });

  test.prop([fc.string({ minLength: 1 })])('entropy is between none and that of all characters once', (text) => {
    expect(entropyOf(text)).toBeGreaterThanOrEqual(0);
    expect(entropyOf(text)).toBeLessThanOrEqual(Math.log2(Array.from(text).length) + 1e-9);
  });

  test.prop([fc.string(), fc.webUrl()])('whatever comes is judged', (text, url) => {
    const settings = reputationSettings.parse({ use_heuristic_check: true });
    for (const uri of [text, url, url + text]) {
      const verdict = verdictOn(uri, settings, () => true);
      if (!uri.trim().toLowerCase().startsWith('https:')) expect(verdict?.violation.code).toBe('URL_REPUTATION_BLOCK');
    }
  });

  it.each(['/', '@', '.', 'a', '%', ';', '\t', '[', 'é'])(
    'a megabyte of %j is judged in proportion',
    async (character) => {
      const settings = reputationSettings.parse({ blocked_patterns: ['(x+x+)+y'], use_heuristic_check: true });
      await expectLinearTime(
        (uri) => [verdictOn(uri, settings, () => true), splitUri(uri)],
        (length) => `https://a${character.repeat(length / 8)}`,
      );
    },
  );
});
