import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, formatIssue } from '../../../src/config/config-issue.js';
import { type ReadRulesOptions, readRules } from '../../../src/gateway/rules/read-rules.js';
import { folderWith } from '../../fixtures/manager/managers.js';

/** The rules of a text, or what is wrong with it, a line for each issue. */
function read(text: string, options: ReadRulesOptions = {}): { refused: boolean; issues: string[] } {
  const file = join(folderWith({ 'r.json': text }), 'r.json');
  try {
    return { refused: false, issues: readRules(file, options).issues.map(formatIssue).map(nameOnly) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const issues = error.issues.map((issue) => `${issue.severity} ${formatIssue(issue)}`);
    return { refused: true, issues: issues.map(nameOnly) };
  }
}

const nameOnly = (line: string): string => line.replaceAll(/\S*r\.json/g, 'r.json');
const one = { allow: { servers: ['p'] } };

describe('a rules file', () => {
  it.each([
    ['nothing', '{}'],
    ['no agent', '{"agents": {}, "defaults": {}}'],
    ['comments', '{\n// who\n"agents": {"a": {"allow": {"servers": ["*"],},}}}'],
    [
      'remarks',
      '{"_comment": ["x"], "$schema": "s", "description": "d", "agents": {"a": {"description": "x", "//": 1, "allow": {"servers": ["p"], "_note": {}, "comment": "x"}}}}',
    ],
  ])('may have %s', (_, text) => {
    expect(read(text)).toEqual({ refused: false, issues: [] });
    expect(read(text, { strict: true })).toEqual({ refused: false, issues: [] });
  });

  it('is found by path, by URL, and given as data', () => {
    const file = join(folderWith({ 'r.json': JSON.stringify({ agents: { a: one } }) }), 'r.json');
    for (const source of [file, pathToFileURL(file), { agents: { a: one } }]) {
      expect(readRules(source).rules).toMatchObject({ agents: ['a'], denyOnMissingAgent: true });
    }
  });

  it('takes agents and servers by any name that JSON has', () => {
    const text =
      '{"agents": {"__proto__": {"allow": {"servers": ["__proto__"], "tools": {"__proto__": ["constructor"]}}}}}';
    const { rules } = readRules(join(folderWith({ 'r.json': text }), 'r.json'));
    expect(rules.agents).toEqual(['__proto__']);
    expect(rules.tool('__proto__', '__proto__', 'constructor').allowed).toBe(true);
    expect(rules.tool('__proto__', '__proto__', 'x').allowed).toBe(false);
    expect(rules.server('constructor', '__proto__').allowed).toBe(false);
  });

  it.each<[string, string]>([
    ['[]', 'r.json:1:1: expected an object, found an empty list'],
    ['null', 'r.json:1:1: expected an object, found null'],
    ['{"agents": null}', 'r.json:1:12 agents: expected an object, found null'],
    ['{"agents": {"a": []}}', 'r.json:1:18 agents.a: expected an object, found an empty list'],
    [
      '{"agents": {"a b": {}}}',
      'r.json:1:13 agents["a b"]: expected a name of letters, digits, `_`, `.` and `-` for an agent',
    ],
    ['{"agents": {"a": {"allow": null}}}', 'r.json:1:28 agents.a.allow: expected an object, found null'],
    [
      '{"agents": {"a": {"deny": {"servers": "web"}}}}',
      'r.json:1:39 agents.a.deny.servers: expected a list of names and patterns, found the string "web"',
    ],
    [
      '{"agents": {"a": {"deny": {"servers": ["x", 1]}}}}',
      'r.json:1:45 agents.a.deny.servers[1]: expected a name or a pattern, found the number 1',
    ],
    [
      '{"agents": {"a": {"deny": {"tools": ["x"]}}}}',
      'r.json:1:37 agents.a.deny.tools: expected an object, found a list',
    ],
    [
      '{"agents": {"a": {"deny": {"tools": {"p": null}}}}}',
      'r.json:1:43 agents.a.deny.tools.p: expected a list of names and patterns, found null',
    ],
    [
      '{"agents": {"a": {"deny": {"tools": {"p": [""]}}}}}',
      'r.json:1:44 agents.a.deny.tools.p[0]: expected a name or a pattern, found an empty string',
    ],
    [
      '{"agents": {"a": {"deny": {"tools": {"p": ["[z-a]"]}}}}}',
      'r.json:1:44 agents.a.deny.tools.p[0]: a range like `[a-z]` ends before it begins, and nothing is in it',
    ],
    [
      '{"defaults": {"deny_on_missing_agent": "false"}}',
      'r.json:1:40 defaults.deny_on_missing_agent: expected true or false, found the string "false"',
    ],
    ['{"defaults": []}', 'r.json:1:14 defaults: expected an object, found an empty list'],
    ['{"deny": {"servers": ["*"]}}', 'r.json:1:2 deny: unknown key; expected one of agents, defaults'],
    [
      '{"defaults": {"denied": ["x"]}}',
      'r.json:1:15 defaults.denied: unknown key; expected one of deny_on_missing_agent',
    ],
  ])('%s is refused', (text, issue) => {
    expect(read(text)).toEqual({ refused: true, issues: [`error ${issue}`] });
  });

  it('tells all that is wrong at once, in the order of the file', () => {
    const text = '{"defaults": 1,\n "agents": {"a": {"deny": 2},\n "b": {"deny": {"servers": ["x", 3]}}}}';
    expect(read(text).issues.map((issue) => issue.split(' ')[1])).toEqual([
      'r.json:1:14',
      'r.json:2:27',
      'r.json:3:34',
    ]);
  });

  it('that says a key twice is refused: one of the two would be lost', () => {
    const text = '{"agents": {"a": {"allow": {"servers": ["*"]}, "deny": {"servers": ["x"]}, "deny": {}}}}';
    expect(read(text).refused).toBe(true);
  });

  it('that is not there is told by its name', () => {
    expect(() => readRules('/nowhere/r.json')).toThrow('/nowhere/r.json cannot be read: there is no such file');
  });
});

describe('a key that is not known', () => {
  it.each<[string, string, string]>([
    ['{"agnets": {}}', 'agnets', 'did you mean `agents`?'],
    ['{"x": 1}', 'x', 'expected one of agents, defaults'],
    [
      '{"defaults": {"deny_on_mising_agent": false}}',
      'defaults.deny_on_mising_agent',
      'did you mean `deny_on_missing_agent`?',
    ],
  ])('around the agents is a warning, and an error when strict: %s', (text, path, hint) => {
    const told = expect.stringMatching(
      new RegExp(`^r\\.json:\\d+:\\d+ ${path}: unknown key; ${hint.replaceAll(/[?`]/g, '\\$&')}$`),
    );
    expect(read(text)).toEqual({ refused: false, issues: [told] });
    expect(read(text, { strict: true }).refused).toBe(true);
  });

  it.each([
    ['agents.a.deney', { ...one, deney: { servers: ['p'] } }, 'did you mean `deny`?'],
    ['agents.a.alow', { alow: one.allow }, 'did you mean `allow`?'],
    ['agents.a._deny', { ...one, _deny: { servers: ['p'] } }, ''],
    ['agents.a.blocked', { ...one, blocked: true }, 'expected one of allow, deny'],
    ['agents.a.name', { ...one, name: ['p'] }, 'expected one of allow, deny'],
    ['agents.a.deny.server', { ...one, deny: { server: ['p'] } }, 'did you mean `servers`?'],
    ['agents.a.deny.resources', { ...one, deny: { resources: ['p'] } }, 'expected one of servers, tools'],
    ['agents.a.allow.tool', { allow: { servers: ['p'], tool: { p: ['x'] } } }, 'did you mean `tools`?'],
  ])('within an agent closes that agent alone: %s', (path, entry, hint) => {
    const file = { agents: { a: entry as object, b: one } };
    const { rules, issues } = readRules(file);
    expect(issues).toMatchObject([{ path, severity: 'warning', message: expect.stringContaining(hint) }]);
    expect(issues[0]?.message).toContain('until this is put right, the agent may use nothing');
    expect(rules.server('a', 'p')).toEqual({
      allowed: false,
      rule: path,
      reason: `${path} is not a known key: until it is put right, the agent may use nothing`,
    });
    expect(rules.tool('a', 'p', 'x').rule).toBe(path);
    expect(rules.tool('b', 'p', 'x').allowed).toBe(true);
    expect(() => readRules(file, { strict: true })).toThrow(path);
  });
});

describe('what does less or more than it seems to is warned of', () => {
  it.each<[string, object, string[]]>([
    [
      'an empty list',
      { allow: { servers: ['p'], tools: { p: [] } } },
      ['agents.a.allow.tools.p: an empty list is as good as none, and allows all tools; to allow none, deny `*`'],
    ],
    [
      '`*` for a server',
      { allow: { servers: ['p'] }, deny: { tools: { '*': ['x'] } } },
      [
        'agents.a.deny.tools["*"]: these rules act on every server that matches, in addition to its own; agent-mcp-gateway took the key for the name of a server',
      ],
    ],
    [
      'an agent without servers',
      { deny: { servers: ['p'] } },
      ['agents.a: this agent may use nothing: `allow.servers` names no server'],
    ],
    [
      'an agent without any',
      { allow: { servers: ['p'] }, deny: { servers: ['x', '*'] } },
      ['agents.a: this agent may use nothing: agents.a.deny.servers[1] denies all servers'],
    ],
    [
      'tools of a server that is not allowed',
      { allow: { servers: ['p'], tools: { q: ['x'] } } },
      [
        'agents.a.allow.tools.q: these rules have no effect: the agent may not use the server; add it to `allow.servers`',
      ],
    ],
    [
      'a set that nothing closes',
      { allow: { servers: ['p'], tools: { p: ['x[a'] } } },
      ['agents.a.allow.tools.p[0]: no `]` closes the `[`, which stands for itself'],
    ],
    ['nothing of this', { allow: { servers: ['p', 'q*'], tools: { q1: ['x'] } }, deny: { servers: ['r'] } }, []],
  ])('%s', (_, entry, issues) => {
    const found = readRules({ agents: { a: entry } }, { strict: true }).issues;
    expect(found.map(formatIssue)).toEqual(issues);
  });

  it('a default agent is for calls that name none', () => {
    const { issues } = readRules({ defaults: { deny_on_missing_agent: false } });
    expect(issues).toMatchObject([{ path: 'defaults.deny_on_missing_agent', severity: 'warning' }]);
  });

  it('a server that is named and not configured', () => {
    const text =
      '{"agents": {"a": {"allow": {"servers": ["p", "q", "*"], "tools": {"q": ["x"], "*": ["y"]}}, "deny": {"servers": ["gone"]}}}}';
    const read = readRules(join(folderWith({ 'r.json': text }), 'r.json'));
    expect(read.unconfigured(['p', 'q', 'gone'])).toEqual([]);
    expect(read.unconfigured(['p']).map(formatIssue).map(nameOnly)).toEqual([
      'r.json:1:46 agents.a.allow.servers[1]: there is no server "q"; the rules hold when there is one',
      'r.json:1:67 agents.a.allow.tools.q: there is no server "q"; the rules hold when there is one',
      'r.json:1:114 agents.a.deny.servers[0]: there is no server "gone"; the rules hold when there is one',
    ]);
  });
});
