import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { folderWith, repository } from '../fixtures/manager/managers.js';
import { initialize, invokeHook, messageOfStream, openSession, post, send } from '../fixtures/hosting/raw-http.js';
import { cli, freePort, gatechart, startNode, startPluginServerProcess } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';

const example = join(repository, 'docs/examples/plugin-servers/plugins.yaml');

describe('gatechart', () => {
  it('tells its version and its commands', async () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
    expect(await gatechart(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await gatechart(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['check-config', 'invoke', 'plugin-server', 'charts', 'explain'])
      expect(help.stdout).toContain(command);
  });

  it.each<[string, string[], string]>([
    ['an unknown command', ['chekc-config'], "error: unknown command 'chekc-config'"],
    ['an unknown option', ['charts', '--colour'], "error: unknown option '--colour'"],
    [
      'a value that is given twice',
      ['explain', '--agent', 'a', '--agent', 'b'],
      "error: option '--agent <name>' is given twice; give it once",
    ],
    [
      'a short option and the long one',
      ['check-config', '-c', 'a.yaml', '--config=b.yaml'],
      "error: option '-c, --config <file>' is given twice; give it once",
    ],
    ['a missing argument', ['check-config'], "error: missing required argument 'file'"],
    ['nothing at all', [], 'Usage: gatechart [options] [command]'],
  ])('refuses %s with 2 and shows how it is used', async (_, args, first) => {
    const { code, stdout, stderr } = await gatechart(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(first)).toBe(true);
    expect(stderr).toContain('Usage: gatechart');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

it('ends as it would where nobody reads what is wrong', async () => {
  const { child, ended } = startNode([cli, 'invoke']);
  child.stderr?.destroy();
  expect(await ended).toMatchObject({ code: 2, signal: null });
});

describe('gatechart check-config', () => {
  it('passes an example', async () => {
    expect(await gatechart(['check-config', example])).toMatchObject({
      code: 0,
      stdout: `${example}: 4 plugins, 0 errors, 0 warnings\n`,
      stderr: '',
    });
  });

  it('says all that is wrong, with lines, and ends with 1', async () => {
    const folder = folderWith({
      'f.yaml':
        'plugin_dirs: 3\nplugins:\n  - name: a\n    kind: ./gone.js#A\n    prioirty: 1\n  - name: A\n    kind: external\n',
    });
    const { code, stdout, stderr } = await gatechart(['check-config', 'f.yaml'], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'f.yaml:1:14 error plugin_dirs: expected a list of strings, found the number 3',
      'f.yaml:3:5 warning plugins[0]: this plugin never runs: it lists no `hooks`',
      'f.yaml:4:11 error plugins[0].kind: found the string "./gone.js#A", which cannot be loaded: there is no such file in the configuration\'s folder or plugin_dirs',
      'f.yaml:5:5 error plugins[0].prioirty: unknown key; did you mean `priority`?',
      expect.stringMatching(/^f\.yaml:6:5 error plugins\[1\]: an external plugin needs one of .* and there is none$/),
      expect.stringMatching(/^f\.yaml:6:11 error plugins\[1\]\.name: expected a name no other plugin has/),
      'f.yaml: 5 errors, 1 warning',
    ]);
  });

  it('cannot read what is not there, and ends with 2', async () => {
    expect(await gatechart(['check-config', '/no/such.yaml'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: '/no/such.yaml cannot be read: there is no such file; give the path of a configuration file\n',
    });
  });
});

describe('gatechart charts', () => {
  it('prints every machine as Mermaid, one as JSON, one as SVG', async () => {
    const mermaid = await gatechart(['charts']);
    expect(mermaid.code).toBe(0);
    for (const id of ['connection', 'call', 'invocation'])
      expect(mermaid.stdout).toContain(`## ${id}\n\n\`\`\`mermaid\nstateDiagram-v2\n`);
    const json = await gatechart(['charts', '--machine', 'call', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: 'call', initial: 'waiting' });
    const svg = await gatechart(['charts', '--machine', 'connection', '--format', 'svg']);
    expect(svg.stdout).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  });

  it('refuses what is not there with 2', async () => {
    const { code, stderr } = await gatechart(['charts', '--machine', 'door']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--machine door: there is no such machine; use one of .*connection/);
  });
});

describe('gatechart plugin-server', () => {
  const slow = `import { definePlugin } from 'gatechart';
export const Echo = definePlugin({
  hooks: {
    async tool_pre_invoke(payload) {
      if (payload.name === 'slow') await new Promise((resolve) => setTimeout(resolve, 1500));
      return { metadata: { answered: payload.name } };
    },
  },
  shutdown: () => console.error('plugin shut down'),
});
`;
  const files = {
    'echo.mjs': slow,
    'plugins.yaml': 'plugins:\n- {name: Echo, kind: ./echo.mjs#Echo, hooks: [tool_pre_invoke]}\n',
  };

  it('lets running calls finish on SIGTERM, shuts plugins down and ends with 0', async () => {
    const port = await freePort();
    const server = await startPluginServerProcess(join(folderWith(files), 'plugins.yaml'), port);
    const url = `http://127.0.0.1:${port}/mcp`;
    const session = await openSession(url);
    const running = post(url, invokeHook(2, 'slow'), { 'mcp-session-id': session });
    // Long enough for the call to have begun, short enough for it to be running.
    await new Promise((resolve) => setTimeout(resolve, 400));
    server.child.kill('SIGTERM');
    await until('it takes no more', () =>
      send(`http://127.0.0.1:${port}/health`).then(
        ({ status }) => status !== 200,
        () => true,
      ),
    );
    expect(JSON.stringify(messageOfStream((await running).body))).toContain('answered');
    const { code, signal, stderr } = await server.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).toBe('plugin shut down\n');
  });

  it('ends on SIGTERM also where a plugin hangs when it is shut down and leaves a timer behind', {
    timeout: 60_000,
  }, async () => {
    const stuck = `export const Stuck = { create: () => ({
  handler: () => () => ({}),
  shutdown: () => new Promise(() => setInterval(() => {}, 1000)),
}) };
`;
    const folder = folderWith({
      'stuck.mjs': stuck,
      'plugins.yaml': 'plugins:\n- {name: Stuck, kind: ./stuck.mjs#Stuck, hooks: [tool_pre_invoke]}\n',
    });
    const port = await freePort();
    const args = ['plugin-server', '--transport', 'http', '--port', String(port), '--config', 'plugins.yaml'];
    const server = startNode([cli, ...args], { cwd: folder, env: { PLUGINS_LOG_LEVEL: 'warn' } });
    await until('it listens', async () => (await send(`http://127.0.0.1:${port}/health`)).status === 200);
    server.child.kill('SIGTERM');
    const { code, signal, stderr } = await server.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).toContain('plugin Stuck did not shut down within 10 s');
  });

  it('ends with 0 when the host closes its input, with nothing but messages on its output', async () => {
    const args = [cli, 'plugin-server', '--transport', 'stdio', '--config', 'plugins.yaml'];
    const server = startNode(args, { cwd: folderWith(files), stdin: 'pipe', env: { PLUGINS_LOG_LEVEL: 'debug' } });
    server.child.stdin?.write(`${initialize}\n`);
    await until('the answer', () => server.stdout().includes('\n'));
    server.child.stdin?.end();
    const { code, stdout } = await server.ended;
    expect(code).toBe(0);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a transport',
      ['--transport', 'pigeon'],
      2,
      /--transport pigeon: there is no such transport; use stdio, http, grpc or unix/,
    ],
    ['a port', ['--transport', 'http', '--port', 'many'], 2, /--port many: expected a number from 0 to 65535/],
    ['a file', ['--config', 'none.yaml'], 2, /none\.yaml cannot be read: there is no such file/],
    ['an option', ['--prot', '1'], 2, /error: unknown option '--prot'/],
  ])('refuses %s that is wrong', async (_, args, exitCode, message) => {
    const given = args.includes('--config') ? args : [...args, '--config', 'plugins.yaml'];
    const { code, stdout, stderr } = await gatechart(['plugin-server', ...given], { cwd: folderWith(files) });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

it.each<[string, string, string]>([
  ['a reader that has heard enough', '| true', ''],
  ['a full disk', '> /dev/full', 'standard output cannot be written: ENOSPC: no space left on device, write\n'],
])('output to %s ends without a stack trace', async (_, target, said) => {
  const line = `'${process.execPath}' '${cli}' charts --format json ${target}`;
  const ended = await promisify(execFile)('sh', ['-c', line]).catch((error: unknown) => error);
  expect(ended).toMatchObject({ stderr: said });
});
