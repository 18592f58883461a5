import type { Node, Value } from './jinja.js';
import { identifier, listOf, type NodeFields, fieldsOf } from './template-nodes.js';

/** A variable that a template puts into the file without saying what holds where it is not set. */
export interface UnsetVariable {
  readonly name: string;
  /** It is there, and holds nothing. */
  readonly empty: boolean;
  /** It is no variable of the environment, but a name of its own that the template does not know. */
  readonly isUnknown?: boolean;
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
  /** What was given before: a name of the template's own that holds one of these is known. */
  readonly #given = new WeakSet<Value>();

  /** @param values the value that each node had last */
  constructor(values: WeakMap<object, Value>) {
    this.#values = values;
  }

  get found(): readonly UnsetVariable[] {
    return [...this.#found.values()];
  }

  /** Before a node is filled in: marks those of its parts that may be unset. */
  excuse(node: Node, fields: NodeFields): void {
    const inherited = this.#excused.get(node);
    const excuse = (part: unknown, as = inherited ?? 'missing or empty'): void => {
      if (typeof part === 'object' && part !== null) this.#excused.set(part, as);
    };
    switch (node.type) {
      case 'FilterExpression': {
        const filter = identifier(fields['filter']) ?? identifier(fieldsOf(fields['filter'])['callee']);
        if (isDefault(filter)) excuse(fields['operand'], inherited ?? excuseOf(fieldsOf(fields['filter'])));
        else if (inherited !== undefined) excuse(fields['operand']);
        return;
      }
      case 'TestExpression':
        return excuse(fields['operand']);
      case 'If':
        return excuse(fields['test']);
      case 'Ternary':
      case 'SelectExpression':
        excuse(fields['condition'] ?? fields['test'], 'missing or empty');
        if (inherited === undefined) return;
        excuse(fields['trueExpr'] ?? fields['lhs']);
        return excuse(fields['falseExpr']);
      case 'BinaryExpression': {
        const operator = fieldsOf(fields['operator'])['value'];
        // `a or b` says what holds where `a` is not set.
        if (operator === 'or') excuse(fields['left'], 'missing or empty');
        else if (inherited !== undefined) excuse(fields['left']);
        if (inherited !== undefined) excuse(fields['right']);
        return;
      }
      case 'UnaryExpression':
      case 'MemberExpression':
      case 'CallExpression':
        if (inherited !== undefined) {
          excuse(fields['argument']);
          excuse(fields['callee']);
          if (identifier(fields['object']) === undefined) excuse(fields['object']);
          for (const argument of listOf(fields['args'])) excuse(argument);
        }
    }
  }

  /** Before the arguments of a filter are filled in: those of `default` are of no use where there is a value. */
  excuseUnused(filter: string, operand: Value, args: readonly Node[]): void {
    if (!isDefault(filter)) return;
    const isUsed = operand.type === 'UndefinedValue' || (args.length > 1 && operand.value === '');
    for (const argument of args) {
      const value = argument.type === 'KeywordArgumentExpression' ? fieldsOf(fieldsOf(argument)['value']) : argument;
      if (isUsed) this.#excused.delete(value);
      else this.#excused.set(value, 'missing or empty');
    }
  }

  /** After a node was filled in: notes `env.X`, `env['X']`, `env.get('X')` and `x` that gave nothing. */
  note(node: Node, fields: NodeFields, value: Value, offset: number): void {
    const empty = value.type === 'StringValue' && value.value === '';
    const missing = value.type === 'UndefinedValue' || value.type === 'NullValue';
    if (!empty && !missing) return;
    const isKnown = this.#given.has(value);
    this.#given.add(value);
    const excused = this.#excused.get(node);
    if (excused === 'missing or empty' || (excused === 'missing' && missing)) return;
    if (node.type === 'Identifier' && value.type === 'UndefinedValue') {
      const unknown = identifier(node) ?? '';
      if (!isKnown) this.#found.set(`${offset} ${unknown}`, { name: unknown, empty: false, isUnknown: true, offset });
      return;
    }
    const name = this.#nameIn(node, fields);
    if (name !== undefined) this.#found.set(`${offset} ${name}`, { name, empty, offset });
  }

  /** The variable that a node has asked for. */
  #nameIn(node: Node, fields: NodeFields): string | undefined {
    let name: unknown;
    if (node.type === 'MemberExpression' && this.#isEnvironment(fields['object'])) {
      name = fields['computed'] === true ? this.#valueOf(fields['property']) : identifier(fields['property']);
    } else if (node.type === 'CallExpression') {
      const callee = fieldsOf(fields['callee']);
      const [first, ...others] = listOf(fields['args']);
      const isGet = this.#isEnvironment(callee['object']) && identifier(callee['property']) === 'get';
      if (isGet && others.length === 0) name = this.#valueOf(first);
    }
    return typeof name === 'string' ? name : undefined;
  }

  #valueOf(node: unknown): unknown {
    return this.#values.get(fieldsOf(node))?.value;
  }

  #isEnvironment(node: unknown): boolean {
    return this.environment !== undefined && this.#values.get(fieldsOf(node)) === this.environment;
  }
}

function isDefault(filter: string | undefined): boolean {
  return filter === 'default' || filter === 'd';
}

/** `default('x')` is for what is not there: what is empty stays so, which is seldom meant. */
function excuseOf(filter: NodeFields): Excuse {
  const [value, ...others] = listOf(filter['args']).map(fieldsOf);
  const isText = value !== undefined && /^(?:String|Integer|Float)Literal$/.test(String(value['type']));
  return isText && value['value'] !== '' && others.length === 0 ? 'missing' : 'missing or empty';
}
