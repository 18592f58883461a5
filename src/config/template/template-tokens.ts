import { messageOf } from '../../errors.js';
import { type Token, tokenize } from './jinja.js';
import { markerFor } from './position-map.js';
import { TemplateError } from './template-error.js';
import { type Segment, segmentsOf, UnclosedTag } from './template-segments.js';

/** The parser and the interpreter recurse, and what they recurse over comes from a file. */
const mostTokens = 1_000;
const deepestBrackets = 40;
/** The tokenizer looks for what may follow white space from each character of it. */
const longestGap = 200;

/** The tokens of a template. */
export interface LocatedTokens {
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
export function tokensOf(segments: readonly Segment[], withMarkers: boolean): LocatedTokens {
  const located: LocatedTokens = { tokens: [], offsets: [] };
  const push = (offset: number, token: Token): void => {
    located.tokens.push(token);
    located.offsets.push(offset);
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
  return located;
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
