import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  type Tags,
  visit,
} from 'yaml';
import type { Path } from './problem.js';
import type { Rendered } from './template.js';

/** Where something is in the file, and whether it came out of the template. */
export interface Place {
  readonly line?: number;
  readonly column?: number;
  readonly inserted: boolean;
}

export interface YamlProblem extends Place {
  readonly message: string;
}

/** Where the parser's own message speaks to programmers. */
const wordings = new Map([
  ['DUPLICATE_KEY', 'this key is in the map already; remove one of the two'],
  ['MULTIPLE_DOCS', 'expected one document, found a second after `---`'],
]);

const deepest = 100;
const mostAliases = 100;

// PyYAML reads neither `y` and `n` as booleans nor, here, dates, times and binary as anything but strings: a plugin's
// configuration is JSON data on every wire.
const keptTags = new Set(['bool', 'float', 'int', 'null', 'merge'].map((name) => `tag:yaml.org,2002:${name}`));
const booleans = { true: /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/, false: /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/ };

const plainFloat = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/;

function tagsOf(all: Tags): Tags {
  return all.flatMap((tag): Tags => {
    if (typeof tag === 'string' || tag.collection !== undefined) return [tag];
    if (!keptTags.has(tag.tag) && tag.tag !== 'tag:yaml.org,2002:str') return [];
    if ('format' in tag && tag.format === 'TIME') return [];
    if (tag.test === undefined) return [tag];
    // A lone dot is a path (`cwd: .`), not a number without digits.
    if (tag.tag === 'tag:yaml.org,2002:float' && tag.test.test('.')) return [{ ...tag, test: plainFloat }];
    if (tag.tag !== 'tag:yaml.org,2002:bool') return [tag];
    return [{ ...tag, test: tag.test.test('y') ? booleans.true : booleans.false }];
  });
}

/** YAML as PyYAML reads it, with the way back from data to the file its author wrote. */
export class YamlSource {
  readonly problems: readonly YamlProblem[];
  readonly #document: Document | undefined;
  readonly #lines: LineCounter;
  readonly #rendered: Rendered;

  constructor(template: string, rendered: Rendered) {
    this.#rendered = rendered;
    this.#lines = new LineCounter();
    lineStarts(template).forEach((start) => this.#lines.addNewLine(start));
    const tooDeep = deepPlace(rendered.text);
    if (tooDeep !== undefined) {
      const message = `expected at most ${deepest} levels of nesting, found more`;
      this.problems = [{ ...this.#place(tooDeep, tooDeep + 1), message }];
      return;
    }
    const document = parseDocument(rendered.text, {
      version: '1.1',
      customTags: tagsOf,
      prettyErrors: false,
      logLevel: 'error',
    });
    this.#document = document;
    this.problems = [
      ...[...document.errors, ...document.warnings].map(({ code, message, pos }) => this.#problem(code, message, pos)),
      ...this.#looseAliases(document),
    ];
  }

  #problem(code: string, message: string, pos: readonly [number, number]): YamlProblem {
    const place = this.#place(pos[0], Math.max(pos[1], pos[0] + 1));
    if (place.inserted) return { ...place, message: `this is not YAML (${code}); it comes from the template` };
    // Some messages end in a piece of the file, which may be anything.
    return { ...place, message: wordings.get(code) ?? message.replace(/ in YAML stream: ".*$/s, '') };
  }

  #looseAliases(document: Document): YamlProblem[] {
    const problems: YamlProblem[] = [];
    visit(document, {
      Alias: (_, alias) => {
        const range = rangeOf(alias);
        if (range === undefined || alias.resolve(document) !== undefined) return;
        const place = this.#place(...range);
        const name = place.inserted ? 'name' : alias.source;
        problems.push({ ...place, message: `the alias *${name} has no anchor &${name} before it` });
      },
    });
    return problems;
  }

  /** The document as data: null for an empty one. @throws Error if aliases expand to too much */
  toData(): unknown {
    try {
      return this.#document?.toJS({ maxAliasCount: mostAliases }) as unknown;
    } catch (error) {
      // An alias's name may come from the template.
      throw new Error(`aliases are used more than ${mostAliases} times over`, { cause: error });
    }
  }

  /** Where the key or the value at `path` is, or else the nearest place around it that exists. */
  locate(path: Path, at: 'key' | 'value'): Place {
    let node: unknown = this.#document?.contents;
    let place: unknown = node;
    for (const [index, segment] of path.entries()) {
      const step = this.#step(this.#resolve(node), segment);
      if (step === undefined) break;
      node = step.value;
      const last = index === path.length - 1;
      place = (last && at === 'key') || rangeOf(step.value) === undefined ? (step.key ?? step.value) : step.value;
    }
    const range = rangeOf(place) ?? [0, 0];
    const target = rangeOf(this.#resolve(place));
    const found = this.#place(range[0], range[1]);
    return target === undefined ? found : { ...found, inserted: found.inserted || this.#place(...target).inserted };
  }

  #step(node: unknown, segment: string | number): { key?: unknown; value: unknown } | undefined {
    if (isSeq(node))
      return typeof segment === 'number' && segment in node.items ? { value: node.items[segment] } : undefined;
    if (!isMap(node)) return undefined;
    const own = node.items.find((pair) => keyText(pair) === String(segment));
    if (own !== undefined) return own;
    for (const pair of node.items.filter((item) => keyText(item) === '<<')) {
      const merged = this.#resolve(pair.value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const step = this.#step(this.#resolve(source), segment);
        if (step !== undefined) return step;
      }
    }
    return undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) && this.#document !== undefined ? node.resolve(this.#document) : node;
  }

  #place(start: number, end: number): Place {
    const { positions } = this.#rendered;
    if (positions === undefined) return { inserted: true };
    const { line, col } = this.#lines.linePos(positions.templateOffset(start));
    return { line, column: Math.max(col, 1), inserted: positions.holdsInserted(start, end) };
  }
}

function keyText(pair: Pair): string | undefined {
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : undefined;
}

function rangeOf(node: unknown): [number, number] | undefined {
  const range = isNode(node) ? (node as Node).range : undefined;
  return range ? [range[0], range[1]] : undefined;
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
}

/** The composer recurses, and a stack that is used up ends the process; the parser before it does not. */
function deepPlace(text: string): number | undefined {
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)) continue;
    if (parser.stack.length > deepest) return Math.min(offset, text.length - 1);
    offset += lexeme.length;
  }
  return undefined;
}
