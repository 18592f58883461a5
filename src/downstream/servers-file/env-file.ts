import { setOwn } from '../../json/records.js';

/** The variables of an env file, or why it has none that can be relied on, and in which line. */
export type EnvFile =
  | { readonly variables: Readonly<Record<string, string>> }
  | { readonly line: number; readonly problem: string };

/** `NAME=`, behind an `export` that shells want. */
const beginning = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/y;
const nothing = /[ \t]*(?:#.*)?$/my;

const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
  ['$', '$'],
]);

/**
 * Reads `NAME=value` lines as dotenv does: comments with `#`, single quotes for text as it stands, double quotes for text
 * with escapes, both over several lines. Where Node's own reader guesses, this one says what it does not understand. The
 * last of two values holds. Nothing is filled in.
 */
export function parseEnvFile(source: string): EnvFile {
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const refused = (offset: number, problem: string): EnvFile => ({
    line: text.slice(0, offset).split('\n').length,
    problem,
  });
  const variables: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    const empty = matchAt(nothing, text, at);
    if (empty !== undefined) {
      at += empty[0].length + 1;
      continue;
    }
    const [start = '', name] = matchAt(beginning, text, at) ?? [];
    if (name === undefined) return refused(at, 'expected `NAME=value`');
    const from = at + start.length;
    const quote = text.charAt(from);
    if (quote === '' || !'"\'`'.includes(quote)) {
      const end = endOfLine(text, from);
      setOwn(
        variables,
        name,
        text
          .slice(from, end)
          .replace(/(?:^|\s)#.*$/, '')
          .trim(),
      );
      at = end + 1;
      continue;
    }
    const end = closingQuote(text, from);
    if (end === -1) return refused(at, `expected \`${quote}\` at the end of this value`);
    const rest = matchAt(nothing, text, end + 1);
    if (rest === undefined) return refused(end, 'expected nothing behind the quote that ends this value');
    const value = text.slice(from + 1, end);
    setOwn(variables, name, quote === '"' ? unescaped(value) : value);
    at = end + 1 + rest[0].length + 1;
  }
  return { variables };
}

function matchAt(expression: RegExp, text: string, offset: number): RegExpExecArray | undefined {
  expression.lastIndex = offset;
  return expression.exec(text) ?? undefined;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** Where the quote at `start` is closed; -1 if it is not. */
function closingQuote(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let index = start + 1; index < text.length; index++) {
    if (quote === '"' && text[index] === '\\') index++;
    else if (text[index] === quote) return index;
  }
  return -1;
}

/** Backslashes before other characters are kept: paths of Windows have them. */
function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (whole, letter: string) => escapes.get(letter) ?? whole);
}
