import type { z } from 'zod';
import type { EnvironmentReader } from './environment-reader.js';

/** A variable of the environment, declared once: how it is read, and the name that a misspelt one is compared with. */
export interface Variable<Value> {
  /** Without `PLUGINS_`. */
  readonly name: string;
  /** Undefined where it is not set, or wrong: the reader keeps what is wrong. */
  read(reader: EnvironmentReader): Value | undefined;
}

/** The variables of one section. */
export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** Ways to read a variable, each as the method of that name of {@link EnvironmentReader}. */
export const variable = {
  text: (name: string): Variable<string> => ({ name, read: (reader) => reader.text(name) }),
  list: (name: string): Variable<string[]> => ({ name, read: (reader) => reader.list(name) }),
  flag: (name: string): Variable<boolean> => ({ name, read: (reader) => reader.flag(name) }),
  file: (name: string): Variable<string> => ({ name, read: (reader) => reader.file(name) }),
  number: (name: string, schema: z.ZodType<number>): Variable<number> => ({
    name,
    read: (reader) => reader.number(name, schema),
  }),
  milliseconds: (name: string, rule?: 'positive' | 'any'): Variable<number> => ({
    name,
    read: (reader) => reader.milliseconds(name, rule),
  }),
  word: <const Words extends readonly [string, ...string[]]>(name: string, words: Words): Variable<Words[number]> => ({
    name,
    read: (reader) => reader.word(name, ...words),
  }),
};
