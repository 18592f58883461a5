import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { dangersIn, vectors } from '../../fixtures/catalogue/html-dangers.js';
import { answersOfBoth, type Compared } from './both-answers.js';
import { startOracle } from './oracle.js';

const seed = 20_265;
const markdown = 'plugins.html_to_markdown.html_to_markdown.HTMLToMarkdownPlugin';
const sanitizer = 'plugins.safe_html_sanitizer.safe_html_sanitizer.SafeHTMLSanitizerPlugin';

const words = fc
  .array(fc.constantFrom('plain', 'words', 'caf\u00e9', 'zw\u00f6lf', '42', 'of'), { minLength: 1, maxLength: 4 })
  .map((list) => list.join(' '));
const blocks = fc.oneof(
  words.map((text) => `<p>${text}</p>`),
  words.map((text) => `<h2>${text}</h2>`),
  words.map((text) => `<ul><li>${text}</li><li>b</li></ul>`),
  words.map((text) => `<pre><code>${text}</code></pre>`),
  words.map((text) => `<p>a <code>${text}</code> <b>b</b></p>`),
  words.map((text) => `<p><a href="https://a.example/x">${text}</a></p>`),
  words.map((text) => `<img alt="${text}" src="https://a.example/x.png">`),
  words.map((text) => `<div><span class="x">${text}</span><br>end</div>`),
  words.map((text) => `<script>hidden ${text}</script>`),
  words.map((text) => `<table><tr><td>${text}</td></tr></table>`),
);
const pages = fc.array(blocks, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('\n'));

it.runIf(inject('pythons') !== null)('Markdown has the words that theirs has, in their order', async () => {
  const all = await compare(markdown, {}, fc.sample(pages, { seed, numRuns: 500 }));
  const unlike = all.filter(({ ours, theirs }) => wordsOf(ours) !== wordsOf(theirs));

  expect(unlike.slice(0, 3).map(({ call, ours, theirs }) => JSON.stringify([call.payload, ours, theirs]))).toEqual([]);
  expect(all.filter(({ theirs }) => theirs.payload !== undefined).length).toBeGreaterThan(450);
});

it.runIf(inject('pythons') !== null)(
  'nothing dangerous is left by either, and safe pages keep their words',
  async () => {
    const spoilt = fc
      .array(fc.oneof(blocks, fc.constantFrom(...vectors)), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''));
    const risky = await compare(sanitizer, {}, fc.sample(spoilt, { seed, numRuns: 400 }));
    const safe = await compare(sanitizer, {}, fc.sample(pages, { seed, numRuns: 200 }));

    expect(risky.flatMap(({ ours }) => dangersIn(textOf(ours)))).toEqual([]);
    // Theirs does not know that browsers leave a tab out of `java\tscript:`.
    expect(new Set(risky.flatMap(({ theirs }) => dangersIn(textOf(theirs))))).toEqual(new Set(['href']));
    // A page that a plugin leaves as it was is the page that came.
    const remains = ({ payload }: Compared['call'], answer: Compared['ours']): Compared['ours'] =>
      answer.payload === undefined ? { ...answer, payload } : answer;
    const unlike = safe.filter(
      ({ call, ours, theirs }) => wordsOf(remains(call, ours)) !== wordsOf(remains(call, theirs)),
    );
    expect(unlike.slice(0, 3).map(({ call, ours, theirs }) => JSON.stringify([call.payload, ours, theirs]))).toEqual(
      [],
    );
  },
);

async function compare(kind: string, config: object, texts: readonly string[]): Promise<readonly Compared[]> {
  const pythons = inject('pythons');
  if (pythons === null) throw new Error('there is no Python');
  await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
  const calls = texts.map((text) => ({
    hook: 'resource_post_fetch',
    payload: { uri: 'x:y', content: { type: 'resource', id: '1', uri: 'x:y', mime_type: 'text/html', text } },
    resource: true,
  }));
  return answersOfBoth(oracle, { kind, config, hooks: ['resource_post_fetch'], calls });
}

function textOf({ payload }: Compared['ours']): string {
  const { content } = (payload ?? {}) as { readonly content?: { readonly text?: string } };
  return content?.text ?? '';
}

/** The letters and digits, without tags and what Markdown is made of. */
function wordsOf(answer: Compared['ours']): string {
  return textOf(answer)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
