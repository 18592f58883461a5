/** A tag, as it stands in a text. */
export interface HtmlTag {
  /** In lower case. */
  readonly name: string;
  readonly isEnd: boolean;
}

/** Elements whose content is text up to their own end, whatever it looks like. */
const rawText = new Set('script style xmp iframe noembed noframes textarea title'.split(' '));

/** What can begin at a `<`: a comment, a tag with its name, or a declaration. */
const beginning = /<(?:(!--)|(\/?)([a-z][^\s/>]*)|([!?/]))/gi;

/** The tags of a text, as the standard of HTML tells them from comments, attributes and scripts. In linear time. */
export function* htmlTags(html: string): Iterable<HtmlTag> {
  let at = 0;
  for (;;) {
    beginning.lastIndex = at;
    const found = beginning.exec(html);
    if (found === null) return;
    const [whole, comment, slash, written] = found;
    at = found.index + whole.length;
    if (comment !== undefined) {
      at = commentEnd(html, at);
      continue;
    }
    if (written === undefined) {
      at = after(html, '>', at);
      continue;
    }
    const name = written.toLowerCase();
    at = tagEnd(html, at);
    yield { name, isEnd: slash === '/' };
    if (slash === '' && rawText.has(name)) at = rawTextEnd(html, name, at);
  }
}

/** Where a tag ends: at a `>` that stands in no quotes. Quotes count behind an equals sign alone. */
function tagEnd(html: string, from: number): number {
  for (let at = from; at < html.length; at++) {
    const character = html.charAt(at);
    if (character === '>') return at + 1;
    if (character !== '=') continue;
    while (/\s/.test(html.charAt(at + 1))) at++;
    const quote = html.charAt(at + 1);
    if (quote === '"' || quote === "'") at = after(html, quote, at + 2) - 1;
  }
  return html.length;
}

function commentEnd(html: string, from: number): number {
  if (html.startsWith('>', from)) return from + 1;
  if (html.startsWith('->', from)) return from + 2;
  const end = /--!?>/g;
  end.lastIndex = from;
  return end.exec(html) === null ? html.length : end.lastIndex;
}

function rawTextEnd(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

/** Behind the next place of a text; at the end where there is none. */
function after(html: string, text: string, from: number): number {
  const at = html.indexOf(text, from);
  return at === -1 ? html.length : at + text.length;
}
