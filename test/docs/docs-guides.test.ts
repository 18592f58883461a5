import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modeTraits, type PluginModeName, pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { pluginModes } from '../../src/plugins/plugin-mode.js';
import { installPackage, installServer } from '../fixtures/processes/local-install.js';

const run = promisify(execFile);
const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(root(path), 'utf8');
const node = (cwd: string, ...args: string[]) => run(process.execPath, args, { cwd });

// The examples import the package by its name, which leads to the build.
beforeAll(async () => {
  if (!existsSync(root('dist/src/index.js'))) {
    await node(root('.'), root('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json');
  }
}, 120_000);

/** The guides of frameworks have one program each. */
const frameworks = ['express', 'fastify', 'hono', 'ai-sdk', 'openai-agents', 'langchain'].map(
  (name): [string, string, string[]] => [`docs/guides/${name}.md`, name, ['main.js']],
);

describe('every example of a page is a file, shown as it is', () => {
  it.each([
    ...frameworks,
    ['README.md', 'five-minutes', ['deny-list.mjs', 'gatechart.plugins.yaml']],
    ['docs/guides/guard-an-mcp-client.md', 'guard', ['plugins.yaml', 'client.js', 'tool.js']],
    ['docs/guides/one-configuration-many-tenants.md', 'tenants', ['plugins.yaml', 'main.js']],
    ['docs/guides/see-what-your-gateway-is-doing.md', 'inspect', ['main.js', 'stately.js']],
    ['docs/guides/watch-it-in-your-monitoring.md', 'monitoring', ['prometheus.js', 'opentelemetry.js']],
    ['docs/guides/use-mcp-servers-from-code.md', 'servers', ['notes-server.js', 'main.js']],
    ['docs/guides/change-plugins-without-a-restart.md', 'change-plugins', ['plugins.yaml', 'main.js']],
    [
      'docs/guides/embed-it.md',
      'embed',
      ['plugins.yaml', 'guarded-tool.js', 'policies.js', 'exceptions.js', 'observe.js', 'own-hook.ts'],
    ],
    [
      'docs/guides/write-a-plugin.md',
      'write-a-plugin',
      [
        'plugins.yaml',
        'main.js',
        'plugins/deny-list.js',
        'plugins/call-limit.ts',
        'plugins/labels.js',
        'plugins/reputation.js',
        'plugins/shout.js',
      ],
    ],
    [
      'docs/guides/come-from-cpex.md',
      'come-from-cpex',
      ['plugins.yaml', 'main.js', 'plugins/expand.js', 'plugins/path-gate.js', 'plugins/audit-log.js'],
    ],
  ])('%s', (page, folder, files) => {
    const shown = blocks(page, 'js').concat(blocks(page, 'ts'), blocks(page, 'yaml'));
    expect(shown.toSorted()).toEqual(files.map((file) => read(`docs/examples/${folder}/${file}`)).toSorted());
  });
});

it('every example of the guide on testing is a part of a file that runs', () => {
  const lines = (text: string) => text.split('\n').map((line) => line.trim());
  const folder = 'docs/examples/testing';
  const files = readdirSync(root(folder)).map((file) => lines(read(`${folder}/${file}`)).join('\n'));
  const shown = blocks('docs/guides/test-with-failures.md', 'ts');
  expect(shown.length).toBeGreaterThan(0);
  for (const block of shown) {
    const part = lines(block).join('\n');
    expect(
      files.some((file) => file.includes(part)),
      block,
    ).toBe(true);
  }
});

it('every folder of examples is in the list', () => {
  const folders = readdirSync(root('docs/examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders) expect(read('docs/README.md')).toContain(`[${name}](examples/${name})`);
});

describe('every program of a guide prints what the guide says', () => {
  it.each([
    ...frameworks,
    [
      'docs/guides/embed-it.md',
      'embed',
      ['guarded-tool.js', 'policies.js', 'exceptions.js', 'observe.js', 'own-hook.ts'],
    ],
    ['docs/guides/guard-an-mcp-client.md', 'guard', ['client.js', 'tool.js']],
    ['docs/guides/one-configuration-many-tenants.md', 'tenants', ['main.js']],
    ['docs/guides/see-what-your-gateway-is-doing.md', 'inspect', ['main.js']],
    ['docs/guides/watch-it-in-your-monitoring.md', 'monitoring', ['prometheus.js', 'opentelemetry.js']],
    ['docs/guides/use-mcp-servers-from-code.md', 'servers', ['main.js']],
    ['docs/guides/change-plugins-without-a-restart.md', 'change-plugins', ['main.js']],
    ['docs/guides/write-a-plugin.md', 'write-a-plugin', ['main.js']],
    ['docs/guides/come-from-cpex.md', 'come-from-cpex', ['main.js']],
  ])(
    '%s',
    async (page, folder, programs) => {
      const printed: string[] = [];
      for (const program of programs) {
        const { stdout } = await node(root('.'), '--import', 'tsx', `docs/examples/${folder}/${program}`);
        printed.push(stdout);
      }
      expect(printed).toEqual(blocks(page, 'text'));
    },
    120_000,
  );
});

describe('the first five minutes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatechart-readme-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('work in a fresh folder, with the packed package and what it depends on', async () => {
    await installPackage(folder);
    // What npx would download.
    installServer(folder, '@modelcontextprotocol/server-filesystem', 'mcp-server-filesystem');
    await run('npm', ['init', '-y'], { cwd: folder });
    await run('npm', ['pkg', 'set', 'type=module'], { cwd: folder });
    const [, init = ''] = /(npx gatechart init .*)/.exec(read('README.md')) ?? [];
    await run('npx', init.split(' ').slice(1), { cwd: folder });
    const [denied, blocked] = blocks('README.md', 'text');

    const explain = blocks('README.md', 'sh').find((command) => command.includes('explain')) ?? '';
    const asked = run('npx', explain.trim().split(' ').slice(1), { cwd: folder });
    expect(await asked.catch((error: unknown) => error)).toMatchObject({ code: 1, stdout: denied, stderr: '' });

    const example = 'docs/examples/five-minutes';
    const written = (file: string) => readFileSync(join(folder, 'gateway', file), 'utf8');
    expect(written('deny-list.mjs')).toBe(read(`${example}/deny-list.mjs`));
    expect(written('gatechart.plugins.yaml')).toContain(read(`${example}/gatechart.plugins.yaml`));
    const [, test = ''] = /`node (--test [^`]*)`/.exec(read('README.md')) ?? [];
    await run(process.execPath, test.split(' '), { cwd: folder });
    const [, checked = ''] = /`npx (gatechart check-config --load)`/.exec(read('README.md')) ?? [];
    const check = await run('npx', [...checked.split(' '), 'gateway/gatechart.plugins.yaml'], { cwd: folder });
    expect(check.stdout).toMatch(/0 errors, 0 warnings/);

    expect(blocks('README.md', 'json')).toEqual([read(`${example}/mcp.json`)]);
    const { gateway } = JSON.parse(read(`${example}/mcp.json`)).mcpServers;
    const [, more = ''] = /two more `args`: `([^`]*)`/.exec(read('README.md')) ?? [];
    const client = new Client({ name: 'readme', version: '1' });
    const args = [...gateway.args, ...JSON.parse(`[${more}]`)];
    await client.connect(
      new StdioClientTransport({
        command: gateway.command,
        args,
        cwd: folder,
        env: { ...getDefaultEnvironment(), HOME: folder },
        stderr: 'ignore',
      }),
    );
    try {
      expect((await client.listTools()).tools).toHaveLength(4);
      const call = (tool: string, path: string) =>
        client.callTool({ name: 'execute_tool', arguments: { server: 'files', tool, args: { path } } });
      const listed = JSON.stringify(await call('list_directory', join(folder, 'gateway')));
      expect(listed).toContain('deny-list.mjs');
      expect(await call('write_file', join(folder, 'gateway/x'))).toMatchObject({ isError: true });
      const [answer] = Object((await call('read_text_file', 'secret.txt')).content);
      expect(`${answer.text}\n`).toBe(blocked);
    } finally {
      await client.close();
    }
  }, 120_000);
});

