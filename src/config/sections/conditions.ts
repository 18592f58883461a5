import { z } from 'zod';
import { mapOf, texts } from './field-schemas.js';
import { givenFields } from './given-fields.js';

/** All fields that are given must match; an absent or empty field constrains nothing. */
export interface Condition {
  readonly serverIds?: readonly string[];
  readonly tenantIds?: readonly string[];
  readonly tools?: readonly string[];
  readonly prompts?: readonly string[];
  readonly resources?: readonly string[];
  readonly agents?: readonly string[];
  /** Case-sensitive substrings, one of which the user must contain. */
  readonly userPatterns?: readonly string[];
  readonly contentTypes?: readonly string[];
}

const condition = mapOf({
  server_ids: texts,
  tenant_ids: texts,
  tools: texts,
  prompts: texts,
  resources: texts,
  agents: texts,
  user_patterns: texts,
  content_types: texts,
});

const schema = z.array(condition, { error: 'a list of maps' });

function read(conditions: z.output<typeof schema>): Condition[] {
  return conditions.map((written) =>
    givenFields({
      serverIds: written.server_ids,
      tenantIds: written.tenant_ids,
      tools: written.tools,
      prompts: written.prompts,
      resources: written.resources,
      agents: written.agents,
      userPatterns: written.user_patterns,
      contentTypes: written.content_types?.map((type) => (type.split(';')[0] ?? '').trim().toLowerCase()),
    }),
  );
}

/** An empty set constrains nothing and is served as null, as ContextForge does. */
function describe(conditions: readonly Condition[]): Record<string, unknown>[] {
  const set = (values: readonly string[] | undefined): string[] | null => (values?.length ? [...values] : null);
  return conditions.map((condition) => ({
    server_ids: set(condition.serverIds),
    tenant_ids: set(condition.tenantIds),
    tools: set(condition.tools),
    prompts: set(condition.prompts),
    resources: set(condition.resources),
    agents: set(condition.agents),
    user_patterns: condition.userPatterns ?? null,
    content_types: condition.contentTypes ?? null,
  }));
}

/** The `conditions` of an entry. */
export const conditionList = { schema, read, describe };
