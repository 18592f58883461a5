import { messageOf } from '../../errors.js';
import { type Node, parse } from './jinja.js';
import { TemplateError } from './template-error.js';
import type { LocatedTokens } from './template-tokens.js';

/** The parser and the interpreter recurse, and what they recurse over comes from a file. */
const deepestBlocks = 40;

/**
 * The parser knows no positions; the furthest token it asked for tells how far it came.
 *
 * @throws TemplateError
 */
export function parseAt({ tokens, offsets }: LocatedTokens): Node {
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
function checkBlocks({ tokens, offsets }: LocatedTokens): void {
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

function unclosedBlock({ tokens, offsets }: LocatedTokens): TemplateError | undefined {
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
