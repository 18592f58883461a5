import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import { isGatechartError } from '../../src/errors.js';
import { type BadFile, expectedMessage, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const badFiles: BadFile[] = [
  [
    'malformed YAML, all of it',
    'plugins: [\n  {name: a\nplugin_dirs: ]\n  x: "y\n',
    [
      'f.yaml:3:1: Flow map in block collection must be sufficiently indented and end with a }',
      'f.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
      'f.yaml:3:14: Unexpected flow-seq-end token',
      'f.yaml:4:3: Unexpected scalar token',
      'f.yaml:4:4: Unexpected map-value-ind token',
      'f.yaml:4:6: Unexpected double-quoted-scalar token',
    ],
  ],
  [
    'a key that is there twice',
    'plugin_dirs: []\nplugin_dirs: []\n',
    ['f.yaml:2:1 plugin_dirs: this key is in the map already, on line 1; remove one of the two'],
  ],
  [
    'keys that are there twice, deep inside, each with its name and both its places',
    'plugins:\n- name: a\n  kind: b#C\n  config: {x: 1,\n    x: 2}\n  kind: b#D\n',
    [
      'f.yaml:5:5 plugins[0].config.x: this key is in the map already, on line 4; remove one of the two',
      'f.yaml:6:3 plugins[0].kind: this key is in the map already, on line 3; remove one of the two',
    ],
  ],
  [
    'a key that is there twice and came out of the template, which is not shown',
    'a: 1\n{{ env.SECRET_KEY }}: 1\n{{ env.SECRET_KEY }}: 2\n',
    ['f.yaml:3:1: this key is in the map already, on line 2; remove one of the two'],
    { SECRET_KEY: 'sesame' },
  ],
  [
    'an alias without an anchor',
    'plugins: *missing\n',
    ['f.yaml:1:10: the alias *missing has no anchor &missing before it'],
  ],
  [
    'aliases that multiply',
    'a: &a [1,2,3,4,5,6,7,8,9,0]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n',
    ['f.yaml:3:32: aliases are used more than 100 times over'],
  ],
  [
    'data that contains itself',
    'plugins: &p\n- *p\n',
    ['f.yaml:2:3 plugins[0]: expected data without cycles, found a value that contains itself'],
  ],
  [
    'a second document',
    'plugins: []\n---\nplugins: []\n',
    ['f.yaml:2:1: expected one document, found a second after `---`'],
  ],
  [
    'a Python object',
    'plugins: !!python/object:os.system x\n',
    ['f.yaml:1:10: Unresolved tag: tag:yaml.org,2002:python/object:os.system'],
  ],
  [
    'nesting without end',
    `plugins: ${'['.repeat(1000)}\n`,
    ['f.yaml:1:110: expected at most 100 levels of nesting, found more'],
  ],
  ['tabs for indentation', 'plugins:\n	- name: a\n', ['f.yaml:2:1: Tabs are not allowed as indentation']],
  ['a list at the top', '- name: a\n', ['f.yaml:1:1: expected a map, found a list']],
  ['a word at the top', 'plugins\n', ['f.yaml:1:1: expected a map, found the string "plugins"']],
  [
    'unknown keys',
    'plugin: []\nplugin_setting: {}\nwhatever: 1\nplugins:\n- {name: a, kind: k, Mode: enforce, prioirty: 3, zzz: 1}\n',
    [
      'f.yaml:1:1 plugin: unknown key; did you mean `plugins`?',
      'f.yaml:2:1 plugin_setting: unknown key; did you mean `plugin_settings`?',
      'f.yaml:3:1 whatever: unknown key; expected one of plugins, plugin_dirs, plugin_settings, server_settings, grpc_server_settings, unix_socket_server_settings',
      'f.yaml:5:22 plugins[0].Mode: unknown key; did you mean `mode`?',
      'f.yaml:5:37 plugins[0].prioirty: unknown key; did you mean `priority`?',
      'f.yaml:5:50 plugins[0].zzz: unknown key; expected one of name, kind, description, author, namespace, version, hooks, tags, mode, priority, conditions, applied_to, config, on_error, capabilities, max_content_size, timeout, mcp, grpc, unix_socket',
    ],
  ],
  [
    'an unknown condition',
    'plugins:\n- name: a\n  kind: k\n  conditions:\n  - user_pattern: [x]\n  - tools: search\n',
    [
      'f.yaml:5:5 plugins[0].conditions[0].user_pattern: unknown key; did you mean `user_patterns`?',
      'f.yaml:6:12 plugins[0].conditions[1].tools: expected a list of strings, found the string "search"',
    ],
  ],
  [
    'wrong types',
    'plugins:\n- name: 5\n  kind: []\n  hooks: tool_pre_invoke\n  tags: {a: 1}\n  mode: strict\n  priority: 1.5\n  config: [1]\n  version: 1.0\n',
    [
      'f.yaml:2:9 plugins[0].name: expected a string, found the number 5; put it in quotes',
      'f.yaml:3:9 plugins[0].kind: expected a string, found an empty list',
      'f.yaml:4:10 plugins[0].hooks: expected a list of strings, found the string "tool_pre_invoke"',
      'f.yaml:5:9 plugins[0].tags: expected a list of strings, found a map',
      'f.yaml:6:9 plugins[0].mode: expected one of enforce, enforce_ignore_error, permissive, disabled, sequential, transform, audit, concurrent, fire_and_forget, found the string "strict"',
      'f.yaml:7:13 plugins[0].priority: expected an integer, found the number 1.5',
      'f.yaml:8:11 plugins[0].config: expected a map, found a list',
      'f.yaml:9:12 plugins[0].version: expected a string, found the number 1; put it in quotes',
    ],
  ],
  [
    'a plugin that is not a map',
    'plugins: [deny]\n',
    ['f.yaml:1:11 plugins[0]: expected a map, found the string "deny"'],
  ],
  [
    'missing name and kind',
    'plugins:\n- hooks: []\n',
    [
      'f.yaml:2:3 plugins[0].name: is missing; expected a string',
      'f.yaml:2:3 plugins[0].kind: is missing; expected a string',
    ],
  ],
  [
    'empty name',
    'plugins:\n- name: " "\n  kind: ""\n',
    [
      'f.yaml:2:9 plugins[0].name: expected a string that is not empty, found the string " "',
      'f.yaml:3:9 plugins[0].kind: expected a string that is not empty, found an empty string',
    ],
  ],
  [
    'duplicate name',
    'plugins:\n- name: Echo\n  kind: k\n- name: other\n  kind: k\n- name: echo\n  kind: k\n',
    [
      'f.yaml:6:9 plugins[2].name: expected a name no other plugin has (upper and lower case count as the same), found the string "echo" on line 6, as in plugins[0].name on line 2',
    ],
  ],
  [
    'settings out of range',
    'plugin_settings:\n  plugin_timeout: 0\n  max_payload_size: -1\n  fail_on_plugin_error: maybe\n',
    [
      'f.yaml:2:19 plugin_settings.plugin_timeout: expected seconds, more than 0, found the number 0',
      'f.yaml:3:21 plugin_settings.max_payload_size: expected an integer, 0 or more, found the number -1',
      'f.yaml:4:25 plugin_settings.fail_on_plugin_error: expected true or false, found the string "maybe"',
    ],
  ],
  [
    'template tag without end',
    'plugins: []\n\nplugin_dirs: ["{{ env.A"]\n',
    ['f.yaml:3:16: `{{` is never closed with `}}`'],
  ],
  [
    'template block without end',
    'plugins: []\n{% if env.A %}\nplugin_dirs: []\n',
    ['f.yaml:2:1: `{% if %}` is never closed with `{% endif %}`'],
  ],
  [
    'template end without block',
    'plugins: []\n{% endif %}\n',
    ['f.yaml:2:1: this tag cannot be read: Unknown statement type: endif'],
  ],
  [
    'template with an unknown filter',
    'plugins: []\nplugin_dirs: ["{{ env.A | shout }}"]\n',
    [
      'f.yaml:2:16: the filter `shout` is not supported; expected one of abs, capitalize, count, d, default, e, escape, first, float, format, indent, int, items, join, last, length, list, lower, replace, reverse, round, safe, sort, string, title, tojson, trim, upper, urlencode',
    ],
    { A: 'x' },
  ],
  [
    'template over something else',
    'plugins: []\nplugin_dirs: ["{{ evn.A }}"]\n',
    ['f.yaml:2:16: `evn` is not defined; expected a Jinja template over `env`'],
  ],
  [
    'template syntax',
    '\nplugin_dirs: ["{{ env.A env.B }}"]\n',
    ['f.yaml:2:16: this tag cannot be read: Expected closing expression token'],
  ],
  [
    'an unset variable for a number',
    'plugins:\n- name: a\n  kind: k\n  priority: "{{ env.PRIORITY }}"\n',
    ['f.yaml:4:13 plugins[0].priority: expected an integer, found an empty string'],
  ],
  [
    'an infinite number and a strange key',
    'plugins:\n- name: a\n  kind: k\n  config: {limit: .inf, __proto__: {x: 1}}\n',
    [
      'f.yaml:4:19 plugins[0].config.limit: expected a finite number, found Infinity',
      'f.yaml:4:25 plugins[0].config.__proto__: this key is not allowed',
    ],
  ],
];

describe('a bad file is refused with everything that is wrong with it', () => {
  it.each(badFiles)('%s', (_, yaml, messages, env) => {
    const error = refusalOfFile(folder, yaml, env);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message.split('\n')).toEqual(expectedMessage(messages));
  });

  it('carries each issue as data', () => {
    const error = refusalOfFile(folder, 'plugin_dirs: 3\nplugin_settings: {parallel_execution_within_band: true}\n');
    expect(isGatechartError(error)).toBe(true);
    expect(error.issues).toEqual([
      {
        file: 'f.yaml',
        line: 1,
        column: 14,
        path: 'plugin_dirs',
        message: 'expected a list of strings, found the number 3',
        severity: 'error',
      },
      {
        file: 'f.yaml',
        line: 2,
        column: 19,
        path: 'plugin_settings.parallel_execution_within_band',
        message:
          'has no effect; plugins of equal priority run in the order they are listed, and those of `mode: concurrent` at once',
        severity: 'warning',
      },
    ]);
  });

  it('only warns of SSE and of relative scripts where nothing is started yet', () => {
    const yaml =
      'plugins:\n- {name: a, kind: external, mode: disabled, mcp: {proto: SSE, url: http://h/}}\n- {name: b, kind: external, mcp: {proto: STDIO, script: later.py}}\n- {name: c, kind: k, hooks: [tool_pre_invoke], mcp: {proto: STDIO, cmd: [sh]}}\n';
    writeFileSync(join(folder, 'f.yaml'), yaml);
    const { warnings } = loadConfig('f.yaml', { env: {}, cwd: folder });
    expect(warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'plugins[0].mcp.proto: SSE is not supported; use `proto: STREAMABLEHTTP` with the Streamable HTTP address of the server',
      'plugins[1].mcp.script: expected a script that exists, found the string "later.py"',
      'plugins[2].mcp: `mcp` has no effect; it is for plugins of `kind: external`',
    ]);
  });
});
