import type { z } from 'zod';
import { ConfigError, type ConfigIssue, countOf } from '../config-issue.js';
import { flag, oneOf, positiveSeconds, seconds } from '../sections/field-schemas.js';
import { isFile } from '../source/file-kinds.js';
import { expandHome } from '../source/path-base.js';
import { describeFound, isSecretPath } from '../problem.js';
import { resolve } from 'node:path';
import { variableText } from './variable-text.js';
import { milliseconds } from '../../time/duration.js';

const prefix = 'PLUGINS_';

/**
 * Reads `PLUGINS_*` variables and keeps what is wrong with them until `finish`, so that all of it is told at once.
 * Names are found in any case, and an empty value counts as unset, as pydantic has it. Values are shown in messages
 * only where they cannot be secrets.
 */
export class EnvironmentReader {
  readonly #values = new Map<string, string>();
  readonly #issues: ConfigIssue[] = [];

  constructor(env: NodeJS.ProcessEnv) {
    for (const [name, given] of Object.entries<unknown>(env)) {
      const upper = name.toUpperCase();
      if (!upper.startsWith(prefix) || given === undefined || given === null) continue;
      const value = variableText(given);
      if (value === undefined) {
        this.#issues.push({
          path: name,
          message: `expected text, found ${typeof given === 'object' ? 'an object' : `a ${typeof given}`}`,
          severity: 'error',
        });
      }
      if (value === undefined || value.trim() === '') continue;
      if (name === upper || !this.#values.has(upper)) this.#values.set(upper, value);
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(prefix + name);
  }

  /** Words between commas. */
  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  }

  flag(name: string): boolean | undefined {
    return this.#parse(name, flag, 'true or false');
  }

  /** @param schema what the same key of a file may be */
  number(name: string, schema: z.ZodType<number>): number | undefined {
    return this.#parse(name, schema);
  }

  /** Seconds in the variable, milliseconds out. */
  milliseconds(name: string, rule: 'positive' | 'any' = 'any'): number | undefined {
    const value = this.#parse(name, rule === 'positive' ? positiveSeconds : seconds);
    return value === undefined ? undefined : milliseconds(value);
  }

  /** One of these words, in any case; the word as it stands in the list. */
  word<const Words extends readonly [string, ...string[]]>(name: string, ...words: Words): Words[number] | undefined {
    const lower = this.text(name)?.trim().toLowerCase();
    return lower === undefined ? undefined : this.#parse(name, oneOf(...words), undefined, lower);
  }

  /** The absolute path of a file that must exist. */
  file(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const file = resolve(expandHome(value));
    if (!isFile(file)) this.refuse(name, (found) => `expected a PEM file that exists, found ${found}`);
    return file;
  }

  refuse(name: string, message: string | ((found: string) => string)): void {
    const found = describeFound(this.text(name), isSecretPath(name.split('_').map((word) => word.toLowerCase())));
    const text = typeof message === 'string' ? message : message(found);
    this.#issues.push({ path: prefix + name, message: text, severity: 'error' });
  }

  /** @throws ConfigError CONFIG_INVALID naming every variable that was read and is wrong */
  finish(): void {
    const count = this.#issues.length;
    if (count === 0) return;
    throw new ConfigError('CONFIG_INVALID', `the environment has ${countOf(count, 'error')}`, this.#issues);
  }

  #parse<T>(name: string, schema: z.ZodType<T>, expected?: string, value?: string): T | undefined {
    const text = value ?? this.text(name);
    if (text === undefined) return undefined;
    const result = schema.safeParse(text);
    if (result.success) return result.data;
    const wanted = expected ?? result.error.issues[0]?.message ?? '';
    this.refuse(name, (found) => `expected ${wanted}, found ${found}`);
    return undefined;
  }
}
