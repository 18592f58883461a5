import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readRules } from '../../../src/gateway/rules/read-rules.js';
import type { RuleDecision, Rules } from '../../../src/gateway/rules/rules.js';
import {
  agentEntries,
  type Question,
  questions,
  rulesFiles,
  serverNames,
  toolNames,
} from '../../models/rules-generator.js';
import { type ModelAgent, type ModelRules, mayUse } from '../../models/rules-model.js';

const ask = (rules: Rules, { agent, server, tool }: Question): RuleDecision =>
  tool === undefined ? rules.server(agent, server) : rules.tool(agent, server, tool);
const decide = (file: ModelRules, question: Question): RuleDecision => ask(readRules(file).rules, question);
const many = fc.array(questions(), { minLength: 1, maxLength: 12 });

describe('decisions on any rules', () => {
  test.prop([rulesFiles(), many], { numRuns: 2_000 })('are those of the plain model', (file, asked) => {
    const { rules } = readRules(file);
    for (const question of asked) {
      const { agent, server, tool } = question;
      expect(ask(rules, question).allowed).toBe(mayUse(file, agent, server, tool));
      expect(ask(rules, question)).toEqual(decide(file, question));
    }
  });

  test.prop([rulesFiles(), questions()], { numRuns: 1_000 })(
    'allow a tool only of a server that is allowed',
    (file, question) => {
      const { rules } = readRules(file);
      const { agent, server } = question;
      if (!rules.server(agent, server).allowed) {
        for (const tool of toolNames) expect(rules.tool(agent, server, tool)).toEqual(rules.server(agent, server));
      }
    },
  );

  test.prop([rulesFiles(), questions()], { numRuns: 1_000 })(
    'are turned by taking away the rule that is told',
    (file, question) => {
      const before = decide(file, question);
      fc.pre(before.rule !== undefined);
      const after = decide(without(file, before.rule ?? ''), question);
      // Another rule may say the same; the one that is told never decides twice.
      expect(after).not.toEqual(before);
      const paths = [...walk(file)].map(([path]) => path);
      expect(paths).toContain(before.rule);
    },
  );

  test.prop([rulesFiles(), questions()], { numRuns: 1_000 })(
    'only ever take away when a rule that denies is added',
    (file, question) => {
      const { agent } = question;
      const entry = file.agents?.[agent];
      fc.pre(entry !== undefined);
      const denied = { ...entry?.deny, servers: [...(entry?.deny?.servers ?? []), question.server] };
      const file2 = { ...file, agents: { ...file.agents, [agent]: { ...entry, deny: denied } } };
      expect(decide(file2, question)).toMatchObject({
        allowed: false,
        rule: expect.stringContaining('.deny.servers['),
      });
    },
  );

  test.prop([rulesFiles(), questions()], { numRuns: 1_000 })(
    'do not depend on the order of rules',
    (file, question) => {
      expect(decide(turned(file), question).allowed).toBe(decide(file, question).allowed);
    },
  );

  test.prop([agentEntries()], { numRuns: 300 })('say whose rule it was, where it stands, and why', (entry) => {
    const { rules } = readRules({ agents: { 'team.role': entry } });
    for (const server of serverNames) {
      for (const tool of toolNames) {
        const { allowed, rule, reason } = rules.tool('team.role', server, tool);
        expect(reason).toContain('"team.role"');
        if (allowed) expect(rule).toMatch(/^agents\["team\.role"\]\.allow\./);
        else if (rule !== undefined) expect(rule).toMatch(/^agents\["team\.role"\]\.deny\./);
        else expect(reason).toMatch(/do not allow|allow other/);
      }
    }
  });
});

