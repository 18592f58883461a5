import type { Token } from './jinja.js';
import { TemplateError } from './template-error.js';
import { filterNames } from './template-filters.js';
import type { LocatedTokens } from './template-tokens.js';

/** Those with arguments would be asked without them. */
const tests = new Set(
  [
    'boolean',
    'callable',
    'defined',
    'even',
    'false',
    'integer',
    'iterable',
    'lower',
    'mapping',
    'none',
    'number',
  ].concat(['odd', 'sequence', 'string', 'true', 'undefined', 'upper']),
);

/** What Jinja has and this does not. Other names are variables of the template, or undefined. */
const missingFunctions = new Set(['range', 'dict', 'lipsum', 'cycler', 'joiner']);

const misleadingMethods = new Set(['capitalize', 'title']);

/** Those of text that the library calls without their arguments. */
const bareMethods = new Set(['strip', 'lstrip', 'rstrip']);

/**
 * Refuses filters, tests and functions that there are none of, also where they would not be reached: whether a file can
 * be used must not depend on what is set.
 *
 * @throws TemplateError
 */
export function checkNames({ tokens, offsets }: LocatedTokens): void {
  tokens.forEach((token, index) => {
    if (token.type !== 'Identifier') return;
    const before = tokens[index - 1];
    const refuse = (message: string): never => {
      throw new TemplateError(offsets[index] ?? 0, message);
    };
    // The library's methods of these names leave the case of the other letters, which Python's do not.
    if (before?.type === 'Dot' && misleadingMethods.has(token.value) && tokens[index + 1]?.type === 'OpenParen') {
      refuse(`the method \`${token.value}\` is not supported; use the filter \`${token.value}\``);
    }
    const [open, first] = [tokens[index + 1], tokens[index + 2]];
    if (before?.type === 'Dot' && bareMethods.has(token.value) && open?.type === 'OpenParen') {
      if (first?.type !== 'CloseParen') {
        refuse(`the method \`${token.value}\` is not supported with arguments; use the filter \`trim\``);
      }
    }
    const isFilter =
      before?.type === 'Pipe' || (isWord(before, 'filter') && tokens[index - 2]?.type === 'OpenStatement');
    if (isFilter && !filterNames.includes(token.value)) {
      refuse(`the filter \`${token.value}\` is not supported; expected one of ${filterNames.join(', ')}`);
    }
    const isTest = isWord(before, 'is')
      ? token.value !== 'not'
      : isWord(before, 'not') && isWord(tokens[index - 2], 'is');
    if (isTest && !tests.has(token.value)) {
      refuse(`the test \`${token.value}\` is not supported; expected one of ${[...tests].join(', ')}`);
    }
    const isCalled = tokens[index + 1]?.type === 'OpenParen' && before?.type !== 'Dot' && !isFilter;
    if (isCalled && missingFunctions.has(token.value)) refuse(`the function \`${token.value}\` is not supported`);
  });
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.type === 'Identifier' && token.value === word;
}
