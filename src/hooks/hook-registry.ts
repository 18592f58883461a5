import { invalid } from '../config/code-options.js';
import { isSchema } from '../config/schema-check.js';
import { GatechartError } from '../errors.js';
import { describeValue } from '../json/described-value.js';
import { suggestionFor } from '../config/suggestion.js';
import { builtInHooks } from './built-in-hooks.js';
import type { HookDefinition } from './hook.js';

/** The hooks a host knows: the built-in ones and its own. */
export class HookRegistry {
  readonly #hooks = new Map<string, HookDefinition>(builtInHooks.map((hook) => [hook.name, hook as HookDefinition]));

  /** @throws GatechartError HOOK_DUPLICATE when a name is taken, CONFIG_INVALID for what is no hook */
  constructor(own: readonly HookDefinition[] = []) {
    for (const hook of own) {
      requireHook(hook);
      if (this.#hooks.has(hook.name)) {
        throw new GatechartError(
          'HOOK_DUPLICATE',
          `The hook ${hook.name} is registered already; give yours another name.`,
        );
      }
      this.#hooks.set(hook.name, hook);
    }
  }

  get(name: string): HookDefinition | undefined {
    return this.#hooks.get(name);
  }

  get names(): string[] {
    return [...this.#hooks.keys()];
  }

  /**
   * @param where begins the message, where the name stands in somebody's configuration: `Plugin deny: `
   * @throws GatechartError HOOK_UNKNOWN
   */
  require(name: string, where = ''): HookDefinition {
    const hook = this.#hooks.get(name);
    if (hook === undefined) throw unknownHook(name, where, this.names);
    return hook;
  }
}

function requireHook(hook: unknown): void {
  const { name, payload, result }: Partial<Record<'name' | 'payload' | 'result', unknown>> = Object(hook) as object;
  if (typeof name !== 'string')
    throw invalid(`a hook of the host has ${describeValue(name)} for its name, expected a string`);
  for (const [part, schema] of Object.entries({ payload, result })) {
    if (isSchema(schema) || (part === 'result' && schema === undefined)) continue;
    throw invalid(`${part} of the hook ${name} is ${describeValue(schema)}, expected a zod schema`);
  }
}

function unknownHook(name: string, where: string, known: readonly string[]): GatechartError {
  // Plain JavaScript may ask for anything.
  const meant = typeof name === 'string' ? suggestionFor(name, known) : undefined;
  const hint = meant === undefined ? '.' : `; did you mean ${meant}?`;
  return new GatechartError(
    'HOOK_UNKNOWN',
    `${where}Nobody registered a hook named ${typeof name === 'string' ? JSON.stringify(name) : describeValue(name)}${hint} Known hooks: ${known.join(', ')}.`,
    { details: { hook: typeof name === 'string' ? name : describeValue(name) } },
  );
}
