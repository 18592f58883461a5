import type { LineCounter } from 'yaml';
import { excerpt } from '../../json/excerpt.js';
import type { Path } from '../problem.js';
import type { Rendered } from '../template/template.js';
import { type NodeProblem, YamlData } from './yaml-data.js';
import { isNode, isSeq, yamlPackage } from './yaml-package.js';
import { scalarRefusals, pyYamlTags } from './yaml-scalars.js';

/** Where something is in the file, and whether it came out of the template. */
export interface SourcePosition {
  readonly line?: number;
  readonly column?: number;
  readonly inserted: boolean;
}

/** A variable that the template puts nothing for. */
export interface LocatedVariable extends Omit<Rendered['unset'][number], 'offset'> {
  readonly position: SourcePosition;
}

export interface YamlProblem extends SourcePosition {
  readonly message: string;
  readonly path?: Path;
}

/** Where the parser's own message speaks to programmers. */
const wordings = new Map([['MULTIPLE_DOCS', 'expected one document, found a second after `---`']]);

/** Messages that hold nothing of the file. */
const safeMessages: ReadonlySet<string> = new Set(Object.values(scalarRefusals));

/** What the name of a package with a scope needs. */
const quoteIt = 'a value that begins with @ must be quoted: write "@acme/guards#Guard", not @acme/guards#Guard';

const deepest = 100;

/** Names in a file may be of any length. */
const longestMessage = 500;

/** YAML as PyYAML reads it, with the way back from data to the file its author wrote. */
export class YamlSource {
  readonly problems: readonly YamlProblem[];
  readonly #contents: unknown;
  readonly #data: YamlData | undefined;
  readonly #lines: LineCounter;
  readonly #rendered: Rendered;

  constructor(template: string, rendered: Rendered) {
    this.#rendered = rendered;
    const { LineCounter: Lines, parseDocument } = yamlPackage();
    this.#lines = new Lines();
    lineStarts(template).forEach((start) => this.#lines.addNewLine(start));
    const tooDeep = deepPlace(rendered.text);
    if (tooDeep !== undefined) {
      const message = `expected at most ${deepest} levels of nesting, found more`;
      this.problems = [{ ...this.#position(tooDeep, tooDeep + 1), message }];
      return;
    }
    const document = parseDocument(rendered.text, {
      version: '1.1',
      customTags: pyYamlTags,
      resolveKnownTags: false,
      // Looking for each key among all before it takes the square of the time; `YamlData` looks them up.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
    this.#contents = document.contents;
    const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) =>
      this.#problem(code, message, pos),
    );
    // What could not be parsed has no data, and what follows from that is no further mistake.
    if (problems.length === 0) {
      this.#data = new YamlData(
        this.#contents,
        (node, problem) => void problems.push(this.#nodeProblem(node, problem)),
      );
    }
    this.problems = problems;
  }

  #nodeProblem(node: unknown, { message, named = message, path = [], first }: NodeProblem): YamlProblem {
    const position = this.#position(...(rangeOf(node) ?? [0, 0]));
    if (first !== undefined) {
      const { line } = this.#position(...(rangeOf(first) ?? [0, 0]));
      const where = line === undefined ? '' : `, on line ${line}`;
      // What came out of the template is not shown, keys included.
      return { ...position, path: position.inserted ? [] : path, message: `${message}${where}; remove one of the two` };
    }
    return { ...position, message: position.inserted ? message : excerpt(named, longestMessage) };
  }

  #problem(code: string, message: string, pos: readonly [number, number]): YamlProblem {
    const position = this.#position(pos[0], Math.max(pos[1], pos[0] + 1));
    if (safeMessages.has(message)) return { ...position, message };
    if (position.inserted) return { ...position, message: `this is not YAML (${code}); it comes from the template` };
    if (code === 'BAD_SCALAR_START' && /with reserved character @/.test(message))
      return { ...position, message: quoteIt };
    // Some messages end in a piece of the file, which may be anything.
    const shown = wordings.get(code) ?? message.replace(/ in YAML stream: ".*$/s, '');
    return { ...position, message: excerpt(shown, longestMessage) };
  }

  /** Variables that the template puts nothing for. */
  get unset(): LocatedVariable[] {
    return this.#rendered.unset.map(({ offset, ...variable }) => {
      const { line, col } = this.#lines.linePos(offset);
      return { ...variable, position: { line, column: Math.max(col, 1), inserted: false } };
    });
  }

  /** The document as data: null for an empty one. */
  toData(): unknown {
    return this.#data?.data ?? null;
  }

  /** Where the key or the value at `path` is, or else the nearest one around it that exists. */
  locate(path: Path, at: 'key' | 'value'): SourcePosition {
    let node: unknown = this.#contents;
    let position: unknown = node;
    for (const [index, segment] of path.entries()) {
      const step = this.#step(this.#resolve(node), segment);
      if (step === undefined) break;
      node = step.value;
      const last = index === path.length - 1;
      position = (last && at === 'key') || rangeOf(step.value) === undefined ? (step.key ?? step.value) : step.value;
    }
    const range = rangeOf(position) ?? [0, 0];
    const target = rangeOf(this.#resolve(position));
    const found = this.#position(range[0], range[1]);
    return target === undefined ? found : { ...found, inserted: found.inserted || this.#position(...target).inserted };
  }

  #step(node: unknown, segment: string | number): { key?: unknown; value: unknown } | undefined {
    if (isSeq(node))
      return typeof segment === 'number' && segment in node.items ? { value: node.items[segment] } : undefined;
    return this.#data?.pairAt(node, String(segment));
  }

  #resolve(node: unknown): unknown {
    return this.#data?.resolve(node);
  }

  #position(start: number, end: number): SourcePosition {
    const { positions } = this.#rendered;
    if (positions === undefined) return { inserted: true };
    const { line, col } = this.#lines.linePos(positions.templateOffset(start));
    return { line, column: Math.max(col, 1), inserted: positions.holdsInserted(start, end) };
  }
}

function rangeOf(node: unknown): [number, number] | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : undefined;
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
}

/** The composer recurses, and a stack that is used up ends the process; the parser before it does not. */
function deepPlace(text: string): number | undefined {
  const { Lexer, Parser } = yamlPackage();
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)) continue;
    if (parser.stack.length > deepest) return Math.min(offset, text.length - 1);
    offset += lexeme.length;
  }
  return undefined;
}
