import { messageOf } from '../../errors.js';
import { variableText } from '../environment/variable-text.js';
import { newScope, type Scope } from './jinja.js';
import { PositionMap, takeMarkers } from './position-map.js';
import { TemplateError } from './template-error.js';
import { TracingInterpreter } from './template-interpreter.js';
import { checkNames } from './template-names.js';
import { parseAt } from './template-parser.js';
import { cut, tokensOf } from './template-tokens.js';
import type { UnsetVariable } from './unset-variables.js';

export { TemplateError } from './template-error.js';

/** A template that was filled in. `positions` is missing where the output cannot be traced back. */
export interface Rendered {
  readonly text: string;
  readonly positions?: PositionMap;
  /** Variables that it puts nothing for, in the order it came to them. */
  readonly unset: readonly UnsetVariable[];
}

/**
 * Fills in a Jinja template over `env`. Unset variables become nothing; nothing is escaped.
 *
 * @throws TemplateError
 */
export function renderTemplate(template: string, env: NodeJS.ProcessEnv): Rendered {
  // Most files use no template at all, and for those nothing can go wrong here.
  if (!/\{[{%#]/.test(template)) {
    return { text: template, positions: new PositionMap([{ rendered: 0, template: 0, inserted: false }]), unset: [] };
  }
  const segments = cut(template);
  const plain = tokensOf(segments, false);
  const marked = tokensOf(segments, true);
  checkNames(plain);
  const program = parseAt(plain);
  const interpreter = new TracingInterpreter(newScope());
  const scope = scopeOver(env);
  try {
    const traced = takeMarkers(interpreter.print(parseAt(marked), scope()));
    const { unset } = interpreter;
    const text = interpreter.print(program, scope());
    // A filter over a whole block sees the markers too; then positions cannot be trusted, only the text can.
    return text === traced.text ? { ...traced, unset } : { text, unset };
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError(
      interpreter.lastOffset,
      `${withoutValues(reasonOf(error), env)}; expected a Jinja template over \`env\``,
    );
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'the template is too large or too deep to fill in';
  const message = messageOf(error);
  return message.startsWith('Cannot call something') ? 'a function or method is called that there is none of' : message;
}

function scopeOver(env: NodeJS.ProcessEnv): () => Scope {
  const values = Object.fromEntries(
    Object.entries(env).flatMap(([name, given]) => {
      const value = variableText(given);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return () => {
    const scope = newScope();
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
  const leaks = Object.values(env).some(
    (value) => typeof value === 'string' && value.length > 3 && message.includes(value),
  );
  return leaks ? 'the template fails here' : message;
}
