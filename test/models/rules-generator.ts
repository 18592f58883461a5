import * as fc from 'fast-check';
import type { ModelAgent, ModelLists, ModelRules } from './rules-model.js';

/** Few, and alike, so that rules and questions meet. */
export const serverNames = ['web', 'db', 'db_a', 'db[1]', 'toString', 'Web'] as const;
export const toolNames = [
  'get',
  'get_a',
  'get_user',
  'drop_a',
  'drop_table',
  'Get_a',
  'g',
  'get?',
  '[ab]',
  'constructor',
] as const;
export const agentNames = ['a', 'b', 'default', 'team.role'] as const;

const server = fc.constantFrom<string>(
  ...serverNames,
  ...serverNames,
  '*',
  'db_*',
  '*b',
  'd?',
  '[!d]*',
  'db[1]',
  'w[a-f]b',
  '*_*',
  'nobody',
);
const tool = fc.constantFrom<string>(
  ...toolNames,
  ...toolNames,
  '*',
  'get_*',
  '*_a',
  'drop_*',
  '*_*',
  'get_[a-u]*',
  'ge?',
  '?et*',
  '[dg]*',
  '[!d]*',
  'x',
);

function lists(serverKeys: fc.Arbitrary<string>): fc.Arbitrary<ModelLists> {
  const names = fc.array(server, { maxLength: 3 });
  const tools = fc
    .array(fc.tuple(serverKeys, fc.array(tool, { maxLength: 3 })), { maxLength: 3 })
    .map((entries): Record<string, string[]> => Object.fromEntries(entries));
  return fc.record({ servers: names, tools }, { requiredKeys: [], noNullPrototype: true });
}

/** The rules of one agent. Most may use some server, or there is nothing to decide. */
export function agentEntries(): fc.Arbitrary<ModelAgent> {
  const keys = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...serverNames) }, { weight: 1, arbitrary: server });
  const allow = lists(keys).chain((some) =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant(some) },
      { weight: 2, arbitrary: fc.constant({ ...some, servers: ['*', ...(some.servers ?? [])] }) },
      { weight: 1, arbitrary: fc.constant({ ...some, servers: [...serverNames] }) },
    ),
  );
  const deny = lists(keys).chain((some) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant(some.tools === undefined ? {} : { tools: some.tools }) },
      { weight: 1, arbitrary: fc.constant(some) },
    ),
  );
  return fc.record({ allow, deny }, { requiredKeys: [], noNullPrototype: true });
}

/** Rules files that are right. */
export function rulesFiles(): fc.Arbitrary<ModelRules> {
  const agents = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...agentNames), agentEntries()), { selector: ([name]) => name, maxLength: 3 })
    .map((entries): Record<string, ModelAgent> => Object.fromEntries(entries));
  const defaults = fc.record({ deny_on_missing_agent: fc.boolean() }, { requiredKeys: [], noNullPrototype: true });
  return fc.record({ agents, defaults }, { requiredKeys: ['agents'], noNullPrototype: true });
}

/** Something to decide; without a tool, about the server. */
export interface Question {
  readonly agent: string;
  readonly server: string;
  readonly tool: string | undefined;
}

export function questions(): fc.Arbitrary<Question> {
  return fc.record({
    agent: fc.constantFrom(...agentNames, 'nobody'),
    server: fc.constantFrom(...serverNames, 'else'),
    tool: fc.option(fc.constantFrom(...toolNames, 'else'), { nil: undefined, freq: 6 }),
  });
}
