import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { EnvironmentReader } from '../../src/config/environment/environment-reader.js';
import { readEnvironment, readServerEnvironment } from '../../src/config/environment/environment.js';
import { formatIssue } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';
import { variableNames } from '../../src/config/environment/variable-names.js';
import { createManager, gatewayPolicies } from '../../src/index.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { check } from '../fixtures/config/check.js';
import { refusalOf, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';
import { rejection } from '../fixtures/waiting.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder, 'f.yaml'), yaml);
  return loadConfig('f.yaml', { env, cwd: folder });
}

const plugin = (more: string): string => `plugins:\n- name: a\n  kind: k\n  hooks: [h]\n${more}`;
const digits = '1'.repeat(900_000);
const doubling = (times: number): string =>
  `{% set n = namespace(a=[1]) %}${'{% set n.a = [n.a, n.a] %}'.repeat(times)}`;

/** With the square of its length, each of these takes minutes or more; with its length, a second. */
const patience = 20_000;

describe('what is refused takes time that grows with its length', () => {
  it.each<[string, string, number, RegExp]>([
    ['text that begins as a number', plugin(`  priority: "${digits}x"`), 5, /expected an integer/],
    ['a tagged number', plugin(`  config: {x: !!float ${digits}x}`), 5, /expected a value that its tag fits/],
    ['spaces in a tag', `x: {{ 1${' '.repeat(1_000_000)} }}`, 1, /at most 200 spaces in a row/],
    ['lists of one list', `${doubling(60)}{{ n.a }}`, 1, /too large/],
    ['lists of one list, as JSON', `${doubling(60)}{{ n.a | tojson }}`, 1, /too large/],
    ['lists of one list, compared', `${doubling(60)}{% set m = n.a %}{{ n.a == [m, m] or n.a == m }}`, 1, /too large/],
    ['lists of one list, joined', `${doubling(60)}{{ [n.a, n.a] | join }}`, 1, /too large/],
    ['directives without an end', `x: {{ '${'%('.repeat(400_000)}' | format(1) }}`, 1, /format/],
    ['wide directives', `{{ '${'%(a)1000s'.repeat(100_000)}' | format(a='x') }}`, 1, /too large/],
    ['nothing that is replaced', `{% set x = '${'a'.repeat(3_000)}' %}{{ x | replace('', x) }}`, 1, /too large/],
    ['lines that are indented', `{{ '${'\\n'.repeat(3_000)}a' | indent(1000000) }}`, 1, /`indent` is too large/],
    [
      'long text, again and again',
      `{% set x = '${'a'.repeat(900_000)}' %}{% for i in env.L.split(',') %}{{ x | list | length }}{% endfor %}`,
      1,
      /steps to fill in/,
    ],
  ])(
    '%s',
    (_, yaml, line, message) => {
      const error = refusalOfFile(folder, yaml, { L: ','.repeat(5_000) });
      expect(error.issues[0]).toMatchObject({ line, message: expect.stringMatching(message) });
      expect(error.message.length).toBeLessThan(2_000);
    },
    patience,
  );

  it.each<[string, string]>([
    ['merge keys', plugin(`  config: {${'<<: {},'.repeat(100_000)}}`)],
    ['a list of maps to merge', plugin(`  config: {<<: [${'{},'.repeat(200_000)}]}`)],
    ['a number in a variable', plugin(`  config: {x: "{{ env.D | float(0) }}{{ env.D | int }}"}`)],
  ])(
    'and so does what is read: %s',
    (_, yaml) => {
      expect(load(yaml, { D: `${'1'.repeat(100_000)}x` }).warnings).toEqual([]);
    },
    patience,
  );

  it(
    'the order of a plugin on many hooks',
    async () => {
      const hooks = Array.from({ length: 100_000 }, (_, index) => `h${index}`);
      writeFileSync(
        join(folder, 'hooks.yaml'),
        `plugins: [{name: a, kind: k, mode: audit, hooks: [${hooks.join(', ')}]}]`,
      );
      expect((await check(join(folder, 'hooks.yaml'))).code).toBe(0);
    },
    patience,
  );
});

