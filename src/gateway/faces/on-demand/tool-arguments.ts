import { z } from 'zod';
import { isRecord } from '../../../json/records.js';
import { CallFailure } from '../../call/call-failure.js';
import { longestName } from '../../rules/pattern.js';

const agentId = z.unknown().optional();
const name = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const tokens = z.int().nullish();

/** Names, as a list or between commas. */
const names = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((given) => {
    if (given === undefined || given === null) return undefined;
    return (typeof given === 'string' ? given.split(',') : given)
      .map((text) => text.trim())
      .filter((text) => text !== '');
  });

/** An object, or one as JSON in a text, as models send it. */
const args = z
  .unknown()
  .optional()
  .transform((given, context): Readonly<Record<string, unknown>> => {
    if (given === undefined || given === null) return {};
    const parsed = typeof given === 'string' ? parsedJson(given) : given;
    if (isRecord(parsed)) return parsed;
    context.addIssue({ code: 'custom', message: 'expected an object, or a JSON text of one' });
    return z.NEVER;
  });

export const listServersArguments = z.strictObject({
  agent_id: agentId,
  include_metadata: z
    .boolean()
    .nullish()
    .transform((flag) => flag ?? false),
});

export const getServerToolsArguments = z.strictObject({
  agent_id: agentId,
  server: name,
  names,
  // What is longer costs more time to read than an agent may take.
  pattern: z.string().max(longestName).nullish(),
  max_schema_tokens: tokens,
});

export const executeToolArguments = z.strictObject({
  agent_id: agentId,
  server: name,
  tool: name,
  args,
  timeout_ms: z.int().nullish(),
});

export const searchToolsArguments = z.strictObject({
  agent_id: agentId,
  query: name,
  limit: z
    .int()
    .min(1)
    .max(50)
    .nullish()
    .transform((limit) => limit ?? 5),
  max_schema_tokens: tokens,
});

export const getGatewayStatusArguments = z.strictObject({ agent_id: agentId });

/** @throws CallFailure INVALID_ARGUMENTS, with every problem named */
export function readArguments<Read>(tool: string, schema: z.ZodType<Read>, given: unknown): Read {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
  );
  throw new CallFailure('INVALID_ARGUMENTS', `Invalid arguments for ${tool}: ${problems.join('; ')}`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
