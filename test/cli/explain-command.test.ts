import { beforeEach, describe, expect, it } from 'vitest';
import { folderWith } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';

const rules = JSON.stringify({
  agents: {
    a: { allow: { servers: ['p', 'q*'] }, deny: { servers: ['q2'], tools: { p: ['drop_*'] } } },
    none: { deney: { servers: ['p'] }, allow: { servers: ['p'] } },
  },
});
const servers = JSON.stringify({
  mcpServers: { p: { command: 'x' }, q1: { command: 'x', tools: { deny: ['b*'] } }, broken: { command: 3 } },
});
const { PATH } = process.env;
let folder = '';
// It is removed after each test.
beforeEach(() => {
  folder = folderWith({ 'r.json': rules, 's.json': servers, 'bad.json': '{"agents": {"a": 1}}' });
});
const explain = (...args: string[]) => gatechart(['explain', ...args], { cwd: folder, env: { PATH, HOME: folder } });
const files = ['--rules', 'r.json', '--servers', 's.json'];

describe('gatechart explain', () => {
  it.each<[string, string[], number, string]>([
    [
      'a tool that is denied',
      ['--agent', 'a', '--server', 'p', '--tool', 'drop_x'],
      1,
      'denied: the rules of agent "a" deny tool "drop_x" of server "p" by the pattern "drop_*"\n  agents.a.deny.tools.p[0] in r.json\n',
    ],
    [
      'a tool that is allowed for want of a list',
      ['--agent', 'a', '--server', 'p', '--tool', 'get'],
      0,
      'allowed: the rules of agent "a" allow server "p" by name, and do not say which of its tools: all that are not denied\n  agents.a.allow.servers[0] in r.json\n',
    ],
    [
      'a server',
      ['--agent', 'a', '--server', 'q1'],
      0,
      'allowed: the rules of agent "a" allow server "q1" by the pattern "q*"\n  agents.a.allow.servers[1] in r.json\n',
    ],
    [
      'a tool that the rules allow and the entry of the server does not',
      ['--agent', 'a', '--server', 'q1', '--tool', 'build'],
      1,
      'denied: the rules allow it, and `tools` in the entry of server "q1" in s.json keeps it back\n',
    ],
    [
      'an agent that is nearly there',
      ['--agent', 'nnoe', '--server', 'p'],
      1,
      'denied: agent "nnoe" is not in the rules\n',
    ],
    ['an agent that is not there', ['--agent', 'x', '--server', 'p'], 1, 'denied: agent "x" is not in the rules\n'],
    [
      'every server',
      ['--agent', 'a'],
      0,
      [
        'allowed "p": the rules of agent "a" allow server "p" by name\n  agents.a.allow.servers[0] in r.json\n',
        'allowed "q1": the rules of agent "a" allow server "q1" by the pattern "q*"\n  agents.a.allow.servers[1] in r.json\n',
        'denied "broken": the rules of agent "a" do not allow server "broken"\n  the server cannot be used: s.json:1:101 mcpServers.broken.command: expected a string, found the number 3; put it in quotes\n',
        'denied "q2": the rules of agent "a" deny server "q2" by name\n  agents.a.deny.servers[0] in r.json\n',
      ].join(''),
    ],
  ])('tells of %s', async (_, args, code, stdout) => {
    expect(await explain(...args, ...files)).toMatchObject({ code, stdout });
  });

  it('tells the key that closes an agent, and warns of it', async () => {
    const { code, stdout, stderr } = await explain('--agent', 'none', '--server', 'p', ...files);
    expect(code).toBe(1);
    expect(stdout).toContain('agents.none.deney is not a known key');
    expect(stderr).toMatch(/^warning: r\.json:1:\d+ agents\.none\.deney: unknown key; did you mean `deny`\?/m);
    expect(stderr).toMatch(/^warning: r\.json:1:\d+ agents\.a\.deny\.servers\[0\]: there is no server "q2"/m);
    expect(await explain('--agent', 'none', '--strict', ...files)).toMatchObject({ code: 2, stdout: '' });
  });

  it('prints JSON', async () => {
    const { stdout } = await explain('--agent', 'a', '--server', 'gone', '--tool', 't', '--json', ...files);
    expect(JSON.parse(stdout)).toEqual({
      agent: 'a',
      rules: 'r.json',
      decisions: [
        {
          server: 'gone',
          tool: 't',
          allowed: false,
          rule: null,
          reason: 'the rules of agent "a" do not allow server "gone"',
        },
      ],
    });
  });

  it('says which agent may have been meant', async () => {
    const near = await explain('--agent', 'nnoe', '--server', 'p', ...files);
    expect(near.stderr).toContain('r.json: there is no agent "nnoe"; did you mean "none"?\n');
    const far = await explain('--agent', 'editor', '--server', 'p', ...files);
    expect(far.stderr).not.toContain('there is no agent');
  });

  it('says that a server is not configured', async () => {
    const { code, stderr } = await explain('--agent', 'a', '--server', 'q9', ...files);
    expect(code).toBe(0);
    expect(stderr).toContain('s.json: there is no server "q9"; did you mean "q1"? This is what the rules say of one');
    const far = await explain('--agent', 'a', '--server', 'quarry', ...files);
    expect(far.stderr).toContain('s.json: there is no server "quarry"; this is what the rules say of one');
  });

  it('says that the entry of a server cannot be used, whatever the rules say', async () => {
    const all = JSON.stringify({ agents: { a: { allow: { servers: ['*'] } } } });
    const cwd = folderWith({ 'r.json': all, 's.json': servers });
    const args = ['explain', '--agent', 'a', '--server', 'broken', ...files];
    const { code, stdout } = await gatechart(args, { cwd });
    expect([code, stdout.split('\n').at(-2)]).toEqual([
      0,
      '  the server cannot be used: s.json:1:101 mcpServers.broken.command: expected a string, found the number 3; put it in quotes',
    ]);
    const json = await gatechart([...args, '--json'], { cwd });
    expect(JSON.parse(json.stdout).decisions).toEqual([
      expect.objectContaining({ allowed: true, unusable: expect.stringMatching(/^s\.json:1:101 mcpServers\.broken/) }),
    ]);
  });

  it('looks for the files as the gateway does, and can do without servers', async () => {
    const cwd = folderWith({ '.mcp-gateway-rules.json': rules });
    const found = await gatechart(['explain', '--agent', 'a'], { cwd, env: { PATH, HOME: cwd } });
    expect(found).toMatchObject({ code: 0, stderr: expect.not.stringContaining('there is no server') });
    expect(found.stdout).toContain(`in ${cwd}/.mcp-gateway-rules.json`);
    expect(found.stdout.match(/^(allowed|denied) .*?:/gm)).toEqual(['allowed "p":', 'denied "q2":']);
    const named = await gatechart(['explain', '--agent', 'a'], {
      cwd: folder,
      env: { PATH, GATEWAY_RULES: 'r.json', HOME: cwd },
    });
    expect(named.code).toBe(0);
  });

  it.each<[string, string[], RegExp]>([
    ['no agent', [...files], /required option '--agent <name>'/],
    ['a tool of no server', ['--agent', 'a', '--tool', 'x', ...files], /--tool needs --server/],
    ['rules that are wrong', ['--agent', 'a', '--rules', 'bad.json'], /bad\.json:1:18 agents\.a: expected an object/],
    [
      'rules that are not there',
      ['--agent', 'a', '--rules', 'gone.json'],
      /gone\.json cannot be read: there is no such file/,
    ],
    [
      'servers that are not there',
      ['--agent', 'a', '--rules', 'r.json', '--servers', 'gone.json'],
      /gone\.json cannot be read/,
    ],
    ['nothing to be found', ['--agent', 'a'], /there is no rules file; give --rules or GATEWAY_RULES/],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await explain(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