describe('a message has a sensible length', () => {
  const name = 'n'.repeat(100_000);
  it.each<[string, string]>([
    ['an alias', `plugins: [*${name}]`],
    ['a tag', `plugins: !${name} x`],
    ['a filter', `x: {{ env.A | ${name} }}`],
    ['a test', `x: {{ env.A is ${name} }}`],
    ['what is not defined', `x: {{ ${name}.x }}`],
    ['a statement', `{% ${name} %}`],
    ['a key', `${name}: {{ env.A }}`],
  ])('%s', (_, yaml) => {
    const error = refusalOfFile(folder, yaml);
    expect(error.message.length).toBeLessThan(1_500);
  });

  it('that of a variable that is not set, too', () => {
    expect(load(`plugins: []\n# {{ env.${name} }}`).warnings.map(({ message }) => message.length < 500)).toEqual([
      true,
    ]);
  });
});

describe('a template gives what Jinja gives, or nothing', () => {
  const rendered = (template: string): unknown =>
    load(plugin(`  config: {x: '{{ ${template} }}'}`), { URL: 'http://h/', A: '', B: 'b' }).config.plugins[0]?.config?.[
      'x'
    ];

  // Made with Jinja 3.1.6.
  it.each<[string, string]>([
    ['-7 % 3', '2'],
    ['7 % -3', '-2'],
    ['-7.5 % 2', '0.5'],
    ['6 % 3', '0'],
    ['7 // 2', '3'],
    ['4 / 2', '2.0'],
    ['env.NO | default(5000000)', '5000000'],
    ['"%d" | format(2000000)', '2000000'],
    ['"a" + "b"', 'ab'],
    ['1 + 2', '3'],
    ['"a" ~ 1', 'a1'],
    ['" a ".strip()', 'a'],
  ])('%s is %s', (template, text) => {
    expect(rendered(template)).toBe(text);
  });

  it.each([
    ['1 % 0', 'division by 0'],
    ['1 / 0', 'division by 0'],
    ['1 // 0', 'division by 0'],
    ['"a" + 1', '`+` takes two strings'],
    ['1 + "a"', '`+` takes two strings'],
    ['"a" + [1]', '`+` takes two strings'],
    ['"a\u{1f600}b"[1]', 'no positions here'],
    ['env.URL.rstrip("/")', 'the method `rstrip` is not supported with arguments'],
    ['env.URL.strip("/")', 'the method `strip` is not supported with arguments'],
    ['9007199254740993', 'held exactly'],
    ['2 ** 64', 'held exactly'],
    ['9007199254740991 + 2', 'held exactly'],
    ['3000000000 * 3000000000', 'held exactly'],
  ])('%s is refused', (template, message) => {
    const error = refusalOf(() => rendered(template));
    expect(error.issues).toEqual([expect.objectContaining({ line: 5, message: expect.stringContaining(message) })]);
  });
});

describe('a variable that gives nothing is told', () => {
  const warnings = (template: string): string[] =>
    load(plugin(`  config: {x: "${template}"}`), { A: 'a', EMPTY: '' }).warnings.map(formatIssue);

  it.each<[string, string[]]>([
    ['{% set e = env %}{{ e.TOKEN }}', ['TOKEN is not set']],
    ["{% set e = env %}{{ e.get('TOKEN') }}", ['TOKEN is not set']],
    ["{{ env['TO' ~ 'KEN'] }}", ['TOKEN is not set']],
    ["{% for n in ['A', 'TOKEN'] %}{{ env[n] }}{% endfor %}", ['TOKEN is not set']],
    ["{{ env.EMPTY | default('x') }}", ['EMPTY is empty']],
    ["{{ env.EMPTY | trim | default('x') }}", ['EMPTY is empty']],
    ['{{ env.NO | default(env.TOKEN) }}', ['TOKEN is not set']],
    ['{{ env.NO | default(default_value=env.TOKEN) }}', ['TOKEN is not set']],
    ['{{ env.EMPTY | default(env.TOKEN, true) }}', ['TOKEN is not set']],
  ])('%s', (template, told) => {
    expect(warnings(template)).toEqual(told.map((text) => expect.stringContaining(`the variable ${text};`)));
  });

  it.each([
    '{{ env.A | default(env.TOKEN) }}',
    '{{ env.A | default(default_value=env.TOKEN) }}',
    "{{ env.A | d(env.TOKEN | default('x')) }}",
    "{{ env.EMPTY | default('x', true) }}",
    "{{ env.EMPTY | default('') }}",
    "{{ env.TOKEN | default('x') | upper }}",
    "{{ env.EMPTY | default('x') or 'y' }}",
    "{% for n in ['A'] %}{{ env[n] }}{% endfor %}",
  ])('but not: %s', (template) => {
    expect(warnings(template)).toEqual([]);
  });
});

