import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPackage } from '../fixtures/processes/local-install.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';

const run = promisify(execFile);

describe('gatechart init, with the packed package', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatechart-init-')));
  const npx = (...args: string[]) => run('npx', ['gatechart', ...args], { cwd: folder });
  beforeAll(() => installPackage(folder), 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes a plugin and a test, which passes with the command that it names, and fails without the plugin', async () => {
    const { stdout } = await npx('init', 'gateway');
    const [, command = ''] = /^test the plugin with: (.*)$/m.exec(stdout) ?? [];
    expect(command).toBe('node --test gateway/deny-list.test.mjs');
    const tested = await run(process.execPath, command.split(' ').slice(1), { cwd: folder });
    expect(tested.stdout).toMatch(/^# pass 2$/m);
    const checked = await npx('check-config', '--strict', '--load', 'gateway/gatechart.plugins.yaml');
    expect(checked.stdout).toBe('gateway/gatechart.plugins.yaml: 1 plugin, 0 errors, 0 warnings\n');
    const plugin = join(folder, 'gateway/deny-list.mjs');
    writeFileSync(plugin, readFileSync(plugin, 'utf8').replace("'secret'", "'other'"));
    await expect(run(process.execPath, command.split(' ').slice(1), { cwd: folder })).rejects.toMatchObject({
      code: 1,
    });
  }, 60_000);

  it('writes a package that is tested, packed, installed and named by a configuration', async () => {
    const { stdout } = await npx('init', '--plugin', 'My Guard');
    expect(stdout).toContain('where it is installed, a configuration names it: kind: "my-guard#WordGuard"\n');
    const own = join(folder, 'My Guard');
    expect(readdirSync(own).toSorted()).toEqual(['README.md', 'index.js', 'index.test.js', 'package.json']);
    const [, command = ''] = /^test it with: (.*)$/m.exec(stdout) ?? [];
    // What it imports is found from there. Elsewhere it would have to be installed first.
    expect(command).toBe("cd 'My Guard' && npm test");
    const tested = await run('sh', ['-c', command], { cwd: folder });
    expect(tested.stdout).toMatch(/^# pass 3$/m);
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: own });
    const [, tarball = ''] = /"filename": "([^"]+)"/.exec(packed.stdout) ?? [];
    expect([...packed.stdout.matchAll(/"path": "([^"]+)"/g)].map(([, path = '']) => path).toSorted()).toEqual([
      'README.md',
      'index.js',
      'package.json',
    ]);
    const installed = join(folder, 'node_modules/my-guard');
    await run('mkdir', [installed]);
    await run('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1']);
    const [example = ''] = /^plugins:\n(?: .*\n)+/m.exec(readFileSync(join(installed, 'README.md'), 'utf8')) ?? [];
    writeFileSync(join(folder, 'plugins.yaml'), example);
    writeFileSync(join(folder, 'payload.json'), '{"name": "echo", "args": {"text": "a SECRET"}}');
    const invoked = npx('invoke', '-c', 'plugins.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json');
    const { code, stdout: said } = (await invoked.catch((error: { code: number; stdout: string }) => error)) as never;
    expect(code).toBe(1);
    expect(JSON.parse(said)).toMatchObject({
      result: { violation: { code: 'DENIED_WORD', details: { word: 'secret' } } },
    });
  }, 60_000);
});

it('gatechart init says to install the package where a plugin could not import it', async () => {
  const bare = mkdtempSync(join(tmpdir(), 'gatechart-bare-'));
  try {
    const { stdout } = await gatechart(['init'], { cwd: bare });
    expect(stdout).toContain('install what the plugin imports: npm install gatechart\n');
    const own = await gatechart(['init', '--plugin', 'mine'], { cwd: bare });
    expect(own.stdout).toContain('test it with: cd mine && npm install && npm test\n');
  } finally {
    rmSync(bare, { recursive: true });
  }
  expect((await gatechart(['init'], { cwd: folderWith({}) })).stdout).not.toContain('npm install');
});

it('gatechart init --plugin keeps what is there, links too, and refuses a name that npm would', async () => {
  const cwd = folderWith({ 'mine/index.js': 'mine' });
  symlinkSync(join(cwd, 'elsewhere'), join(cwd, 'mine/README.md'));
  const { code, stdout } = await gatechart(['init', '--plugin', 'mine'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('kept mine/index.js, which was there\n');
  expect(stdout).toContain('kept mine/README.md, which was there\n');
  expect(readFileSync(join(cwd, 'mine/index.js'), 'utf8')).toBe('mine');
  expect(await gatechart(['init', '--plugin', 'mine'], { cwd })).toMatchObject({ code: 1 });
  for (const name of ['___', 'node_modules']) {
    const refused = await gatechart(['init', '--plugin', name], { cwd });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/named after its folder, and this is no name for one/);
  }
});