describe('what rules of one agent decide', () => {
  const decided = (entry: ModelAgent, server: string, tool?: string): [boolean, string | undefined] => {
    const { allowed, rule } = decide({ agents: { a: entry } }, { agent: 'a', server, tool });
    return [allowed, rule];
  };

  it.each<[string, ModelAgent, string, string | undefined, boolean, string | undefined]>([
    ['all', { allow: { servers: ['*'] } }, 'p', 'x', true, 'agents.a.allow.servers[0]'],
    [
      'all but one',
      { allow: { servers: ['*'] }, deny: { servers: ['web'] } },
      'web',
      undefined,
      false,
      'agents.a.deny.servers[0]',
    ],
    [
      'some tools, named',
      { allow: { servers: ['p'], tools: { p: ['get_*', 'pid'] } } },
      'p',
      'pid',
      true,
      'agents.a.allow.tools.p[1]',
    ],
    [
      'some tools, others',
      { allow: { servers: ['p'], tools: { p: ['get_*', 'pid'] } } },
      'p',
      'drop',
      false,
      undefined,
    ],
    [
      'all tools but some',
      { allow: { servers: ['p'] }, deny: { tools: { p: ['drop_*'] } } },
      'p',
      'drop_x',
      false,
      'agents.a.deny.tools.p[0]',
    ],
    [
      'all tools but some, others',
      { allow: { servers: ['p'] }, deny: { tools: { p: ['drop_*'] } } },
      'p',
      'get',
      true,
      'agents.a.allow.servers[0]',
    ],
    [
      'denied by pattern, allowed by name',
      { allow: { servers: ['p'], tools: { p: ['drop_table'] } }, deny: { tools: { p: ['drop_*'] } } },
      'p',
      'drop_table',
      false,
      'agents.a.deny.tools.p[0]',
    ],
    [
      'by name before by pattern',
      { allow: { servers: ['p'] }, deny: { tools: { p: ['d*', 'drop'] } } },
      'p',
      'drop',
      false,
      'agents.a.deny.tools.p[1]',
    ],
    ['an empty list', { allow: { servers: ['p'], tools: { p: [] } } }, 'p', 'x', true, 'agents.a.allow.servers[0]'],
    [
      'tools of all servers denied',
      { allow: { servers: ['p'] }, deny: { tools: { '*': ['drop_*'] } } },
      'p',
      'drop_x',
      false,
      'agents.a.deny.tools["*"][0]',
    ],
    [
      'tools of all servers added',
      { allow: { servers: ['p'], tools: { p: ['x'], '*': ['get_*'] } } },
      'p',
      'get_a',
      true,
      'agents.a.allow.tools["*"][0]',
    ],
    [
      'tools of all servers, own stay',
      { allow: { servers: ['p'], tools: { '*': ['*'], p: ['x'] } } },
      'p',
      'x',
      true,
      'agents.a.allow.tools.p[0]',
    ],
    [
      'tools of all servers, empty own',
      { allow: { servers: ['p'], tools: { '*': ['get_*'], p: [] } } },
      'p',
      'x',
      false,
      undefined,
    ],
    ['a pattern of servers', { allow: { servers: ['prob?'] } }, 'probe', 'x', true, 'agents.a.allow.servers[0]'],
    ['a set of servers', { allow: { servers: ['[ep]robe'] } }, 'probe', undefined, true, 'agents.a.allow.servers[0]'],
    [
      'a pattern of one character',
      { allow: { servers: ['p'], tools: { p: ['get_use?'] } } },
      'p',
      'get_user',
      true,
      'agents.a.allow.tools.p[0]',
    ],
    [
      'a name that is a pattern',
      { allow: { servers: ['p'] }, deny: { tools: { p: ['[ab]'] } } },
      'p',
      '[ab]',
      false,
      'agents.a.deny.tools.p[0]',
    ],
    ['only tools', { allow: { tools: { p: ['*'] } } }, 'p', 'x', false, undefined],
    ['nothing', {}, 'p', undefined, false, undefined],
    [
      'denied everywhere',
      { allow: { servers: ['p'] }, deny: { servers: ['*'] } },
      'p',
      'x',
      false,
      'agents.a.deny.servers[0]',
    ],
    ['twice', { allow: { servers: ['p', 'p'] } }, 'p', undefined, true, 'agents.a.allow.servers[0]'],
    ['another case', { allow: { servers: ['P'] } }, 'p', undefined, false, undefined],
  ])('%s', (_, entry, server, tool, allowed, rule) => {
    expect(decided(entry, server, tool)).toEqual([allowed, rule]);
  });

  it('nothing, for an agent that is not in them, whatever is said of missing ones', () => {
    for (const deny_on_missing_agent of [true, false]) {
      const { rules } = readRules({
        agents: { a: { allow: { servers: ['*'] } } },
        defaults: { deny_on_missing_agent },
      });
      const refusal = { allowed: false, rule: undefined, reason: 'agent "nobody" is not in the rules' };
      expect(rules.server('nobody', 'p')).toEqual(refusal);
      expect(rules.tool('nobody', 'p', 'x')).toEqual(refusal);
      expect(rules.tool('constructor', 'p', 'x').allowed).toBe(false);
    }
  });

  it('nothing about names that are longer than any has to be', () => {
    const { rules } = readRules({ agents: { a: { allow: { servers: ['*'] }, deny: { tools: { '*': ['*z'] } } } } });
    expect(rules.tool('a', 'p', 'x'.repeat(1_024)).allowed).toBe(true);
    expect(rules.tool('a', 'p', 'x'.repeat(1_025)).allowed).toBe(false);
    expect(rules.server('a', 'x'.repeat(1_025)).allowed).toBe(false);
  });

  it('reasons of one line, however long and odd the names are', () => {
    const { rules } = readRules({ agents: { a: { allow: { servers: ['p'] } } } });
    const { reason } = rules.tool('a', `\n\u0007${'x'.repeat(10_000)}`, 'y');
    expect(reason.length).toBeLessThan(300);
    expect(rules.tool('a', '\n', 'y').reason).toBe('the rules of agent "a" do not allow server "\\n"');
  });

  it('the same after more names than are kept', () => {
    const { rules } = readRules({ agents: { a: { allow: { servers: ['*'] }, deny: { tools: { '*': ['*7'] } } } } });
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 10_000; i++) {
        expect(rules.tool('a', `s${i % 50}`, `t${i}`).allowed).toBe(i % 10 !== 7);
      }
    }
  });
});

