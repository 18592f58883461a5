import type { Violation } from '../../hooks/hook-result.js';
import type { Measure } from './text-limits.js';
import type { LengthSettings } from './settings.js';

/** What an answer of JSON-RPC and one of HTTP say of a result that is blocked. */
const refused = { mcpErrorCode: -32_000, httpStatusCode: 422 } as const;

/**
 * Why a text that is outside its limits is blocked.
 *
 * @param location where it stands in structured content; undefined for a text of its own
 */
export function textViolation(
  { length, tokens, outside }: Measure,
  settings: LengthSettings,
  location?: string,
): Violation {
  const { limit_mode, min_chars, max_chars, min_tokens, max_tokens, chars_per_token, strategy } = settings;
  const [at, place] = location === undefined ? ['', {}] : [` at ${location}`, { location }];
  if (outside === 'below') {
    const counts = { length, min_chars, token_count: tokens, min_tokens };
    return {
      ...refused,
      code: 'OUTPUT_LENGTH_VIOLATION',
      ...(location === undefined
        ? {
            reason: 'Output length below minimum',
            description: `Result length ${length} (tokens ${tokens}) below minimum`,
            details: { ...counts, strategy },
          }
        : {
            reason: `String length/tokens below minimum${at}`,
            description: `String length ${length} or tokens ${tokens} below minimum${at}`,
            details: { ...counts, location },
          }),
    };
  }
  if (limit_mode === 'token') {
    return {
      ...refused,
      code: 'OUTPUT_TOKEN_VIOLATION',
      reason: `${location === undefined ? 'Output estimated' : 'Estimated'} token count out of bounds${at}`,
      description: `Estimated token count ${tokens} exceeds max_tokens ${max_tokens}${at}`,
      details: { length, token_count: tokens, max_tokens, chars_per_token, strategy, ...place },
    };
  }
  const what = location === undefined ? ['Output', 'Result'] : ['String', 'String'];
  return {
    ...refused,
    code: 'OUTPUT_LENGTH_VIOLATION',
    reason: `${what[0]} length out of bounds${at}`,
    description: `${what[1]} length ${length} exceeds max_chars ${max_chars}${at}`,
    details: { length, max_chars, strategy, ...place },
  };
}

export function depthViolation(depth: number, most: number, location: string): Violation {
  return {
    ...refused,
    code: 'STRUCTURE_DEPTH_VIOLATION',
    reason: 'Recursion depth exceeds security limit',
    description: `Nesting depth ${depth} exceeds limit of ${most}`,
    details: { depth, max_depth: most, location },
  };
}

export function sizeViolation(kind: 'List' | 'Dict', size: number, most: number, location: string): Violation {
  return {
    ...refused,
    code: 'STRUCTURE_SIZE_VIOLATION',
    reason: 'Structure size exceeds security limit',
    description: `${kind} has ${size} items, exceeding limit of ${most}`,
    details: { size, max_size: most, location },
  };
}
