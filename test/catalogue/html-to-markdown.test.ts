import { fc, test } from '@fast-check/vitest';
import TurndownService from 'turndown';
import { expect, it } from 'vitest';
import { toMarkdown } from '../../src/catalogue/html-to-markdown/markdown.js';
import { dangersIn, vectors } from '../fixtures/catalogue/html-dangers.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { unlessTooDeep, worstPages } from '../fixtures/catalogue/worst-pages.js';

it.each([
  ['<h2>A <i>b</i></h2><p>c', '## A *b*\n\nc'],
  ['<ul><li>a<ul><li>b</ul><li>c</ul>', '-   a\n    -   b\n-   c'],
  ['<ol start="3"><li><p>a<p>b</li><li>c</ol>', '3.  a\n\n    b\n\n4.  c'],
  ['<ol><li><ul><li>a</ul></ol>', '1.  -   a'],
  ['<blockquote><p>a<p>b<br>c</blockquote>d', '> a\n>\n> b  \n> c\n\nd'],
  ['a<br><br>b', 'a\n\nb'],
  ['<hr><p>a', '---\n\na'],
  ['a <b> b </b>c<i> </i><b><p>d<p>e</b>', 'a **b** c\n\n**d**\n\n**e**'],
  ['<b><b>a</b></b>', '**a**'],
  ['x <code> a ` b </code>y', 'x ``a ` b`` y'],
  ['<pre>\na\n  ```\n<b>b</b></pre>c', '````\na\n  ```\nb\n````\n\nc'],
  ['<li><pre>a<br>b', '-   ```\n    a\n    b\n    ```'],
  ['<a href="x y" title=\'q"\'><div>a</div><div>b</div></a>', '[a b](x%20y "q\\"")'],
  ['<a href="x"><img alt="a*" src="b.png"></a><a href="y"></a>', '[![a\\*](b.png)](x)'],
  ['<table><tr><td>a<td>b<tr><td>c</table>', 'a\n\nb\n\nc'],
  ['<p>1. a * _b_ [c]<p># d<p>- e<p>&lt;b> 1 &lt; 2', '1\\. a \\* \\_b\\_ \\[c\\]\n\n\\# d\n\n\\- e\n\n\\<b> 1 < 2'],
  ['a<style>b</style><noscript><p>c</noscript><!-- d -->e', 'ae'],
])('%j becomes %j', (html, markdown) => {
  expect(toMarkdown(html)).toBe(markdown);
});

it.each([' java\nscript:alert(1)', 'data:text/html,x', '&#106;avascript&colon;x'])(
  'a link and a picture of %j are only their words',
  (address) => {
    expect(toMarkdown(`<a href="${address}">here</a> <img src="${address}" alt="there">`)).toBe('here there');
  },
);

it.each([
  ['&amp;#106;avascript:x', '&amp;#106;avascript:x'],
  ['&amp;#x6A;avascript:x', '&amp;#x6A;avascript:x'],
  ['javascript&amp;colon;x', 'javascript&amp;colon;x'],
  ['https://a.b/?c=1&amp;d=2', 'https://a.b/?c=1&d=2'],
])('an address of %j is no other one to who reads the Markdown', (address, written) => {
  expect(toMarkdown(`<a href="${address}">a</a><img src="${address}">`)).toBe(`[a](${written})![](${written})`);
});

it('pages as people write them are not nested too deep', () => {
  const script = `<script>${'for (i=0;i<b;i++) c<s && d<a;'.repeat(500)}</script>`;
  const page = `<ul>${'<li>a<p>b'.repeat(300)}</ul>${script}${'<p>x<br>'.repeat(500)}`;
  expect(toMarkdown(`${page}<table>${'<tr><td><b>a<td>b'.repeat(300)}`)).toContain('x');
});

const parts = fc.oneof(
  fc.constantFrom(
    'plain',
    ' words ',
    '\n',
    ' ',
    'caf&eacute;',
    '1. ',
    '- ',
    '#',
    '<br>',
    '<hr>',
    '<img src="i" alt="pic">',
  ),
  fc
    .tuple(
      fc.constantFrom(
        'p',
        'div',
        'h1',
        'h3',
        'b',
        'em',
        'ul',
        'ol',
        'li',
        'blockquote',
        'td',
        'span',
        'code',
        'pre',
        'a',
      ),
      fc.array(fc.constantFrom('a', ' b ', 'c d', '<b>e</b>', '<p>f</p>', '<li>g', '<br>'), { maxLength: 4 }),
    )
    .map(([name, inside]) => `<${name} href="to">${inside.join('')}</${name}>`),
);
const turndown = new TurndownService();
const lettersOf = (markdown: string): string => markdown.replaceAll(/\(to\)|[^a-z\u00e9]/g, '');

test.prop([fc.array(parts, { maxLength: 8 })])('the words are those of another converter, in their order', (all) => {
  const html = all.join('');
  expect(lettersOf(toMarkdown(html))).toBe(lettersOf(turndown.turndown(html)));
});

test.prop([fc.array(fc.constantFrom(...vectors.flatMap((vector) => [vector, vector.slice(0, 9), vector.slice(9)])))])(
  'nothing is left that would run where Markdown may hold HTML',
  (pieces) => {
    const markdown = unlessTooDeep(() => toMarkdown(pieces.join(''))) ?? '';
    expect(dangersIn(markdown.replaceAll(/\\</g, '&lt;'))).toEqual([]);
  },
);

it.each(worstPages)('a megabyte of %s is converted in proportion', async (_, pageOf) => {
  await expectLinearTime((html) => unlessTooDeep(() => toMarkdown(html)), pageOf);
});
