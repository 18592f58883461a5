import type * as HtmlParser from 'htmlparser2';
import { lazyPackage } from '../../lazy-package.js';
import { ElementDepth } from '../html/element-depth.js';
import { codeFence, destination, escaped, inlineCode, runsCode } from './markdown-text.js';
import { MarkdownWriter } from './markdown-writer.js';

const { Parser } = lazyPackage<typeof HtmlParser>('htmlparser2', (require) => require('htmlparser2'))();

type Attributes = Readonly<Record<string, string>>;

/** What programs run or show on their own, never the text of a page. */
const removed = new Set('script style noscript template iframe object'.split(' '));

const blocks = new Set(
  (
    'address article aside audio blockquote canvas center dd dir div dl dt fieldset figcaption figure footer form ' +
    'frameset header hgroup main menu nav noframes ol output p section table tbody td tfoot th thead tr ul'
  ).split(' '),
);

const lists = new Set(['ul', 'ol']);

const marks: ReadonlyMap<string, string> = new Map([
  ['b', '**'],
  ['strong', '**'],
  ['em', '*'],
  ['i', '*'],
]);

/**
 * HTML as Markdown, in linear time.
 *
 * @throws NestingError
 */
export function toMarkdown(html: string): string {
  const reader = new MarkdownReader();
  const depth = new ElementDepth();
  const parser = new Parser({
    onopentag: (name, attributes) => {
      depth.open();
      reader.open(name, attributes);
    },
    ontext: (text) => reader.text(text),
    onclosetag: (name) => {
      depth.close();
      reader.close(name);
    },
  });
  parser.end(html);
  return reader.markdown();
}

/** An element that is open, and what is to be done when it ends. */
interface Open {
  readonly name: string;
  readonly end?: (() => void) | undefined;
}

/** Hears of the elements and texts of a page, in their order. */
class MarkdownReader {
  readonly #writer = new MarkdownWriter();
  readonly #open: Open[] = [];
  /** Numbers of the next items of lists that have numbers; undefined for others. */
  readonly #numbers: (number | undefined)[] = [];
  readonly #marks = new Set<string>();
  /** A text comes in pieces. */
  #pieces: string[] = [];
  /** The element whose text is code. */
  #code: 'pre' | 'code' | undefined;
  /** Levels of elements inside of one that is left out. */
  #left = 0;
  #isInLink = false;

  open(name: string, attributes: Attributes): void {
    if (this.#left > 0 || removed.has(name)) {
      this.#left++;
      return;
    }
    if (this.#code === undefined) this.#flush();
    this.#open.push({ name, end: this.#begin(name, attributes) });
  }

  close(name: string): void {
    if (this.#left > 0) {
      this.#left--;
      return;
    }
    if (this.#code === undefined) this.#flush();
    const last = this.#open.pop();
    last?.end?.();
    if (blocks.has(name) && this.#code === undefined) this.#writer.separate(this.#gapAround(name));
  }

  text(text: string): void {
    if (this.#left === 0) this.#pieces.push(text);
  }

  markdown(): string {
    this.#flush();
    return this.#writer.toString();
  }

  /** @returns what is to be done at its end */
  #begin(name: string, attributes: Attributes): (() => void) | undefined {
    if (this.#code !== undefined) {
      if (name === 'br') this.#pieces.push('\n');
      return undefined;
    }
    if (name === 'pre') return this.#beginCode('pre');
    if (name === 'code') return this.#beginCode('code');
    if (name === 'a') return this.#beginLink(attributes);
    if (name === 'img') this.#picture(attributes);
    if (name === 'br') this.#writer.separate('break');
    if (name === 'hr') this.#writer.writeLines(['---']);
    if (name === 'li') return this.#beginItem();
    if (/^h[1-6]$/.test(name)) return this.#beginHeading(Number(name[1]));
    const mark = marks.get(name);
    if (mark !== undefined) return this.#beginMark(mark);
    if (!blocks.has(name)) return undefined;
    return this.#beginBlock(name, attributes);
  }

  #beginBlock(name: string, attributes: Attributes): (() => void) | undefined {
    this.#writer.separate(this.#gapAround(name));
    if (lists.has(name)) {
      this.#numbers.push(name === 'ol' ? firstNumber(attributes['start']) : undefined);
      return () => this.#numbers.pop();
    }
    if (name !== 'blockquote') return undefined;
    this.#writer.openContainer('> ', '> ');
    return () => this.#writer.closeContainer();
  }

  /** A list stands close to the words of the item that it is in. */
  #gapAround(name: string): 'line' | 'block' {
    return lists.has(name) && this.#open.at(-1)?.name === 'li' ? 'line' : 'block';
  }

  #beginItem(): () => void {
    const number = this.#numbers.at(-1);
    if (number !== undefined) this.#numbers[this.#numbers.length - 1] = number + 1;
    const first = number === undefined ? '-   ' : `${number}.  `;
    this.#writer.separate('line');
    this.#writer.openContainer(first, ' '.repeat(first.length));
    return () => {
      this.#writer.closeContainer();
      this.#writer.separate('line');
    };
  }

