import { JinjaInterpreter, newScope, type Node, type Scope, type Value } from './jinja.js';
import { type Answer, Float } from './filter-arguments.js';
import { markedOffset } from './position-map.js';
import { exactly, finite, modulo } from './python-numbers.js';
import { areEqual, textOf } from './python-values.js';
import { TemplateError } from './template-error.js';
import { applyFilter } from './template-filters.js';
import { largestText, largestValue, mostSteps } from './template-limits.js';
import { identifier, listOf, type NodeFields, fieldsOf } from './template-nodes.js';
import { type UnsetVariable, UnsetVariables } from './unset-variables.js';

/** Statements that print nothing; the library's interpreter gives null for them. */
const silent = new Set(['Set', 'Macro', 'Comment']);

const operators: Readonly<Record<string, (left: Value, right: Value) => string | boolean>> = {
  '~': (left, right) => textOf(left) + textOf(right),
  '==': areEqual,
  '!=': (left, right) => !areEqual(left, right),
};

/** Fills in a template, prints values as Jinja does, and knows how far it came. */
export class TracingInterpreter extends JinjaInterpreter {
  /** The last marker that was passed, which is where the template is when something throws. */
  lastOffset = 0;
  readonly #values = new WeakMap<object, Value>();
  readonly #unset = new UnsetVariables(this.#values);
  #steps = 0;

  get unset(): readonly UnsetVariable[] {
    return this.#unset.found;
  }

  print(program: Node, scope: Scope): string {
    this.global = scope;
    this.#unset.environment = scope.lookupVariable('env');
    this.#steps = 0;
    return String(this.run(program).value);
  }

  override evaluate(node: Node | undefined, scope: Scope): Value {
    if (++this.#steps > mostSteps) {
      throw new TemplateError(this.lastOffset, `the template takes more than ${mostSteps} steps to fill in`);
    }
    if (node === undefined) return super.evaluate(node, scope);
    const fields = fieldsOf(node);
    if (node.type === 'StringLiteral' && typeof fields['value'] === 'string') {
      this.lastOffset = markedOffset(fields['value']) ?? this.lastOffset;
    } else if (node.type === 'MemberExpression') {
      // As in Jinja, only the last step of a path may be missing: a mistyped `env` is not an unset variable.
      const name = identifier(fields['object']);
      if (name !== undefined && scope.lookupVariable(name).type === 'UndefinedValue') {
        throw new Error(`\`${name}\` is not defined`);
      }
    }
    this.#unset.excuse(node, fields);
    let value = this.#operate(node, fields, scope) ?? super.evaluate(node, scope);
    if (node.type === 'MemberExpression') this.#checkMember(fields);
    if (node.type === 'BinaryExpression') value = this.#pythonResult(fields, value);
    if (value.type === 'IntegerValue') exactly(Number(value.value));
    if (value.type === 'FloatValue') finite(Number(value.value));
    this.#values.set(node, value);
    this.#unset.note(node, fields, value, this.lastOffset);
    this.#charge(value);
    return value;
  }

  /** What is done with a value takes time in proportion to its size. */
  #charge({ value }: Value): void {
    if (typeof value !== 'string' && !Array.isArray(value)) return;
    if (value.length > largestValue) throw this.#tooLarge();
    this.#steps += Math.floor(value.length / (typeof value === 'string' ? 128 : 4));
  }

  #tooLarge(): TemplateError {
    return new TemplateError(this.lastOffset, `the template expands to more than ${largestText} characters`);
  }

  override evaluateBlock(statements: readonly Node[], scope: Scope): Value {
    let text = '';
    for (const statement of statements) {
      const value = this.evaluate(statement, scope);
      if (!silent.has(statement.type)) text += textOf(value);
      if (text.length > largestValue) throw this.#tooLarge();
    }
    return this.#valueOf(text);
  }

  override applyFilter(operand: Value, filter: Node, scope: Scope): Value {
    const fields = fieldsOf(filter);
    const name = identifier(filter) ?? identifier(fields['callee']) ?? '';
    const args = listOf(fields['args']);
    this.#unset.excuseUnused(name, operand, args);
    const [positional, named] = this.evaluateArguments(args, scope);
    const applied = applyFilter(name, operand, { positional, named });
    if (applied === undefined) return super.applyFilter(operand, filter, scope);
    // The library's own filters give nothing as a value of this kind.
    return applied.answer === undefined ? scope.lookupVariable('') : this.#valueOf(applied.answer);
  }

  /** Operators that the library takes as JavaScript does: undefined for all others. */
  #operate(node: Node, fields: NodeFields, scope: Scope): Value | undefined {
    const operate =
      node.type === 'BinaryExpression' ? operators[String(fieldsOf(fields['operator'])['value'])] : undefined;
    if (operate === undefined) return undefined;
    const left = this.evaluate(fields['left'] as Node, scope);
    const right = this.evaluate(fields['right'] as Node, scope);
    return this.#valueOf(operate(left, right));
  }

  /** The result as Python has it, where the library's operator does what JavaScript's does. */
  #pythonResult({ operator, left, right }: NodeFields, value: Value): Value {
    const [first, second] = [this.#values.get(left as Node), this.#values.get(right as Node)];
    const sign = fieldsOf(operator)['value'];
    if (first === undefined || second === undefined) return value;
    if (sign === '+' && (first.type === 'StringValue') !== (second.type === 'StringValue')) {
      throw new Error('`+` takes two strings or two numbers; use `~` to put one behind the other');
    }
    if ((sign === '/' || sign === '//' || sign === '%') && second.value === 0) throw new Error('a division by 0');
    if (sign !== '%') return value;
    const rest = modulo(Number(first.value), Number(second.value));
    return this.#valueOf(value.type === 'FloatValue' ? new Float(rest) : rest);
  }

  /** As in Jinja, what is undefined has no members; and text has no length but by the filter. */
  #checkMember({ object, property, computed }: NodeFields): void {
    const owner = this.#values.get(object as Node);
    const name = identifier(property);
    if (owner?.type === 'UndefinedValue') throw new Error('a member is asked for of something that is not defined');
    if (computed !== true && owner?.type === 'StringValue' && name === 'length') {
      throw new Error('text has no member `length`; use the filter `length`');
    }
    // JavaScript counts the halves of such a character.
    if (computed === true && owner?.type === 'StringValue' && /[\ud800-\udfff]/.test(String(owner.value))) {
      throw new Error('text with characters beyond U+FFFF has no positions here');
    }
  }

  #valueOf(answer: Answer): Value {
    if (answer instanceof Float) return literal('FloatLiteral', answer.value, this);
    if (typeof answer === 'string') return literal('StringLiteral', answer, this);
    if (isList(answer)) {
      const list = literal('ArrayLiteral', [], this);
      const items = list.value as Value[];
      for (const item of answer) items.push(typeof item.value === 'string' ? this.#valueOf(item.value) : item);
      return list;
    }
    return typeof answer === 'object' && answer !== null ? answer : newScope().set('it', answer);
  }
}

function literal(type: string, value: unknown, interpreter: TracingInterpreter): Value {
  // The library exports no classes for values; its literals make them.
  const node: Node & { value: unknown } = { type, value };
  return JinjaInterpreter.prototype.evaluate.call(interpreter, node, interpreter.global);
}

function isList(answer: unknown): answer is readonly Value[] {
  return Array.isArray(answer);
}
