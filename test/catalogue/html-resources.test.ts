import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { sanitizerOf } from '../../src/catalogue/safe-html-sanitizer/sanitizer.js';
import { settingsSchema } from '../../src/catalogue/safe-html-sanitizer/settings.js';
import { dangersIn, vectors } from '../fixtures/catalogue/html-dangers.js';
import { unlessTooDeep, worstPages } from '../fixtures/catalogue/worst-pages.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['resource_post_fetch'];
const sanitize = sanitizerOf(settingsSchema.parse({}));

async function contentAfter(kind: string, content: unknown, config: object = {}): Promise<unknown> {
  await using manager = await managerOf(kind, hooks, config);
  const outcome = await manager.invokeHook('resource_post_fetch', { uri: 'x:y', content }, { requestId: 'r' });
  if (!outcome.continueProcessing) return outcome.violation;
  return (outcome.modifiedPayload as { content?: unknown } | undefined)?.content ?? content;
}

it('HTML becomes Markdown, of ContextForge and of MCP', async () => {
  const text = '<h1>Title</h1><p>Some <b>bold</b> <a href="https://a.b/">link</a></p><script>alert(1)</script>';
  const markdown = '# Title\n\nSome **bold** [link](https://a.b/)';

  await expect(contentAfter('html-to-markdown', { text, mime_type: 'text/html', blob: null })).resolves.toEqual({
    text: markdown,
    mime_type: 'text/markdown',
    blob: null,
  });
  await expect(
    contentAfter('html-to-markdown', {
      contents: [
        { uri: 'x:y', mimeType: 'text/html', text },
        { uri: 'z:z', blob: 'AA' },
      ],
    }),
  ).resolves.toEqual({
    contents: [
      { uri: 'x:y', mimeType: 'text/markdown', text: markdown },
      { uri: 'z:z', blob: 'AA' },
    ],
  });
});

it.each(['plain words, 1 < 2', '# Markdown', ''])('%j is no HTML, and stays', async (text) => {
  await expect(contentAfter('html-to-markdown', { text })).resolves.toEqual({ text });
});

it.each(['html-to-markdown', 'safe-html-sanitizer'])('%s blocks what is nested too deep', async (kind) => {
  const code = kind === 'html-to-markdown' ? 'HTML_TO_MARKDOWN_INPUT_TOO_LARGE' : 'SAFE_HTML_INPUT_TOO_LARGE';
  for (const part of ['<div>', '<div><p>', '<li><section>'])
    await expect(contentAfter(kind, { text: part.repeat(1001) })).resolves.toMatchObject({ code });
});

it.each(vectors)('nothing dangerous is left of %j', (vector) => {
  expect(dangersIn(vector).length + Number(/[\u202e\u200b]/.test(vector))).toBeGreaterThan(0);
  expect(dangersIn(sanitize(vector))).toEqual([]);
  expect(sanitize(vector)).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
});

test.prop([fc.array(fc.constantFrom(...vectors.flatMap((vector) => [vector, vector.slice(0, 9), vector.slice(9)])))])(
  'nor of any of them together, nor where it is done twice',
  (pieces) => {
    const safe = sanitize(pieces.join(''));

    expect(dangersIn(safe)).toEqual([]);
    expect(dangersIn(sanitize(safe))).toEqual([]);
  },
);

it('a link to a new window does not know who opened it', () => {
  expect(sanitize('<a href="https://a.b" target="x" rel="me">t</a>')).toBe(
    '<a href="https://a.b" target="_blank" rel="me noopener noreferrer">t</a>',
  );
});

it.each([
  [{ allow_data_images: true }, '<img src="data:image/png;base64,AA">', '<img src="data:image/png;base64,AA" />'],
  [{ allow_data_images: true }, '<img src="data:text/html,x">', '<img />'],
  [{ allow_data_images: true }, '<img src="da\u200bta:text/html,x">', '<img />'],
  [{}, '<img src="data:image/png;base64,AA">', '<img />'],
  [{ drop_unknown_tags: false }, '<u>x</u>', '&lt;u&gt;x&lt;/u&gt;'],
  [{}, '<u>x</u>', 'x'],
  [{ allowed_tags: ['u'] }, '<u>x</u><p>y', '<u>x</u>y'],
  [{ sanitize_css: false, allowed_attrs: { p: ['style'] } }, '<p style="color:red">', '<p style="color:red"></p>'],
  [{ allowed_attrs: { p: ['style', 'onclick'] } }, '<p style="color:red" onclick="x">', '<p></p>'],
  [{ strip_event_handlers: false, allowed_attrs: { p: ['onclick'] } }, '<p onclick="x">', '<p onclick="x"></p>'],
  [{ remove_bidi_controls: false }, '<p>a\u202eb</p>', '<p>a\u202eb</p>'],
  [{ to_text: true }, '<h1>A</h1><p>b &lt; c</p><script>x</script>', 'A\nb &lt; c'],
])('%j makes of %j %j', async (config, text, made) => {
  await expect(contentAfter('safe-html-sanitizer', { text }, config)).resolves.toEqual({ text: made });
});

it.each([
  [{ allowed_tags: ['svg'] }, 'allowed_tags[0]: it is an element that is never safe'],
  [{ remove_comments: false }, 'remove_comments: true: comments are always removed'],
  [{ allowed_attrs: { '*': ['srcdoc'] } }, 'config.allowed_attrs'],
  [{ allowed_attrs: { '*': ['*'] } }, 'a star may stand behind'],
  [{ allowed_attrs: { p: ['o*'] } }, 'a star may stand behind'],
  [{ allow_tags: [] }, 'allow_tags'],
])('%j is refused', async (config, message) => {
  await expect(managerOf('safe-html-sanitizer', hooks, config)).rejects.toThrow(message);
});

it.each(['text/html', 'TEXT/HTML; charset=utf-8', 'application/xhtml+xml', 'image/svg+xml'])(
  'a blob of %s is made safe',
  async (mimeType) => {
    const blob = Buffer.from('<p onclick="run()">é</p><script>run()</script>').toString('base64');
    const content = { contents: [{ uri: 'x:y', mimeType, blob }] };
    await expect(contentAfter('safe-html-sanitizer', content)).resolves.toEqual({
      contents: [{ uri: 'x:y', mimeType, blob: Buffer.from('<p>é</p>').toString('base64') }],
    });
  },
);

test.prop([fc.uint8Array()])('any other blob stays as it is', async (bytes) => {
  const content = { contents: [{ uri: 'x:y', mimeType: 'image/png', blob: Buffer.from(bytes).toString('base64') }] };
  await expect(contentAfter('safe-html-sanitizer', content)).resolves.toEqual(content);
});

test.prop([fc.jsonValue()], { numRuns: 30 })('whatever comes, a call settles', async (content) => {
  await expect(contentAfter('safe-html-sanitizer', content)).resolves.toBeDefined();
  await expect(contentAfter('html-to-markdown', content)).resolves.toBeDefined();
});

it.each(worstPages)('a megabyte of %s is made safe in proportion', async (_, textOf) => {
  await expectLinearTime((html) => unlessTooDeep(() => sanitize(html)), textOf);
});

it('the oracle of these tests sees what a browser would run', () => {
  expect(dangersIn('<p onclick="x">')).toEqual(['onclick']);
  expect(dangersIn('<p>fine <a href="https://a.b">b</a></p>')).toEqual([]);
});