  #beginHeading(level: number): () => void {
    this.#writer.separate('block');
    this.#writer.openContainer(`${'#'.repeat(level)} `, '');
    this.#writer.openLine();
    return () => {
      this.#writer.closeLine();
      this.#writer.closeContainer();
      this.#writer.separate('block');
    };
  }

  #beginMark(mark: string): (() => void) | undefined {
    if (this.#marks.has(mark)) return undefined;
    this.#marks.add(mark);
    this.#writer.begin(mark);
    return () => {
      this.#marks.delete(mark);
      this.#writer.end(mark);
    };
  }

  #beginLink({ href = '', title }: Attributes): (() => void) | undefined {
    if (href === '' || this.#isInLink || runsCode(href)) return undefined;
    this.#isInLink = true;
    this.#writer.begin('[');
    this.#writer.openLine();
    return () => {
      this.#isInLink = false;
      this.#writer.closeLine();
      this.#writer.end(`]${destination(href, title)}`);
    };
  }

  #picture({ src = '', alt = '', title }: Attributes): void {
    const words = escaped(alt.replaceAll(/\s+/g, ' ').trim(), false);
    if (src !== '' && !runsCode(src)) this.#writer.write(`![${words}]${destination(src, title)}`);
    else if (words !== '' && src !== '') this.#writer.write(words);
  }

  #beginCode(element: 'pre' | 'code'): () => void {
    this.#code = element;
    return () => {
      const code = this.#pieces.join('');
      this.#pieces = [];
      this.#code = undefined;
      if (element === 'code') this.#writeWords(code, inlineCode);
      else if (code.trim() !== '') this.#writeLines(code);
    };
  }

  #writeLines(code: string): void {
    const fence = codeFence(code);
    const lines = code
      .replace(/^\r?\n/, '')
      .replace(/\n$/, '')
      .split('\n');
    this.#writer.writeLines([fence, ...lines, fence]);
  }

  /** Writes the words that came since the last tag. */
  #flush(): void {
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#writeWords(text, (words) => escaped(words, this.#writer.isFirst));
  }

  /** White space is one space, and stands outside of marks. */
  #writeWords(text: string, marked: (words: string) => string): void {
    const spaced = text.replaceAll(/[ \t\r\n\f]+/g, ' ');
    const words = spaced.slice(spaced.startsWith(' ') ? 1 : 0, spaced.endsWith(' ') ? -1 : undefined);
    if (spaced.startsWith(' ')) this.#writer.separate('space');
    if (words !== '') this.#writer.write(marked(words));
    if (spaced.endsWith(' ')) this.#writer.separate('space');
  }
}

function firstNumber(start: string | undefined): number {
  const number = Number(start ?? '1');
  return Number.isSafeInteger(number) && number >= 0 && number < 1_000_000 ? number : 1;
}
