import { lazyPackage } from '../../lazy-package.js';

// The package's declarations import without file extensions, which Node's resolution does not follow, so everything in
// them is untyped. This is the part used here, by its names.

export interface Token {
  readonly type: string;
  readonly value: string;
}

export interface Node {
  readonly type: string;
}

/** A value while a template is filled in: `StringValue` with a string, `ArrayValue` with a list of values, … */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

export interface Scope {
  readonly tests: ReadonlyMap<string, unknown>;
  set(name: string, value: unknown): Value;
  lookupVariable(name: string): Value;
}

interface Evaluator {
  global: Scope;
  run(program: Node): Value;
  evaluate(node: Node | undefined, scope: Scope): Value;
  evaluateBlock(statements: readonly Node[], scope: Scope): Value;
  evaluateArguments(args: readonly Node[], scope: Scope): [Value[], Map<string, Value>];
  applyFilter(operand: Value, filter: Node, scope: Scope): Value;
}

interface Library {
  tokenize(source: string): Token[];
  parse(tokens: Token[]): Node;
  readonly Environment: new () => Scope;
  readonly Interpreter: { new (scope: Scope): Evaluator; readonly prototype: Evaluator };
}

const library = lazyPackage<Library>('@huggingface/jinja', (require) => require('@huggingface/jinja'));

export const tokenize: Library['tokenize'] = (source) => library().tokenize(source);
export const parse: Library['parse'] = (tokens) => library().parse(tokens);
export const newScope = (): Scope => new (library().Environment)();

/**
 * The library's interpreter, for a class to extend before the library is loaded. The first that is made loads it, and is one
 * of the library's own.
 */
// oxlint-disable-next-line typescript/no-extraneous-class, typescript/no-unsafe-declaration-merging -- its methods are the library's, which its prototype gets with the first
export class JinjaInterpreter {
  constructor(scope: Scope) {
    const { Interpreter } = library();
    Object.setPrototypeOf(JinjaInterpreter.prototype, Interpreter.prototype);
    return Reflect.construct(Interpreter, [scope], new.target);
  }
}

export interface JinjaInterpreter extends Evaluator {}
