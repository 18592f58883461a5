import { messageOf } from '../errors.js';
import { JinjaInterpreter, JinjaScope, type Node, parse, type Scope, type Token, tokenize } from './jinja.js';
import { markedOffset, markerFor, PositionMap, takeMarkers } from './position-map.js';
import { type Segment, segmentsOf, UnclosedTag } from './template-segments.js';

/** A template that was filled in. `positions` is missing where the output cannot be traced back. */
export interface Rendered {
  readonly text: string;
  readonly positions?: PositionMap;
}

/** Thrown when a template cannot be read or filled in. `message` holds no value of the environment. */
export class TemplateError extends Error {
  constructor(
    /** Where in the template, in UTF-16 units. */
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Fills in a Jinja template over `env`. Unset variables become nothing; nothing is escaped.
 *
 * @throws TemplateError
 */
export function renderTemplate(template: string, env: NodeJS.ProcessEnv): Rendered {
  // Most files use no template at all, and for those nothing can go wrong here.
  if (!/\{[{%#]/.test(template)) {
    return { text: template, positions: new PositionMap([{ rendered: 0, template: 0, inserted: false }]) };
  }
  const segments = cut(template);
  const plain = tokensOf(segments, false);
  const marked = tokensOf(segments, true);
  const program = parseAt(plain);
  const interpreter = new TracingInterpreter(new JinjaScope());
  const scope = scopeOver(env);
  try {
    const traced = takeMarkers(interpreter.print(parseAt(marked), scope()));
    const text = interpreter.print(program, scope());
    // A filter over a whole block sees the markers too; then positions cannot be trusted, only the text can.
    return text === traced.text ? traced : { text };
  } catch (error) {
    throw new TemplateError(
      interpreter.lastOffset,
      `${withoutValues(messageOf(error), env)}; expected a Jinja template over \`env\``,
    );
  }
}

function cut(template: string): Segment[] {
  try {
    return segmentsOf(template);
  } catch (error) {
    if (error instanceof UnclosedTag) throw new TemplateError(error.offset, error.message);
    throw error;
  }
}

interface Placed {
  readonly tokens: Token[];
  /** For each token, where its tag or text starts in the template. */
  readonly offsets: number[];
}

function tokensOf(segments: readonly Segment[], withMarkers: boolean): Placed {
  const placed: Placed = { tokens: [], offsets: [] };
  const push = (offset: number, ...tokens: Token[]): void => {
    for (const token of tokens) {
      placed.tokens.push(token);
      placed.offsets.push(offset);
    }
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
    push(offset, ...tagTokens(offset, source));
    if (kind === 'expression') mark('leave', offset);
  }
  return placed;
}

function tagTokens(offset: number, source: string): Token[] {
  try {
    return tokenize(source);
  } catch (error) {
    throw new TemplateError(offset, `this tag cannot be read: ${messageOf(error)}`);
  }
}

/** The parser knows no positions; the furthest token it asked for tells how far it came. */
function parseAt({ tokens, offsets }: Placed): Node {
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
    const said = error instanceof SyntaxError ? error.message : /^Parser Error: (.+?)\./.exec(messageOf(error))?.[1];
    const reason = said ?? 'it is not complete';
    throw new TemplateError(offset, `this tag cannot be read: ${reason}`);
  }
}

const blocks = new Set(['if', 'for', 'macro', 'call', 'filter']);

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

/** Remembers the last marker it passed, which is where the template is when something throws. */
class TracingInterpreter extends JinjaInterpreter {
  lastOffset = 0;

  print(program: Node, scope: Scope): string {
    this.global = scope;
    return String(this.run(program).value);
  }

  override evaluate(node: Node | undefined, scope: Scope): Node {
    if (node?.type === 'StringLiteral' && 'value' in node && typeof node.value === 'string') {
      this.lastOffset = markedOffset(node.value) ?? this.lastOffset;
    } else if (node?.type === 'MemberExpression' && 'object' in node) {
      // As in Jinja, only the last step of a path may be missing: a mistyped `env` is not an unset variable.
      const name = identifier(node.object);
      if (name !== undefined && scope.lookupVariable(name).type === 'UndefinedValue') {
        throw new Error(`\`${name}\` is not defined`);
      }
    }
    return super.evaluate(node, scope);
  }
}

function identifier(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !('type' in node) || !('value' in node)) return undefined;
  return node.type === 'Identifier' && typeof node.value === 'string' ? node.value : undefined;
}

function scopeOver(env: NodeJS.ProcessEnv): () => Scope {
  const values = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  return () => {
    const scope = new JinjaScope();
    scope.set('env', values);
    for (const [name, value] of [
      ['true', true],
      ['false', false],
      ['none', null],
    ] as const) {
      scope.set(name, value);
      scope.set(name.charAt(0).toUpperCase() + name.slice(1), value);
    }
    return scope;
  };
}

function withoutValues(message: string, env: NodeJS.ProcessEnv): string {
  const leaks = Object.values(env).some((value) => value !== undefined && value.length > 3 && message.includes(value));
  return leaks ? 'the template fails here' : message;
}
