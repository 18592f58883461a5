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
import { installDependency, installPackage, installServer } from '../fixtures/processes/local-install.js';

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

/** What a guide says to type before its programs run: packages to install, the examples to copy, and the programs. */
function typed(page: string) {
  const lines = blocks(page, 'sh').flatMap((block) => block.trimEnd().split('\n'));
  const packages = lines
    .filter((line) => line.startsWith('npm install '))
    .flatMap((line) => line.split(' ').slice(2))
    .filter((word) => !word.startsWith('-'));
  return { lines, packages, programs: lines.filter((line) => /^node .*examples\//.test(line)) };
}

const guides = readdirSync(root('docs/guides'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/guides/${file}`);
const copied = 'cp -r node_modules/gatechart/docs/examples .';

describe('every program of a guide prints what the guide says, where the guide says to type it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatechart-guides-'));
  beforeAll(async () => {
    await installPackage(folder);
    await run('npm', ['init', '-y'], { cwd: folder });
    await run('npm', ['pkg', 'set', 'type=module'], { cwd: folder });
    await run('sh', ['-c', copied], { cwd: folder });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(guides.filter((page) => typed(page).programs.length > 0))(
    '%s',
    async (page) => {
      const { lines, packages, programs } = typed(page);
      expect(lines).toContain(copied);
      for (const name of packages) installDependency(folder, name);
      const printed: string[] = [];
      for (const program of programs) printed.push((await run('sh', ['-c', program], { cwd: folder })).stdout);
      expect(printed).toEqual(blocks(page, 'text'));
    },
    120_000,
  );
});

describe('every guide with code says how to come by what the code needs', () => {
  it.each(guides.filter((page) => blocks(page, 'js').length + blocks(page, 'ts').length > 0))('%s', (page) => {
    const code = blocks(page, 'js').concat(blocks(page, 'ts')).join('\n');
    const named = [...read(page).matchAll(/npm install ([^`\n]*)/g)].flatMap(([, words = '']) => words.split(' '));
    for (const [, name = ''] of code.matchAll(/^import .*from '((?:@[^/']+\/)?[^/'.:]+)[^':]*';$/gm)) {
      if (name !== 'gatechart') expect(named, name).toContain(name);
    }
  });
});

it('every command of a guide is one that a project has where the package is installed', () => {
  for (const page of guides) {
    for (const block of blocks(page, 'sh')) expect(block, page).not.toMatch(/^gatechart /m);
  }
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
    const [, checked = ''] = /`npx (gatechart check-config --load [^`]*)`/.exec(read('README.md')) ?? [];
    const check = await run('npx', checked.split(' '), { cwd: folder });
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
