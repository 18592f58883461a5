import { JinjaInterpreter, JinjaScope, type Node, type Scope, type Value } from './jinja.js';
import { markedOffset } from './position-map.js';
import { areEqual, textOf } from './python-values.js';
import { TemplateError } from './template-error.js';
import { type Answer, applyFilter, Float } from './template-filters.js';

/** What a template may cost to fill in: steps of the interpreter, and characters or items of any one value. */
const mostSteps = 1_000_000;
const largestValue = 8_000_000;
const largestText = 1_048_576;

/** A variable that a template puts into the file without saying what holds where it is not set. */
export interface UnsetVariable {
  readonly name: string;
  /** It is there, and holds nothing. */
  readonly empty: boolean;
  /** Where the tag that uses it is in the template, in UTF-16 units. */
  readonly offset: number;
}

/** What writes nothing, and gives null to say so. */
const silent = new Set(['Set', 'Macro', 'Comment']);

const operators: Readonly<Record<string, (left: Value, right: Value) => string | boolean>> = {
  '~': (left, right) => textOf(left) + textOf(right),
  '==': areEqual,
  '!=': (left, right) => !areEqual(left, right),
};

type Parts = Readonly<Record<string, unknown>>;

/** Fills in a template, prints values as Jinja does, and knows how far it came. */
export class TracingInterpreter extends JinjaInterpreter {
  /** The last marker that was passed, which is where the template is when something throws. */
  lastOffset = 0;
  readonly #unset = new Map<string, UnsetVariable>();
  /** Nodes that may be unset: something holds then, or the question is whether they are. */
  readonly #excused = new WeakSet<object>();
  readonly #values = new WeakMap<Node, Value>();
  #steps = 0;

  get unset(): readonly UnsetVariable[] {
    return [...this.#unset.values()];
  }

  print(program: Node, scope: Scope): string {
    this.global = scope;
    this.#steps = 0;
    return String(this.run(program).value);
  }

  override evaluate(node: Node | undefined, scope: Scope): Value {
    if (++this.#steps > mostSteps) {
      throw new TemplateError(this.lastOffset, `the template takes more than ${mostSteps} steps to fill in`);
    }
    if (node === undefined) return super.evaluate(node, scope);
    const parts = partsOf(node);
    if (node.type === 'StringLiteral' && typeof parts['value'] === 'string') {
      this.lastOffset = markedOffset(parts['value']) ?? this.lastOffset;
    } else if (node.type === 'MemberExpression') {
      // As in Jinja, only the last step of a path may be missing: a mistyped `env` is not an unset variable.
      const name = identifier(parts['object']);
      if (name !== undefined && scope.lookupVariable(name).type === 'UndefinedValue') {
        throw new Error(`\`${name}\` is not defined`);
      }
    }
    this.#excuse(node, parts);
    const value = this.#operate(node, parts, scope) ?? super.evaluate(node, scope);
    if (node.type === 'MemberExpression') this.#checkMember(parts);
    this.#values.set(node, value);
    this.#noteUnset(node, parts, value);
    if ((typeof value.value === 'string' || Array.isArray(value.value)) && value.value.length > largestValue) {
      throw tooLarge();
    }
    return value;
  }

  override evaluateBlock(statements: readonly Node[], scope: Scope): Value {
    let text = '';
    for (const statement of statements) {
      const value = this.evaluate(statement, scope);
      if (!silent.has(statement.type)) text += textOf(value);
      if (text.length > largestValue) throw tooLarge();
    }
    return this.#valueOf(text);
  }

  override applyFilter(operand: Value, filter: Node, scope: Scope): Value {
    const parts = partsOf(filter);
    const name = identifier(filter) ?? identifier(parts['callee']) ?? '';
    const [positional, named] = this.evaluateArguments(listOf(parts['args']), scope);
    if (positional.some(({ value }) => typeof value === 'number' && Math.abs(value) > largestText)) {
      throw new Error(`an argument of \`${name}\` is too large`);
    }
    const applied = applyFilter(name, operand, { positional, named });
    if (applied === undefined) return super.applyFilter(operand, filter, scope);
    // The library's own filters give nothing as a value of this kind.
    return applied.answer === undefined ? scope.lookupVariable('') : this.#valueOf(applied.answer);
  }

  /** Operators that the library takes as JavaScript does: undefined for all others. */
  #operate(node: Node, parts: Parts, scope: Scope): Value | undefined {
    const operate =
      node.type === 'BinaryExpression' ? operators[String(partsOf(parts['operator'])['value'])] : undefined;
    if (operate === undefined) return undefined;
    const left = this.evaluate(parts['left'] as Node, scope);
    const right = this.evaluate(parts['right'] as Node, scope);
    return this.#valueOf(operate(left, right));
  }

