import { messageOf } from '../../errors.js';
import { type Node, parse, type Token, tokenize } from './jinja.js';
import { markerFor } from './position-map.js';
import { TemplateError } from './template-error.js';
import { filterNames } from './template-filters.js';
import { type Segment, segmentsOf, UnclosedTag } from './template-segments.js';

/** The parser and the interpreter recurse, and what they recurse over comes from a file. */
const mostTokens = 1_000;
const deepestBrackets = 40;
const deepestBlocks = 40;
/** The tokenizer looks for what may follow white space from each character of it. */
const longestGap = 200;

/** The tokens of a template. */
export interface Placed {
  readonly tokens: Token[];
  /** For each token, where its tag or text starts in the template. */
  readonly offsets: number[];
}

/** @throws TemplateError */
export function cut(template: string): Segment[] {
  try {
    return segmentsOf(template);
  } catch (error) {
    if (error instanceof UnclosedTag) throw new TemplateError(error.offset, error.message);
    throw error;
  }
}

/** @throws TemplateError */
export function tokensOf(segments: readonly Segment[], withMarkers: boolean): Placed {
  const placed: Placed = { tokens: [], offsets: [] };
  const push = (offset: number, token: Token): void => {
    placed.tokens.push(token);
    placed.offsets.push(offset);
  };
  const mark = (kind: 'text' | 'enter' | 'leave', offset: number): void => {
    if (withMarkers) push(offset, { type: 'Text', value: markerFor(kind, offset) });
  };
  for (const { kind, offset, source } of segments) {
    if (kind === 'comment') continue;
    if (kind === 'text') {
      for (const line of source.matchAll(/[^\n]*\n|[^\n]+$/g)) {
        mark('text', offset + line.index);
        push(offset + line.index, { type: 'Text', value: line[0] });
      }
      continue;
    }
    mark(kind === 'expression' ? 'enter' : 'text', offset);
    for (const token of tagTokens(offset, source)) push(offset, token);
    if (kind === 'expression') mark('leave', offset);
  }
  return placed;
}

const gap = new RegExp(`\\s{${longestGap + 1}}`);

function tagTokens(offset: number, source: string): Token[] {
  if (gap.test(source)) {
    throw new TemplateError(offset, `expected at most ${longestGap} spaces in a row in one tag, found more`);
  }
  let tokens: Token[];
  try {
    tokens = tokenize(source);
  } catch (error) {
    throw new TemplateError(offset, `this tag cannot be read: ${messageOf(error)}`);
  }
  if (tokens.length > mostTokens) {
    throw new TemplateError(offset, `expected at most ${mostTokens} words and signs in one tag, found more`);
  }
  checkBrackets(tokens, offset);
  return tokens;
}

function checkBrackets(tokens: readonly Token[], offset: number): void {
  let depth = 0;
  for (const { type } of tokens) {
    if (type === 'OpenParen' || type === 'OpenSquareBracket' || type === 'OpenCurlyBracket') depth++;
    else if (type === 'CloseParen' || type === 'CloseSquareBracket' || type === 'CloseCurlyBracket') depth--;
    if (depth > deepestBrackets) {
      throw new TemplateError(offset, `expected at most ${deepestBrackets} brackets in one another, found more`);
    }
  }
}

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
export function checkNames({ tokens, offsets }: Placed): void {
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

/**
 * The parser knows no positions; the furthest token it asked for tells how far it came.
 *
 * @throws TemplateError
 */
export function parseAt({ tokens, offsets }: Placed): Node {
  checkBlocks({ tokens, offsets });
  let furthest = 0;
  const watched = new Proxy(tokens, {
    get(target, key, receiver) {
      const index = typeof key === 'string' ? Number(key) : Number.NaN;
      if (index > furthest) furthest = index;
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  try {
    return parse(watched);
  } catch (error) {
    const open = furthest >= tokens.length ? unclosedBlock({ tokens, offsets }) : undefined;
    if (open !== undefined) throw open;
    const offset = offsets[Math.min(furthest, offsets.length - 1)] ?? 0;
    throw new TemplateError(offset, `this tag cannot be read: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  if (error instanceof SyntaxError) return error.message;
  return /^Parser Error: (.+?)\./.exec(messageOf(error))?.[1] ?? 'it is not complete';
}

const blocks = new Set(['if', 'for', 'macro', 'call', 'filter']);

/** Each `elif` is an `if` inside the one before it. */
function checkBlocks({ tokens, offsets }: Placed): void {
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (tokens[index - 1]?.type !== 'OpenStatement') return;
    if (blocks.has(token.value)) open.push(1);
    else if (token.value === 'elif') open.push((open.pop() ?? 0) + 1);
    else if (token.value.startsWith('end')) open.pop();
    if (open.length > deepestBlocks || (open.at(-1) ?? 0) > deepestBlocks * 10) {
      const message = `expected at most ${deepestBlocks} blocks in one another, found more`;
      throw new TemplateError(offsets[index] ?? 0, message);
    }
  });
}

function unclosedBlock({ tokens, offsets }: Placed): TemplateError | undefined {
  const open: { name: string; offset: number }[] = [];
  tokens.forEach((token, index) => {
    if (tokens[index - 1]?.type !== 'OpenStatement') return;
    if (blocks.has(token.value)) open.push({ name: token.value, offset: offsets[index] ?? 0 });
    else if (token.value === `end${open.at(-1)?.name}`) open.pop();
  });
  const last = open.at(-1);
  return (
    last && new TemplateError(last.offset, `\`{% ${last.name} %}\` is never closed with \`{% end${last.name} %}\``)
  );
}
