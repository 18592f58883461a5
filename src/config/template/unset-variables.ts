import type { Node, Value } from './jinja.js';
import { identifier, listOf, type Parts, partsOf } from './template-nodes.js';

/** A variable that a template puts into the file without saying what holds where it is not set. */
export interface UnsetVariable {
  readonly name: string;
  /** It is there, and holds nothing. */
  readonly empty: boolean;
  /** Where the tag that uses it is in the template, in UTF-16 units. */
  readonly offset: number;
}

/** What a variable may be without a word about it. */
type Excuse = 'missing' | 'missing or empty';

/** Watches how a template is filled in for variables that it puts nothing for. */
export class UnsetVariables {
  /** What `env` is in the template. */
  environment: Value | undefined;
  readonly #found = new Map<string, UnsetVariable>();
  /** Nodes that may be unset: something holds then, or the question is whether they are. */
  readonly #excused = new WeakMap<object, Excuse>();
  readonly #values: WeakMap<object, Value>;

  /** @param values the value that each node had last */
  constructor(values: WeakMap<object, Value>) {
    this.#values = values;
  }

  get found(): readonly UnsetVariable[] {
    return [...this.#found.values()];
  }

  /** Before a node is filled in: marks its parts that may be unset. */
  excuse(node: Node, parts: Parts): void {
    const inherited = this.#excused.get(node);
    const excuse = (part: unknown, as = inherited ?? 'missing or empty'): void => {
      if (typeof part === 'object' && part !== null) this.#excused.set(part, as);
    };
    switch (node.type) {
      case 'FilterExpression': {
        const filter = identifier(parts['filter']) ?? identifier(partsOf(parts['filter'])['callee']);
        if (isDefault(filter)) excuse(parts['operand'], inherited ?? excuseOf(partsOf(parts['filter'])));
        else if (inherited !== undefined) excuse(parts['operand']);
        return;
      }
      case 'TestExpression':
        return excuse(parts['operand']);
      case 'If':
        return excuse(parts['test']);
      case 'Ternary':
      case 'SelectExpression':
        excuse(parts['condition'] ?? parts['test'], 'missing or empty');
        if (inherited === undefined) return;
        excuse(parts['trueExpr'] ?? parts['lhs']);
        return excuse(parts['falseExpr']);
      case 'BinaryExpression': {
        const operator = partsOf(parts['operator'])['value'];
        // `a or b` says what holds where `a` is not set.
        if (operator === 'or') excuse(parts['left'], 'missing or empty');
        else if (inherited !== undefined) excuse(parts['left']);
        if (inherited !== undefined) excuse(parts['right']);
        return;
      }
      case 'UnaryExpression':
      case 'MemberExpression':
      case 'CallExpression':
        if (inherited !== undefined) {
          excuse(parts['argument']);
          excuse(parts['callee']);
          if (identifier(parts['object']) === undefined) excuse(parts['object']);
          for (const argument of listOf(parts['args'])) excuse(argument);
        }
    }
  }

  /** Before the arguments of a filter are filled in: those of `default` are of no use where there is a value. */
  excuseUnused(filter: string, operand: Value, args: readonly Node[]): void {
    if (!isDefault(filter)) return;
    const isUsed = operand.type === 'UndefinedValue' || (args.length > 1 && operand.value === '');
    for (const argument of args) {
      const value = argument.type === 'KeywordArgumentExpression' ? partsOf(partsOf(argument)['value']) : argument;
      if (isUsed) this.#excused.delete(value);
      else this.#excused.set(value, 'missing or empty');
    }
  }

  /** After a node was filled in: notes `env.X`, `env['X']` and `env.get('X')` that gave nothing. */
  note(node: Node, parts: Parts, value: Value, offset: number): void {
    const empty = value.type === 'StringValue' && value.value === '';
    const missing = value.type === 'UndefinedValue' || value.type === 'NullValue';
    if (!empty && !missing) return;
    const excused = this.#excused.get(node);
    if (excused === 'missing or empty' || (excused === 'missing' && missing)) return;
    const name = this.#nameIn(node, parts);
    if (name !== undefined) this.#found.set(`${offset} ${name}`, { name, empty, offset });
  }

  /** The variable that a node has asked for. */
  #nameIn(node: Node, parts: Parts): string | undefined {
    let name: unknown;
    if (node.type === 'MemberExpression' && this.#isEnvironment(parts['object'])) {
      name = parts['computed'] === true ? this.#valueOf(parts['property']) : identifier(parts['property']);
    } else if (node.type === 'CallExpression') {
      const callee = partsOf(parts['callee']);
      const [first, ...others] = listOf(parts['args']);
      const isGet = this.#isEnvironment(callee['object']) && identifier(callee['property']) === 'get';
      if (isGet && others.length === 0) name = this.#valueOf(first);
    }
    return typeof name === 'string' ? name : undefined;
  }

  #valueOf(node: unknown): unknown {
    return this.#values.get(partsOf(node))?.value;
  }

  #isEnvironment(node: unknown): boolean {
    return this.environment !== undefined && this.#values.get(partsOf(node)) === this.environment;
  }
}

function isDefault(filter: string | undefined): boolean {
  return filter === 'default' || filter === 'd';
}

/** `default('x')` is for what is not there: what is empty stays so, which is seldom meant. */
function excuseOf(filter: Parts): Excuse {
  const [value, ...others] = listOf(filter['args']).map(partsOf);
  const isText = value !== undefined && /^(?:String|Integer|Float)Literal$/.test(String(value['type']));
  return isText && value['value'] !== '' && others.length === 0 ? 'missing' : 'missing or empty';
}
