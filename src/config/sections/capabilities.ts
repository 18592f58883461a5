import { z } from 'zod';
import { warningAt } from '../problem.js';
import { suggestionFor } from '../suggestion.js';
import { asList, type Written } from '../written.js';
import { text } from './field-schemas.js';
import type { RuleContext } from './rule-context.js';

/** What a plugin may be given the right to; what each opens is in `extensions/extension-table.ts`. */
export const capabilityNames = [
  'read_subject',
  'read_roles',
  'read_teams',
  'read_claims',
  'read_permissions',
  'read_agent',
  'read_headers',
  'write_headers',
  'read_labels',
  'append_labels',
  'read_delegation',
  'append_delegation',
  'read_inbound_credentials',
] as const;

export type Capability = (typeof capabilityNames)[number];

/** Words of the successor in Rust: for what is free to read here, or is not here at all. */
const successorNames: readonly string[] = [
  'read_request',
  'read_meta',
  'read_mcp',
  'read_llm',
  'read_completion',
  'read_provenance',
  'read_framework',
  'read_custom',
  'read_client',
  'read_workload',
  'read_delegated_tokens',
  'perform_http',
];

const ownNames: readonly string[] = capabilityNames;
const allNames: readonly string[] = [...ownNames, ...successorNames];

const capability = text
  .refine((word) => allNames.includes(word), {
    error: ({ input }) => {
      const meant = typeof input === 'string' ? suggestionFor(input, allNames) : undefined;
      return meant === undefined ? `one of ${ownNames.join(', ')}` : `a capability, perhaps \`${meant}\``;
    },
  })
  .meta({ enum: [...allNames] });

/** The `capabilities` of an entry. A word that nobody knows may be meant to give, or to keep back, what we cannot say. */
export const capabilityList = z.array(capability, { error: 'a list of strings' }).nullish();

export function checkCapabilities(plugin: Written, { path, report }: RuleContext): void {
  for (const [index, word] of asList(plugin['capabilities']).entries()) {
    if (typeof word !== 'string' || !successorNames.includes(word)) continue;
    const message = `has no effect; only the successor of cpex has \`${word}\``;
    report(warningAt([...path, 'capabilities', index], message, 'value'));
  }
}