  /** As in Jinja, what is undefined has no members; and text has no length but by the filter. */
  #checkMember({ object, property, computed }: Parts): void {
    const owner = this.#values.get(object as Node);
    const name = identifier(property);
    if (owner?.type === 'UndefinedValue') throw new Error('a member is asked for of something that is not defined');
    if (computed !== true && owner?.type === 'StringValue' && name === 'length') {
      throw new Error('text has no member `length`; use the filter `length`');
    }
  }

  #valueOf(answer: Answer): Value {
    if (answer instanceof Float) return literal('FloatLiteral', answer.value, this);
    if (typeof answer === 'string') return literal('StringLiteral', answer, this);
    if (isList(answer)) {
      const list = literal('ArrayLiteral', [], this);
      (list.value as Value[]).push(
        ...answer.map((item) => (typeof item.value === 'string' ? this.#valueOf(item.value) : item)),
      );
      return list;
    }
    return typeof answer === 'object' && answer !== null ? answer : new JinjaScope().set('it', answer);
  }

  /** Marks the parts of a node that may be unset. */
  #excuse(node: Node, parts: Parts): void {
    const excuse = (part: unknown): void => {
      if (typeof part === 'object' && part !== null) this.#excused.add(part);
    };
    switch (node.type) {
      case 'FilterExpression': {
        const filter = identifier(parts['filter']) ?? identifier(partsOf(parts['filter'])['callee']);
        if (filter === 'default' || filter === 'd' || this.#excused.has(node)) excuse(parts['operand']);
        return;
      }
      case 'TestExpression':
        return excuse(parts['operand']);
      case 'If':
        return excuse(parts['test']);
      case 'Ternary':
      case 'SelectExpression':
        excuse(parts['condition'] ?? parts['test']);
        if (!this.#excused.has(node)) return;
        excuse(parts['trueExpr'] ?? parts['lhs']);
        return excuse(parts['falseExpr']);
      case 'BinaryExpression': {
        const operator = partsOf(parts['operator'])['value'];
        // `a or b` says what holds where `a` is not set.
        if (operator === 'or' || this.#excused.has(node)) excuse(parts['left']);
        if (this.#excused.has(node)) excuse(parts['right']);
        return;
      }
      case 'UnaryExpression':
      case 'MemberExpression':
      case 'CallExpression':
        if (this.#excused.has(node)) {
          excuse(parts['argument']);
          excuse(parts['callee']);
          if (identifier(parts['object']) === undefined) excuse(parts['object']);
          for (const argument of listOf(parts['args'])) excuse(argument);
        }
    }
  }

  /** Notes `env.X`, `env['X']` and `env.get('X')` that give nothing. */
  #noteUnset(node: Node, parts: Parts, value: Value): void {
    const empty = value.type === 'StringValue' && value.value === '';
    const missing = value.type === 'UndefinedValue' || value.type === 'NullValue';
    if ((!empty && !missing) || this.#excused.has(node)) return;
    let name: unknown;
    if (node.type === 'MemberExpression' && identifier(parts['object']) === 'env') {
      name = partsOf(parts['property'])['value'];
    } else if (node.type === 'CallExpression') {
      const callee = partsOf(parts['callee']);
      const args = listOf(parts['args']);
      const isGet = identifier(callee['object']) === 'env' && identifier(callee['property']) === 'get';
      if (isGet && args.length === 1) name = partsOf(args[0])['value'];
    }
    if (typeof name !== 'string') return;
    this.#unset.set(`${this.lastOffset} ${name}`, { name, empty, offset: this.lastOffset });
  }
}

function tooLarge(): TemplateError {
  return new TemplateError(0, `the template expands to more than ${largestText} characters`);
}

function literal(type: string, value: unknown, interpreter: TracingInterpreter): Value {
  // The library exports no classes for values; its literals make them.
  const node: Node & { value: unknown } = { type, value };
  return JinjaInterpreter.prototype.evaluate.call(interpreter, node, interpreter.global);
}

function partsOf(node: unknown): Parts {
  return typeof node === 'object' && node !== null ? (node as Parts) : {};
}

function listOf(value: unknown): Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}

function isList(answer: unknown): answer is readonly Value[] {
  return Array.isArray(answer);
}

function identifier(node: unknown): string | undefined {
  const { type, value } = partsOf(node);
  return type === 'Identifier' && typeof value === 'string' ? value : undefined;
}
