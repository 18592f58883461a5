import type * as JsoncPackage from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { lazyPackage } from '../../lazy-package.js';

const parser = lazyPackage<typeof JsoncPackage>('jsonc-parser', (require) => require('jsonc-parser'));

/** Where a text is no JSON, and why. Holds nothing of the text. */
export interface JsonFault {
  readonly offset: number;
  readonly message: string;
}

const deepest = 100;

/** What the parser expected, by the names of its errors. What is not here says what is wrong by itself. */
const expectations = new Map([
  ['PropertyNameExpected', 'a key in double quotes'],
  ['ValueExpected', 'a value'],
  ['ColonExpected', '`:` after a key'],
  ['CommaExpected', '`,` between two entries'],
  ['CloseBraceExpected', '`}`'],
  ['CloseBracketExpected', '`]`'],
  ['EndOfFileExpected', 'the end of the file'],
]);

const faults = new Map([
  ['InvalidNumberFormat', 'this is not a number as JSON writes them'],
  ['UnexpectedEndOfNumber', 'this is not a number as JSON writes them'],
  ['InvalidCommentToken', 'this comment cannot be read'],
  ['UnexpectedEndOfComment', 'expected `*/` at the end of this comment, found the end of the file'],
  ['UnexpectedEndOfString', 'expected `"` at the end of this text, found the end of the line'],
  ['InvalidUnicode', 'expected four hexadecimal digits after `\\u` in this text, found something else'],
  [
    'InvalidEscapeCharacter',
    'this text has a backslash before a character that JSON does not escape; write `\\\\` for one',
  ],
  ['InvalidCharacter', 'this text has a control character in it; write it as `\\t`, `\\n` or `\\u....`'],
]);

/** The tree of a JSON text with comments and trailing commas, or its first fault: what follows is guesswork. */
export function parseJsonTree(text: string): Node | JsonFault {
  const tooDeep = deepPlace(text);
  if (tooDeep !== undefined) {
    return { offset: tooDeep, message: `expected at most ${deepest} levels of nesting, found more` };
  }
  const errors: ParseError[] = [];
  const tree = parser().parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors.toSorted((a, b) => a.offset - b.offset);
  if (first !== undefined) return { offset: first.offset, message: wordsFor(first, text) };
  return tree ?? { offset: 0, message: 'expected JSON, found nothing' };
}

function wordsFor({ error, offset }: ParseError, text: string): string {
  const name = parser().printParseErrorCode(error);
  const expected = expectations.get(name);
  if (expected !== undefined) return `expected ${expected}, found ${tokenAt(text, offset)}`;
  return faults.get(name) ?? `expected JSON, found ${tokenAt(text, offset)}`;
}

/** What begins at an offset, by its kind alone: it may be a secret. */
function tokenAt(text: string, offset: number): string {
  const character = text.charAt(offset);
  if (character === '') return 'the end of the file';
  if ('{}[],:'.includes(character)) return `\`${character}\``;
  if (character === '"') return 'text';
  if (character === "'" || character === '`') return 'text in other quotes; JSON has double quotes only';
  if (/[-+.\d]/.test(character)) return 'a number';
  return /[\p{L}_$]/u.test(character) ? 'a word without quotes' : 'a character that JSON does not have here';
}

/** The parser recurses, and a stack that is used up is no message. */
function deepPlace(text: string): number | undefined {
  const scanner = parser().createScanner(text, true);
  let depth = 0;
  let from = scanner.getPosition();
  for (scanner.scan(); scanner.getPosition() > from; scanner.scan()) {
    from = scanner.getPosition();
    const bracket = scanner.getTokenLength() === 1 ? text.charAt(scanner.getTokenOffset()) : '';
    if (bracket === '{' || bracket === '[') depth++;
    else if (bracket === '}' || bracket === ']') depth--;
    if (depth > deepest) return scanner.getTokenOffset();
  }
  return undefined;
}
