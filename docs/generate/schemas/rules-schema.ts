import { longestName } from '../../../src/gateway/rules/pattern.js';
import type { JsonSchema } from './json-schema.js';

/** Words without regard to case. */
function anyCase(words: string): string {
  return words.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Keys that hold words for people in many files, and beginnings of keys that are meant to be skipped. */
const remark = { type: ['string', 'number'] };
const remarks = anyCase('comments?|contact|description|email|name|notes?|owner|purpose|team|title|version');
const skipped = `_|//|#|\\$|${anyCase('x')}-`;

function map(properties: JsonSchema): JsonSchema {
  // A key that has a meaning is not meant to be skipped.
  const known = Object.keys(properties).filter((key) => key.startsWith('$'));
  const others = known.map((key) => `(?!\\${key}$)`).join('');
  return {
    type: 'object',
    properties,
    patternProperties: { [`^${others}(?:${skipped})`]: true, [`^(?:${remarks})$`]: remark },
    additionalProperties: false,
  };
}

const lengths = { minLength: 1, maxLength: longestName };

const patterns = {
  description: 'Names and patterns: `*`, `?`, `[seq]`, `[!seq]`.',
  type: 'array',
  items: { type: 'string', ...lengths },
};

const lists = (verb: string): JsonSchema =>
  map({
    servers: { ...patterns, description: `Servers that the agent ${verb} use, as names and patterns.` },
    tools: {
      description: `Tools that the agent ${verb} use, by the server they are on; servers are names or patterns.`,
      type: 'object',
      propertyNames: lengths,
      additionalProperties: patterns,
    },
  });

/** The schema of a rules file, as strict as `--strict`. `gateway/rules/rules-file.ts` reads it without one. */
export function rulesSchema(): JsonSchema {
  return map({
    $schema: { type: 'string' },
    agents: {
      description: 'The rules of each agent, by its name.',
      type: 'object',
      propertyNames: { pattern: '^[\\w.-]+$' },
      additionalProperties: map({ allow: lists('may'), deny: lists('may not') }),
    },
    defaults: map({
      deny_on_missing_agent: {
        description: 'Whether a call without an agent is denied. Without it, the rules of the agent `default` hold.',
        type: 'boolean',
        default: true,
      },
    }),
  });
}
