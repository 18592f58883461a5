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

export interface Scope {
  set(name: string, value: unknown): unknown;
  lookupVariable(name: string): Node;
}

interface Evaluator {
  global: Scope;
  run(program: Node): { readonly value: unknown };
  evaluate(node: Node | undefined, scope: Scope): Node;
}

export const tokenize: (source: string) => Token[] = jinja.tokenize;
export const parse: (tokens: Token[]) => Node = jinja.parse;
export const JinjaScope: new () => Scope = jinja.Environment;
export const JinjaInterpreter: new (scope: Scope) => Evaluator = jinja.Interpreter;