it('decisions are kept, and not for ever', () => {
  const { rules } = readRules({ agents: { a: { allow: { servers: ['*'] } } } });
  const kept = rules.tool('a', 'p', 'x');
  expect(rules.tool('a', 'p', 'x')).toBe(kept);
  for (let i = 0; i < 5_000; i++) rules.tool('a', 'p', `x${i}`);
  expect(rules.tool('a', 'p', 'x')).not.toBe(kept);
  const server = rules.server('a', 'p');
  for (let i = 0; i < 5_000; i++) rules.server('a', `p${i}`);
  expect(rules.server('a', 'p')).not.toBe(server);
});

/** Every rule with its path. */
function* walk({ agents = {} }: ModelRules): Generator<[string, string]> {
  const plain = (key: string): string => (/^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
  for (const [name, agent] of Object.entries(agents)) {
    for (const kind of ['allow', 'deny'] as const) {
      const { servers = [], tools = {} } = agent[kind] ?? {};
      for (const [index, text] of servers.entries()) yield [`agents${plain(name)}.${kind}.servers[${index}]`, text];
      for (const [server, list] of Object.entries(tools)) {
        for (const [index, text] of list.entries())
          yield [`agents${plain(name)}.${kind}.tools${plain(server)}[${index}]`, text];
      }
    }
  }
}

/** Puts lists through a change; names stay. */
function changed(
  file: ModelRules,
  change: (list: readonly string[], path: string) => string[],
  order: <Item>(items: Item[]) => Item[] = (items) => items,
): ModelRules {
  const plain = (key: string): string => (/^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
  const agents = Object.entries(file.agents ?? {}).map(([name, agent]): [string, ModelAgent] => [
    name,
    Object.fromEntries(
      (['allow', 'deny'] as const).map((kind) => {
        const at = `agents${plain(name)}.${kind}`;
        const { servers = [], tools = {} } = agent[kind] ?? {};
        const changedTools = Object.entries(tools).map(([server, list]): [string, string[]] => [
          server,
          change(list, `${at}.tools${plain(server)}`),
        ]);
        return [kind, { servers: change(servers, `${at}.servers`), tools: Object.fromEntries(order(changedTools)) }];
      }),
    ),
  ]);
  return { ...file, agents: Object.fromEntries(order(agents)) };
}

function without(file: ModelRules, rule: string): ModelRules {
  // The others keep their places.
  return changed(file, (list, path) => list.map((text, index) => (`${path}[${index}]` === rule ? 'no name' : text)));
}

function turned(file: ModelRules): ModelRules {
  return changed(
    file,
    (list) => list.toReversed(),
    (items) => items.toReversed(),
  );
}

it('no decision is kept on a name that is too long, however often it is asked for', () => {
  const { rules } = readRules({ agents: { a: { allow: { servers: ['*'] } } } });
  for (const name of ['x'.repeat(1025), 'x'.repeat(100_000)]) {
    expect(rules.tool('a', 'p', name)).toMatchObject({ allowed: false });
    expect(rules.tool('a', 'p', name)).not.toBe(rules.tool('a', 'p', name));
    expect(rules.server('a', name)).not.toBe(rules.server('a', name));
  }
});
