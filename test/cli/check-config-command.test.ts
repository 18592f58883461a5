import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { check } from '../fixtures/config/check.js';
import { folderOfBadPlugins, writtenIn } from '../fixtures/manager/bad-plugins.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { cli, gatechart, startNode } from '../fixtures/processes/processes.js';

const entry = (kind: string, more = '') => `- {name: Deny, kind: "${kind}", hooks: [tool_pre_invoke]${more}}\n`;

describe('check-config --load', () => {
  let folder: string;
  beforeEach(() => void (folder = folderOfBadPlugins()));

  it.each([
    ['a module that throws', entry('./throws.mjs#A'), 'its module cannot be imported: no database.'],
    ['an export that is not there', entry('./other.mjs#A'), 'its module exports no A; it exports Config, other.'],
    [
      'an export that is no plugin',
      entry('./other.mjs#Config'),
      'its export is neither made by definePlugin nor a class that extends Plugin.',
    ],
    ['a constructor that throws', entry('./constructor.mjs#A'), 'its constructor threw: no key.'],
    [
      'a hook that it does not handle',
      entry('./good.mjs#A').replace('tool_pre_invoke', 'tool_pre_invoke, prompt_pre_fetch'),
      'it has no handler for prompt_pre_fetch.',
    ],
  ])('finds %s, at the place of the kind', async (_, plugin, why) => {
    const file = writtenIn(folder, `plugins:\n${plugin}`);
    const { kind } = /kind: "(?<kind>[^"]+)"/.exec(plugin)?.groups ?? {};
    expect(await check(file)).toMatchObject({ code: 0 });
    expect(await check(file, {}, { load: true })).toEqual({
      code: 1,
      out: [
        `${file}:2:22 error plugins[0].kind: Plugin Deny (${kind}) cannot be loaded: ${why}`,
        `${file}: 1 error, 0 warnings`,
        '',
      ],
      err: [''],
    });
  });

  it('checks the settings by the schema of the plugin, also of one beside an entry with a mistake', async () => {
    const settings = entry('./schema.mjs#A', ', config: {words: no}');
    const file = writtenIn(folder, `plugins:\n- {name: Other, kind: external}\n${settings}`);
    const { code, out } = await check(file, {}, { load: true });
    expect(code).toBe(1);
    expect(out.join('\n')).toContain('an external plugin needs one of');
    expect(out.join('\n')).toMatch(/:3:82 error plugins\[1\]\.config\.words: /);
  });

  it('tells the line and the column of each wrong setting, and what was meant', async () => {
    const deny = '  kind: deny-list\n  hooks: [tool_pre_invoke]\n  config:\n    words: [a, 5]\n    wrds: [b]\n';
    const file = writtenIn(folder, `plugins:\n- name: Deny\n${deny}`);
    expect(await check(file, {}, { load: true })).toMatchObject({
      code: 1,
      out: [
        expect.stringMatching(/:6:16 error plugins\[0\]\.config\.words\[1\]: .*found the number 5$/) as string,
        expect.stringMatching(/:7:5 error plugins\[0\]\.config\.wrds: unknown key; did you mean `words`\?$/) as string,
        `${file}: 2 errors, 0 warnings`,
        '',
      ],
    });
  });

  it('names the setting that is missing where there are none', async () => {
    const file = writtenIn(folder, 'plugins:\n- name: Deny\n  kind: deny-list\n  hooks: [tool_pre_invoke]\n');
    const { out } = await check(file, {}, { load: true });
    expect(out[0]).toBe(`${file}:2:3 error plugins[0].config.words: is missing; expected array`);
  });

  it('checks the addresses of webhooks', async () => {
    const config = "{webhooks: [{url: hooks.example.com}, {url: 'ftp://a.example'}, {url: '', enabled: false}]}";
    const file = writtenIn(
      folder,
      `plugins:\n- {name: Bell, kind: webhook-notification, hooks: [tool_post_invoke], config: ${config}}\n`,
    );
    const { out } = await check(file, {}, { load: true });
    expect(out.slice(0, -2).map((line) => line.replace(/^.*error /, ''))).toEqual([
      'plugins[0].config.webhooks[0].url: expected http or https, and a host, found the string "hooks.example.com"',
      'plugins[0].config.webhooks[1].url: expected http or https, and a host, found the string "ftp://a.example"',
    ]);
  });

  it('initialises nothing, and leaves what is disabled alone', async () => {
    const file = writtenIn(
      folder,
      `plugins:\n${entry('./initialize.mjs#A')}${entry('./throws.mjs#A', ', mode: disabled').replace('Deny', 'Spare')}`,
    );
    expect(await check(file, {}, { load: true })).toMatchObject({ code: 0 });
  });

  it('ends although a module that was loaded has begun something', async () => {
    const started = `setInterval(() => {}, 1000);\nexport const A = { create: () => ({ handler: () => () => ({}) }) };\n`;
    const cwd = folderWith({ 'busy.mjs': started, 'p.yaml': `plugins:\n${entry('./busy.mjs#A')}` });
    expect(await gatechart(['check-config', '--load', 'p.yaml'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });

  it('says what to do about TypeScript that this Node does not read', async () => {
    const cwd = folderWith({
      'deny.ts': 'export const Deny = { create: () => ({ handler: (_hook: string) => () => ({}) }) };\n',
      'p.yaml': `plugins:\n${entry('./deny.ts#Deny')}`,
    });
    const { code, stdout } = await gatechart(['check-config', '--load', 'p.yaml'], { cwd });
    if ('typescript' in process.features && process.features.typescript !== false) return expect(code).toBe(0);
    expect(code).toBe(1);
    expect(stdout).toContain(`Node ${process.versions.node} reads no TypeScript: use Node 22.18 or newer, put tsx`);
  });
});

describe('check-config', () => {
  it('tells programs of every file in one document', async () => {
    const cwd = folderWith({
      'good.yaml': 'plugins: []\n',
      'bad.yaml': 'plugins:\n  - name: a\n    kind: ./gone.js#A\n    prioirty: 1\n',
    });
    const { code, stdout, stderr } = await gatechart(
      ['check-config', '--json', 'good.yaml', 'none.yaml', '-c', 'bad.yaml'],
      { cwd },
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const { usable, files } = JSON.parse(stdout);
    expect(usable).toBe(false);
    expect(files).toMatchObject([
      { file: 'good.yaml', usable: true, errors: 0, warnings: 0, problems: [] },
      { file: 'none.yaml', usable: false, errors: 1, problems: [{ line: null, column: null, severity: 'error' }] },
      { file: 'bad.yaml', usable: false, errors: 2, warnings: 1, unlisted: 0 },
    ]);
    expect(files[2].problems.at(-1)).toEqual({
      file: 'bad.yaml',
      line: 4,
      column: 5,
      path: 'plugins[0].prioirty',
      severity: 'error',
      message: 'unknown key; did you mean `priority`?',
    });
  });

  it('reads standard input, with paths that start in the working directory', async () => {
    const cwd = folderWith({ 'good.mjs': 'export const A = { create: () => ({ handler: () => () => ({}) }) };\n' });
    const run = async (text: string) => {
      const running = startNode([cli, 'check-config', '--load', '-'], { cwd, stdin: 'pipe' });
      running.child.stdin?.end(text);
      return running.ended;
    };
    expect(await run(`plugins:\n${entry('./good.mjs#A')}`)).toMatchObject({
      code: 0,
      stdout: '<stdin>: 1 plugin, 0 errors, 0 warnings\n',
    });
    const { code, stdout } = await run(`plugins:\n${entry('./gone.mjs#A')}`);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^<stdin>:2:22 error plugins\[0\]\.kind: .*there is no such file in the configuration's/);
  });

  it('takes standard input once, and a file at least', async () => {
    expect(await gatechart(['check-config', '-', '-'])).toMatchObject({
      code: 2,
      stderr: '-: standard input can be read once\n',
    });
    expect(await gatechart(['check-config'])).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([
    ['a plain one', 'kind: @acme/guards#X', 11],
    ['one in a list of keys', '{kind: @acme/guards#X}', 12],
  ])('says that a package with a scope must be quoted: %s', async (_, written, column) => {
    const file = join(folderWith({ 'p.yaml': `plugins:\n  - ${written}\n` }), 'p.yaml');
    const { code, out } = await check(file);
    expect(code).toBe(1);
    expect(out[0]).toBe(
      `${file}:2:${column} error: a value that begins with @ must be quoted: write "@acme/guards#Guard", not @acme/guards#Guard`,
    );
  });

  it('says that a kind has lost its export to a comment', async () => {
    const file = join(folderWith({ 'p.yaml': 'plugins:\n  - name: a\n    kind: ./a.js #A\n' }), 'p.yaml');
    expect((await check(file)).out.join('\n')).toContain('a # behind a space begins a comment');
  });
});
