import { describe, expect, it } from 'vitest';
import { realServers, servedOverStdio, folderOf } from '../../fixtures/gateway/served-command.js';
import { isRunning } from '../../fixtures/processes/process-table.js';
import { gatechart, startNode, cli } from '../../fixtures/processes/processes.js';
import { eventually, until } from '../../fixtures/waiting.js';

const allowed = { agents: { a: { allow: { servers: ['*'] } } } };
const denied = { agents: { a: { allow: { servers: ['*'] }, deny: { tools: { everything: ['echo'] } } } } };
const long = { duration: 1, steps: 4 };

describe('gatechart serve over stdio', () => {
  it('calls real servers, and puts other rules in force while it runs', async () => {
    const { execute, write } = await servedOverStdio(realServers, allowed);
    expect(await execute('everything', 'echo', { message: 'hi' })).toBe('Echo: hi');
    expect(await execute('memory', 'read_graph')).toContain('entities');
    write('rules.json', denied);
    await until('the rule that denies is in force', async () =>
      (await execute('everything', 'echo', { message: 'hi' })).includes('not authorized'),
    );
    expect(await execute('everything', 'get-sum', { a: 1, b: 2 })).toContain('3');
  }, 40_000);

  it('reads everything again on SIGHUP, and goes on', async () => {
    const { execute, pid, stderr, write } = await servedOverStdio(realServers, allowed);
    const { everything } = realServers;
    write('servers.json', { mcpServers: { everything, other: everything } });
    process.kill(pid, 'SIGHUP');
    await eventually('it has read them', () => stderr().includes('were read again'));
    expect(await execute('other', 'echo', { message: 'hi' })).toBe('Echo: hi');
    expect(await execute('memory', 'read_graph')).toContain("Server 'memory' not found");
  }, 40_000);

  it('answers the call that runs before it ends on SIGTERM, tells its progress, and leaves no process', async () => {
    const { children, execute, hasClosed, pid } = await servedOverStdio(realServers, allowed);
    let steps = 0;
    const answer = execute('everything', 'trigger-long-running-operation', long, { onprogress: () => void steps++ });
    await eventually('it has begun', () => steps > 0);
    const below = children();
    expect(below.length).toBeGreaterThan(0);
    process.kill(pid, 'SIGTERM');
    expect(await answer).toContain('completed');
    expect(steps).toBeGreaterThan(2);
    await eventually('it has ended', () => hasClosed() && ![pid, ...below].some(isRunning));
  }, 40_000);

  it('ends with its client, and leaves no process', async () => {
    const { children, client, execute, pid } = await servedOverStdio(realServers, allowed);
    await execute('everything', 'echo', { message: 'hi' });
    await execute('memory', 'read_graph');
    const below = children();
    expect(below).toHaveLength(2);
    await client.close();
    await eventually('all are gone', () => ![pid, ...below].some(isRunning));
  }, 40_000);

  it('cancels the call of a client that does not wait any more, and goes on', async () => {
    const { execute } = await servedOverStdio(realServers, allowed);
    const abort = new AbortController();
    const slow = execute(
      'everything',
      'trigger-long-running-operation',
      { duration: 30, steps: 60 },
      {
        signal: abort.signal,
        onprogress: () => abort.abort(),
      },
    );
    await expect(slow).rejects.toThrow();
    expect(await execute('everything', 'echo', { message: 'hi' })).toBe('Echo: hi');
  }, 40_000);

  it('serves what it can where a server does not start', async () => {
    const broken = { command: 'no-such-command-anywhere' };
    const { client, execute } = await servedOverStdio({ ...realServers, broken }, allowed);
    expect(await execute('broken', 'x')).toContain('Failed to call tool x on server broken');
    expect(await execute('everything', 'echo', { message: 'hi' })).toBe('Echo: hi');
    const params = { name: 'get_server_tools', arguments: { agent_id: 'a', server: 'broken' } };
    const { structuredContent } = await client.callTool(params);
    expect(structuredContent).toMatchObject({ tools: [], errorCode: 'SERVER_UNAVAILABLE' });
  }, 40_000);
});

describe('the start of gatechart serve', () => {
  const files = (servers: object, rules: object = allowed) => {
    const { folder, path } = folderOf({ 'servers.json': { mcpServers: servers }, 'rules.json': rules });
    const args = ['serve', '--servers', path('servers.json'), '--rules', path('rules.json')];
    return { args, options: { cwd: folder, env: { HOME: folder } } };
  };

  it('is refused under strict where one server cannot be used, and writes nothing on standard output', async () => {
    const { args, options } = files({ bad: { command: 'x', url: 'http://127.0.0.1/' } });
    const { code, stdout, stderr } = await gatechart([...args, '--strict'], options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('servers.json');
  });

  it.each([
    ['--face', 'both'],
    ['--transport', 'pigeon'],
    ['--port', '1'],
    ['--agent', ''],
  ])('is refused with a sentence where %s is %j', async (flag, value) => {
    const { args, options } = files({});
    const { code, stdout, stderr } = await gatechart([...args, flag, value], options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^gatechart serve: .*\n$/);
  });

  it('leaves no process where it is told to stop while it starts', async () => {
    const { args, options } = files({ everything: { ...realServers.everything, eager: true } });
    const { child, ended, stderr } = startNode([cli, ...args], { ...options, stdin: 'pipe' });
    await eventually('it has begun', () => stderr() !== '' || child.exitCode !== null);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null });
  }, 20_000);
});
