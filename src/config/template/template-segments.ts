/** A stretch of a template: text that is copied, or a tag with its delimiters. */
export interface Segment {
  readonly kind: 'text' | 'expression' | 'statement' | 'comment';
  /** Where it starts in the template, in UTF-16 units. */
  readonly offset: number;
  readonly source: string;
}

/** Thrown when a tag is opened and never closed. */
export class UnclosedTag extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

const closings = { '{{': '}}', '{%': '%}', '{#': '#}' } as const;
const kinds = { '{{': 'expression', '{%': 'statement', '{#': 'comment' } as const;
const rawStart = /^\{%[-+]?\s*raw\s*[-+]?%\}$/;
const rawEnd = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;

/**
 * Cuts a template into text and tags. The template engine knows no positions; with the pieces in hand each can be
 * given to it alone, so that what it refuses is found on its line.
 *
 * @throws UnclosedTag
 */
export function segmentsOf(template: string): Segment[] {
  const segments: Segment[] = [];
  let position = 0;
  let stripNext = false;

  const pushText = (start: number, end: number, stripEnd: boolean): void => {
    let from = start;
    let to = end;
    if (stripNext) while (from < to && /\s/.test(template.charAt(from))) from++;
    if (stripEnd) while (to > from && /\s/.test(template.charAt(to - 1))) to--;
    stripNext = false;
    if (to > from) segments.push({ kind: 'text', offset: from, source: template.slice(from, to) });
  };

  for (;;) {
    const start = nextTag(template, position);
    if (start === -1) break;
    const opening = template.slice(start, start + 2) as keyof typeof closings;
    const end = endOfTag(template, start, opening);
    pushText(position, start, template.charAt(start + 2) === '-');
    const source = template.slice(start, end);
    stripNext = template.charAt(end - 3) === '-';
    position = end;
    if (opening === '{%' && rawStart.test(source)) {
      rawEnd.lastIndex = end;
      const close = rawEnd.exec(template);
      if (close === null) throw new UnclosedTag(start, '`{% raw %}` is never closed with `{% endraw %}`');
      pushText(end, close.index, close[0].startsWith('{%-'));
      stripNext = close[0].endsWith('-%}');
      position = close.index + close[0].length;
    } else {
      segments.push({ kind: kinds[opening], offset: start, source });
    }
  }
  pushText(position, template.length, false);
  return segments;
}

function nextTag(template: string, from: number): number {
  for (let at = template.indexOf('{', from); at !== -1; at = template.indexOf('{', at + 1)) {
    if ('{%#'.includes(template.charAt(at + 1)) && at + 1 < template.length) return at;
  }
  return -1;
}

/** Strings may contain what looks like the end of the tag, and objects may end in `}}`. */
function endOfTag(template: string, start: number, opening: keyof typeof closings): number {
  const closing = closings[opening];
  const unclosed = (): UnclosedTag => new UnclosedTag(start, `\`${opening}\` is never closed with \`${closing}\``);
  if (opening === '{#') {
    const end = template.indexOf(closing, start + 2);
    if (end === -1) throw unclosed();
    return end + 2;
  }
  let depth = 0;
  for (let at = start + 2; at < template.length; at++) {
    const char = template.charAt(at);
    if (char === '"' || char === "'") {
      for (at++; at < template.length && template.charAt(at) !== char; at++) {
        if (template.charAt(at) === '\\') at++;
      }
    } else if (depth === 0 && template.startsWith(closing, at)) {
      return at + 2;
    } else if (char === '{') {
      depth++;
    } else if (char === '}' && depth > 0) {
      depth--;
    }
  }
  throw unclosed();
}
