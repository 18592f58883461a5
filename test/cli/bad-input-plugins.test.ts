import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { folderOfBadPlugins, hookNames, refusal, writtenIn } from '../fixtures/manager/bad-plugins.js';
import { check } from '../fixtures/config/check.js';
import { start } from '../fixtures/manager/managers.js';

const kinds =
  'expected "external", a registered kind, or a module with its export, like ./plugins/deny.js#DenyList or @acme/pkg#Redactor';

const noExport =
  'it names no export; write it behind a # without a space, like ./plugins/deny.js#DenyList (in YAML, a # behind a space begins a comment)';

/** What `check-config` says, after the place. */
const unusable = (kind: string, reason: string): string =>
  `error plugins[0].kind: found the string "${kind}", which cannot be loaded: ${reason}`;
const onlyRegistered = (kind: string): string =>
  `warning plugins[0].kind: found the string "${kind}"; only a program that registers this kind can start it`;

let folder: string;
beforeEach(() => {
  folder = folderOfBadPlugins();
});

describe('a plugin that cannot be loaded', () => {
  it.each<[what: string, entry: string, message: string, checked?: string]>([
    ['an unknown kind', 'kind: Unheard', `(Unheard) cannot be loaded: ${kinds}.`, onlyRegistered('Unheard')],
    [
      'a kind in other letters',
      'kind: DenyList',
      `(DenyList) cannot be loaded: ${kinds}; did you mean deny-list?`,
      `${onlyRegistered('DenyList')}; did you mean \`deny-list\`?`,
    ],
    [
      'a kind that nearly comes along',
      'kind: pii_filter',
      `(pii_filter) cannot be loaded: ${kinds}; did you mean pii-filter?`,
      `${onlyRegistered('pii_filter')}; did you mean \`pii-filter\`?`,
    ],
    [
      'a class that nearly comes along',
      'kind: cpex_pii_filter.PIIFiltrPlugin',
      '(cpex_pii_filter.PIIFiltrPlugin) cannot be loaded: it names a Python class; serve that plugin with the Python package and use kind: external; did you mean cpex_pii_filter.PIIFilterPlugin?',
      'warning plugins[0].kind: this names a Python class; serve that plugin with its own server and use `kind: external`; did you mean `cpex_pii_filter.PIIFilterPlugin`?',
    ],
    [
      'a module without its export',
      'kind: ./good.mjs',
      `(./good.mjs) cannot be loaded: ${noExport}.`,
      unusable('./good.mjs', noExport),
    ],
    [
      'a module with an empty export',
      'kind: "./good.mjs#"',
      `(./good.mjs#) cannot be loaded: ${kinds}.`,
      unusable('./good.mjs#', kinds),
    ],
    ['an export without its module', 'kind: "#A"', `(#A) cannot be loaded: ${kinds}.`, unusable('#A', kinds)],
    [
      'a Python class',
      'kind: plugins.deny.DenyList',
      '(plugins.deny.DenyList) cannot be loaded: it names a Python class; serve that plugin with the Python package and use kind: external.',
      'warning plugins[0].kind: this names a Python class; serve that plugin with its own server and use `kind: external`',
    ],
    ...['node:fs', 'fs', 'fs/promises', 'child_process'].map((name): [string, string, string, string] => [
      `a module of Node's own, ${name}`,
      `kind: "${name}#A"`,
      `(${name}#A) cannot be loaded: Node's built-in modules are not plugins.`,
      unusable(`${name}#A`, "Node's built-in modules are not plugins"),
    ]),
    [
      'a path out of the folder',
      'kind: "../outside.mjs#A"',
      "(../outside.mjs#A) cannot be loaded: the file is outside the configuration's folder and plugin_dirs.",
      unusable('../outside.mjs#A', "the file is outside the configuration's folder and plugin_dirs"),
    ],
    [
      'a link out of the folder',
      'kind: "./link.mjs#A"',
      "(./link.mjs#A) cannot be loaded: the file is outside the configuration's folder and plugin_dirs.",
      unusable('./link.mjs#A', "the file is outside the configuration's folder and plugin_dirs"),
    ],
    [
      'an absolute path',
      'kind: "/etc/hostname#A"',
      '(/etc/hostname#A) cannot be loaded: the module must be a package or a path that starts with ./ or ../.',
      unusable('/etc/hostname#A', 'the module must be a package or a path that starts with ./ or ../'),
    ],
    [
      'an address',
      'kind: "https://example.com/x.js#A"',
      '(https://example.com/x.js#A) cannot be loaded: the module must be a package or a path that starts with ./ or ../.',
      unusable('https://example.com/x.js#A', 'the module must be a package or a path that starts with ./ or ../'),
    ],
    [
      'code in the name',
      'kind: "data:text/javascript,export const A = 1#A"',
      '(data:text/javascript,export const A = 1#A) cannot be loaded: the module must be a package or a path that starts with ./ or ../.',
      unusable(
        'data:text/javascript,export const A = 1#A',
        'the module must be a package or a path that starts with ./ or ../',
      ),
    ],
    [
      'a package path that climbs',
      'kind: "zod/../../x#A"',
      '(zod/../../x#A) cannot be loaded: a package path must not contain "..".',
      unusable('zod/../../x#A', 'a package path must not contain ".."'),
    ],
    [
      'a file that is not there',
      'kind: "./gone.mjs#A"',
      '(./gone.mjs#A) cannot be loaded: no such file: FOLDER/gone.mjs.',
      unusable('./gone.mjs#A', "there is no such file in the configuration's folder or plugin_dirs"),
    ],
    [
      'a package that is not there',
      'kind: "@acme/none#A"',
      "(@acme/none#A) cannot be loaded: Cannot find package '@acme/none' imported from FOLDER/.",
      unusable('@acme/none#A', 'no installed package has this module'),
    ],
    [
      'a module that throws',
      'kind: "./throws.mjs#A"',
      '(./throws.mjs#A) cannot be loaded: its module cannot be imported: no database.',
    ],
    [
      'a module that needs what is not there',
      'kind: "./needs.mjs#A"',
      "(./needs.mjs#A) cannot be loaded: its module cannot be imported: Cannot find package 'a-package-that-is-not-there' imported from FOLDER/needs.mjs.",
    ],
    [
      'an export that is not there',
      'kind: "./other.mjs#A"',
      '(./other.mjs#A) cannot be loaded: its module exports no A; it exports Config, other.',
    ],
    [
      'an export that is no plugin',
      'kind: "./other.mjs#Config"',
      '(./other.mjs#Config) cannot be loaded: its export is neither made by definePlugin nor a class that extends Plugin.',
    ],
    [
      'a constructor that throws',
      'kind: "./constructor.mjs#A"',
      '(./constructor.mjs#A) cannot be loaded: its constructor threw: no key.',
    ],
    [
      'an initialize that throws',
      'kind: "./initialize.mjs#A"',
      '(./initialize.mjs#A) cannot be loaded: its initialize threw: no licence.',
    ],
    [
      'a config that does not fit its schema',
      'kind: "./schema.mjs#A", config: {words: no, limits: 1}',
      '(./schema.mjs#A) cannot be loaded: FOLDER/plugins.yaml:2:48 plugins[0].config.limit: is missing; expected number; FOLDER/plugins.yaml:2:56 plugins[0].config.words: expected array, found the boolean false; FOLDER/plugins.yaml:2:60 plugins[0].config.limits: unknown key; did you mean `limit`?',
    ],
    [
      'no handler for a hook',
      'kind: "./good.mjs#A", hooks: [tool_post_invoke, prompt_pre_fetch]',
      '(./good.mjs#A) cannot be loaded: it has no handler for tool_post_invoke, prompt_pre_fetch.',
    ],
  ])('%s', async (_, entry, message, checked) => {
    symlinkSync(join(folder, '../outside.mjs'), join(folder, 'link.mjs'));
    const hooks = entry.includes('hooks:') ? '' : ', hooks: [tool_pre_invoke]';
    const config = writtenIn(folder, `plugins:\n- {name: Deny, ${entry}${hooks}}\n`);
    expect(await refusal(start({ config }), folder)).toEqual([
      'PLUGIN_LOAD_FAILED',
      `FOLDER/plugins.yaml: Plugin Deny ${message}`,
    ]);
    // What shows only when a module runs, a check cannot know.
    const { out } = await check(config);
    const place = `${config}:2:22`;
    expect(out.slice(0, -2)).toEqual(checked === undefined ? [] : [`${place} ${checked}`]);
  });

  it('a hook that nobody registered', async () => {
    const config = writtenIn(folder, 'plugins:\n- {name: Deny, kind: "./good.mjs#A", hooks: [tool_pre_invok]}\n');
    expect(await refusal(start({ config }), folder)).toEqual([
      'HOOK_UNKNOWN',
      `FOLDER/plugins.yaml: Plugin Deny: Nobody registered a hook named "tool_pre_invok"; did you mean tool_pre_invoke? Known hooks: ${hookNames}.`,
    ]);
    expect(await check(config)).toEqual({
      code: 0,
      out: [
        `${config}:2:46 warning plugins[0].hooks[0]: expected a built-in hook, or one that the program registers, found the string "tool_pre_invok"; did you mean \`tool_pre_invoke\`?`,
        `${config}: 1 plugin, 0 errors, 1 warning`,
        '',
      ],
      err: [''],
    });
  });

  it('without a file it is only the plugin that is named', async () => {
    const config = { plugins: [{ name: 'Deny', kind: 'nothing', hooks: ['tool_pre_invoke'] }] };
    expect(await refusal(start({ config }))).toEqual([
      'PLUGIN_LOAD_FAILED',
      expect.stringMatching(/^Plugin Deny \(nothing\) cannot be loaded: /),
    ]);
  });

  it('several plugins are told of together', async () => {
    const config = writtenIn(
      folder,
      'plugins:\n- {name: One, kind: "./gone.mjs#A"}\n- {name: Good, kind: "./good.mjs#A"}\n- {name: Two, kind: "fs#A"}\n',
    );
    expect(await refusal(start({ config }), folder)).toEqual([
      'PLUGIN_LOAD_FAILED',
      "FOLDER/plugins.yaml: 2 plugins cannot be started:\nPlugin One (./gone.mjs#A) cannot be loaded: no such file: FOLDER/gone.mjs.\nPlugin Two (fs#A) cannot be loaded: Node's built-in modules are not plugins.",
    ]);
  });
});
