import { isRecord } from '../../json/records.js';
import type { SchemaProblem } from '../schemas/schema-validator.js';

/** What one check of a call has found. */
export interface CheckFinding {
  readonly code: string;
  readonly check: string;
  readonly description: string;
  readonly explanation: string;
}

/** The checks, in the order in which they are told: the first that finds something gives a violation its code. */
const checks = [
  {
    check: 'non_existent_parameter',
    code: 'SPARC_UNKNOWN_PARAM',
    description: 'One or more parameters are not defined for the tool.',
    finds: ({ keyword }: SchemaProblem) => keyword === 'additionalProperties',
    words: ({ params }: SchemaProblem) => `Parameter '${String(params['additionalProperty'])}' not defined`,
  },
  {
    check: 'incorrect_parameter_type',
    code: 'SPARC_TYPE_ERROR',
    description: 'One or more parameters have values whose types do not match the expected types.',
    finds: ({ keyword }: SchemaProblem) => keyword === 'type',
    words: (problem: SchemaProblem) => `${placeOf(problem)}: expected ${String(problem.params['type'])}`,
  },
  {
    check: 'missing_required_parameter',
    code: 'SPARC_MISSING_REQUIRED',
    description: 'One or more required parameters are missing from the call.',
    finds: ({ keyword }: SchemaProblem) => keyword === 'required',
    words: ({ params }: SchemaProblem) => `Missing required: ${String(params['missingProperty'])}`,
  },
  {
    check: 'allowed_values_violation',
    code: 'SPARC_ENUM_VIOLATION',
    description: 'One or more parameters have values outside the allowed ones.',
    finds: ({ keyword }: SchemaProblem) => keyword === 'enum' || keyword === 'const',
    words: (problem: SchemaProblem) => `${placeOf(problem)}: not in allowed values${allowedOf(problem)}`,
  },
  {
    check: 'json_schema_validation',
    code: 'SPARC_SCHEMA_ERROR',
    description: 'The call does not conform to the schema of the tool.',
    finds: () => true,
    words: (problem: SchemaProblem) => `${placeOf(problem)}: ${problem.message ?? problem.keyword}`,
  },
] as const;

/** How many problems a check tells of. */
const mostTold = 20;

/** What is wrong with arguments, sorted by check. No argument's value is in it, because it may be a secret. */
export function findingsOf(problems: readonly SchemaProblem[]): CheckFinding[] {
  return checks.flatMap((check) => {
    const found = problems.filter((problem) => checks.find(({ finds }) => finds(problem)) === check);
    if (found.length === 0) return [];
    const told = found.slice(0, mostTold).map((problem) => check.words(problem));
    const more = found.length > mostTold ? [`and ${found.length - mostTold} more`] : [];
    const { code, check: name, description } = check;
    return [{ code, check: name, description, explanation: [...told, ...more].join('; ') }];
  });
}

/**
 * A schema that takes no parameters but those it names, at its top; a schema that says what it thinks of others, or that
 * does not name its parameters in one place, stays as it is.
 */
export function closedSchema(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const open = [
    'additionalProperties',
    'unevaluatedProperties',
    'patternProperties',
    '$ref',
    'allOf',
    'anyOf',
    'oneOf',
  ];
  if (!isRecord(schema['properties']) || open.some((key) => Object.hasOwn(schema, key))) return schema;
  return { ...schema, additionalProperties: false };
}

function placeOf({ instancePath }: SchemaProblem): string {
  return instancePath === '' ? 'arguments' : instancePath.slice(1).replaceAll('/', '.');
}

function allowedOf({ params }: SchemaProblem): string {
  const { allowedValues } = params;
  return Array.isArray(allowedValues) ? ` ${JSON.stringify(allowedValues).slice(0, 500)}` : '';
}