describe('a guard that never runs is told', () => {
  const yaml = (hooks: string): string =>
    `plugins:\n- name: a\n  kind: external\n  unix_socket: {path: /s}\n${hooks === '' ? '' : `  hooks: ${hooks}\n`}`;
  const told = 'f.yaml:2:3 plugins[0]: this plugin never runs: it lists no `hooks`';

  it('also an external one, whose own empty list wins over what its server says', () => {
    expect(load(yaml('[]')).warnings.map(formatIssue)).toEqual([told]);
    expect(refusalOfFile(folder, `${yaml('[]')}plugin_settings: {strict: true}\n`).message).toContain(told);
  });

  it.each(['', '~', '[h]'])('but not one with hooks: %s', (hooks) => {
    expect(load(yaml(hooks)).warnings).toEqual([]);
  });
});

describe('an object that is no configuration is refused as one', () => {
  const throwing = {
    get plugins(): never {
      throw new Error('mine');
    },
  };
  const endless: unknown[] = [];
  endless.length = 2 ** 32 - 1;
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  it.each<[string, object, string]>([
    [
      'an object that inherits from one without a constructor',
      Object.create(Object.create(null)) as object,
      'not plain',
    ],
    ['an accessor that throws', throwing, 'cannot be read'],
    ['a proxy that is revoked', proxy, 'cannot be read'],
    ['a list without elements that is as long as they get', { plugins: endless }, 'at most 1000000 values'],
  ])(
    '%s',
    (_, config, message) => {
      expect(refusalOf(() => loadConfig(config, { env: {} })).message).toContain(message);
    },
    patience,
  );
});

describe('an environment from code', () => {
  it('may hold numbers and flags, as that of a child process may', () => {
    const env = { PLUGINS_PLUGIN_TIMEOUT: 5, PLUGINS_FAIL_ON_PLUGIN_ERROR: true, N: 7 } as unknown as NodeJS.ProcessEnv;
    const { config } = load(plugin('  priority: "{{ env.N }}"'), env);
    expect(config.settings).toMatchObject({ pluginTimeoutMs: 5_000, failOnPluginError: true });
    expect(config.plugins[0]?.priority).toBe(7);
  });

  it('holds nothing else', () => {
    const env = { PLUGINS_LOG_LEVEL: {} } as unknown as NodeJS.ProcessEnv;
    expect(refusalOf(() => readEnvironment(env)).message).toContain(
      'PLUGINS_LOG_LEVEL: expected text, found an object',
    );
  });

  it('is known by all the names that are read', () => {
    const read = new Set<string>();
    const spy = vi.spyOn(EnvironmentReader.prototype, 'text');
    const on = { PLUGINS_SERVER_SSL_ENABLED: 'true', PLUGINS_GRPC_SERVER_SSL_ENABLED: 'true' };
    try {
      loadConfig({}, { env: {} });
      const mtls = { PLUGINS_CLIENT_MTLS_VERIFY: 'true', PLUGINS_GRPC_CLIENT_MTLS_VERIFY: 'true' };
      readEnvironment(mtls);
      refusalOf(() => readServerEnvironment(on));
    } finally {
      for (const [name] of spy.mock.calls) read.add(`PLUGINS_${name}`);
      spy.mockRestore();
    }
    expect([...read].toSorted()).toEqual([...variableNames].toSorted());
  });
});

describe('options that a manager is given', () => {
  const config = { plugins: [] };
  it.each<[object, string]>([
    [{ polices: gatewayPolicies }, 'createManager has no option polices; did you mean policies?'],
    [{ strict: true }, 'createManager has no option strict, expected config,'],
    [{ defaultHookPolicy: 'Deny' }, 'expected "allow" or "deny"'],
    [{ connection: { suspectAfter: -1 } }, 'options.connection.suspectAfter: expected an integer, 0 or more, found -1'],
    [{ connection: { suspectAfter: 'x' } }, 'options.connection.suspectAfter: expected an integer, 0 or more'],
  ])('%j are refused', async (options, message) => {
    const error = await rejection(createManager({ config, env: {}, ...options }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) });
  });

  it('a policy for a hook that nobody registered is a warning', async () => {
    const logger = new RecordingLogger();
    const policies = { ...gatewayPolicies, tool_pre_invok: { writable: [] } };
    const manager = await createManager({ config, env: {}, logger, policies });
    await manager.close();
    const warned = logger.entries.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warned).toEqual([expect.stringContaining('the policy of tool_pre_invok limits nothing')]);
  });
});