it('the guide on plugins and the page of modes name every mode', () => {
  for (const page of ['docs/guides/write-a-plugin.md', 'docs/reference/modes.md']) {
    for (const name of pluginModeNames) expect(read(page)).toContain(`\`${name}\``);
  }
});

it('the reference of the configuration names every mode', () => {
  const row = /^\| `mode` \|.*$/m.exec(read('docs/reference/configuration.md'))?.[0];
  for (const name of pluginModeNames) expect(row).toContain(`\`${name}\``);
});

it('the guide on plugin servers says of every mode what it means while a server is away', () => {
  const [, fails = '', skipped = ''] =
    /^\|---\|---\|\n\| (.*enforce.*) \| the hook fails.*\n\| (.*) \| the guard is skipped/m.exec(
      read('docs/guides/connect-a-plugin-server.md'),
    ) ?? [];
  const running = pluginModeNames.filter((name) => pluginModes[name].schedule !== 'never');
  const raises = (name: PluginModeName) => modeTraits[name].onError === 'fail';
  expect(fails.split(', ').toSorted()).toEqual(
    running
      .filter(raises)
      .map((name) => `\`${name}\``)
      .toSorted(),
  );
  expect(skipped.split(', ').toSorted()).toEqual(
    running
      .filter((name) => !raises(name))
      .map((name) => `\`${name}\``)
      .toSorted(),
  );
});

function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}
