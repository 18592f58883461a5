import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import { pathText } from '../../config/problem.js';
import { messageOf } from '../../errors.js';
import { canonicalJson } from '../../json/canonical-json.js';
import { type Pattern, readPattern } from '../patterns/pattern.js';
import { type SchemaFault, schemaFaults, SchemaPatternError } from './schema-faults.js';

/** Why something is no JSON Schema, or one that asks for what is not here. */
export class SchemaError extends Error {
  readonly faults: readonly SchemaFault[];

  constructor(faults: readonly SchemaFault[], options?: ErrorOptions) {
    super(faults.map(faultText).join('; '), options);
    this.faults = faults;
  }
}

/** Why a value could not be checked. */
export class UncheckedError extends Error {}

/** One thing that a value should not be. */
export type SchemaProblem = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'message'>;

/** Says what is wrong with a value; nothing if it is as its schema wants it. */
export type SchemaValidator = (value: unknown) => readonly SchemaProblem[];

/** Values of all kinds in a value that is checked, and levels of them: problems are told of each, and cost memory. */
const mostValues = 100_000;
const deepest = 200;

const options: Options = {
  allErrors: true,
  // What every object inherits (`constructor`, `toString`) is no property that somebody sent.
  ownProperties: true,
  // A keyword that nobody knows would be one that nobody checks.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  logger: false,
  code: { regExp: linearPattern },
};

/**
 * Reads a schema of draft 2020-12, or of draft 7 where its `$schema` says so. References that lead out of it are refused.
 *
 * @throws SchemaError
 */
export function readSchema(schema: Readonly<Record<string, unknown>>): SchemaValidator {
  let check: ValidateFunction;
  const draft7 = typeof schema['$schema'] === 'string' && schema['$schema'].includes('draft-07');
  const ajv = draft7 ? new Ajv(options) : new Ajv2020(options);
  try {
    addFormats.default(ajv, { mode: 'fast', keywords: false });
    ajv.removeKeyword('uniqueItems');
    // The keyword of the library compares each item with each other.
    ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: hasUniqueItems });
    check = ajv.compile(schema);
  } catch (error) {
    throw new SchemaError(schemaFaults(schema, ajv, error), { cause: error });
  }
  return (value) => {
    requireCheckable(value);
    try {
      return check(value) ? [] : [...(check.errors ?? [])];
    } catch (error) {
      // A schema that refers to itself at the same place never ends.
      throw new UncheckedError(messageOf(error));
    }
  };
}

function linearPattern(source: string): { test(text: string): boolean; toString(): string } {
  const pattern = linear(source);
  // The library takes patterns for the same that are the same text.
  return { test: (text) => pattern.test(text), toString: () => source };
}
linearPattern.code = 'readPattern';

/** @throws SchemaPatternError */
function linear(source: string): Pattern {
  try {
    return readPattern(source, { meaning: 'ecmascript' });
  } catch (error) {
    throw new SchemaPatternError(source, error);
  }
}

function faultText(fault: SchemaFault): string {
  const said = 'expected' in fault ? `expected ${fault.expected}` : fault.problem;
  return fault.path.length === 0 ? said : `${pathText(fault.path)}: ${said}`;
}

function hasUniqueItems(wanted: boolean, items: readonly unknown[]): boolean {
  return !wanted || new Set(items.map((item) => canonicalJson(item))).size === items.length;
}

/** @throws UncheckedError */
function requireCheckable(value: unknown): void {
  let left = mostValues;
  const look = (part: unknown, depth: number): void => {
    if (--left < 0) throw new UncheckedError(`it has more than ${mostValues} values`);
    if (typeof part !== 'object' || part === null) return;
    if (depth >= deepest) throw new UncheckedError(`it is nested deeper than ${deepest} levels`);
    for (const inner of Array.isArray(part) ? part : Object.values(part)) look(inner, depth + 1);
  };
  look(value, 0);
}
