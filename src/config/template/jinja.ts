import * as jinja from '@huggingface/jinja';

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

export const tokenize: (source: string) => Token[] = jinja.tokenize;
export const parse: (tokens: Token[]) => Node = jinja.parse;
export const JinjaScope: new () => Scope = jinja.Environment;
export const JinjaInterpreter: new (scope: Scope) => Evaluator = jinja.Interpreter;
