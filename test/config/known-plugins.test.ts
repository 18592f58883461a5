import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-issue.js';
import { type LoadConfigOptions, loadConfig } from '../../src/config/load-config.js';
import type { Config } from '../../src/config/sections/configuration.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-known-'));
afterAll(() => rmSync(folder, { recursive: true }));
// Where paths start that are not next to the file: `sub` is there always, and next to the file only sometimes.
const cwd = join(folder, 'cwd');
mkdirSync(join(cwd, 'sub'), { recursive: true });

const hooks = ['tool_pre_invoke'];

/** What loading comes to, with the order of keys, which nothing else tells. */
function outcome(source: string | object, options: LoadConfigOptions) {
  try {
    const { config, warnings } = loadConfig(source, { env: {}, cwd, ...options });
    return { config, warnings, text: JSON.stringify([config, warnings]) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { issues: error.issues };
  }
}

const path = fc.constantFrom('sub', 'other', '~/x', '/tmp');
const anything = fc.constantFrom<unknown>(0, -0, 1, '1', null, [], {}, { a: 1, b: [2] }, { b: [2], a: 1 }, [null, 'x']);
const mcp = fc.record(
  {
    proto: fc.constantFrom('STDIO', 'STREAMABLEHTTP'),
    url: fc.constantFrom('http://h/mcp', 'http://h/mcp?a', 'no url'),
    cmd: fc.constantFrom(['a'], ['a', 'b']),
    script: fc.constantFrom('sub', 'run.py', '/nowhere/x.py'),
    cwd: path,
    uds: fc.constantFrom('/tmp/s', '/nowhere/s'),
    env: fc.constantFrom({ A: 'x' }, {}),
    tls: fc.constantFrom({ verify: false }, { ca_bundle: 'sub' }),
    reconnect_attempts: fc.constantFrom(1, '2'),
  },
  { requiredKeys: ['proto'] },
);
const entry = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c', 'A'),
    kind: fc.constantFrom('external', 'Own', './own.js#Own'),
    hooks: fc.constantFrom<unknown>(hooks, [], null),
    mode: fc.constantFrom('sequential', 'disabled', 'fire_and_forget', 'wrong'),
    on_error: fc.constantFrom('fail', 'ignore'),
    priority: fc.constantFrom<unknown>(1, '1', null),
    config: fc.dictionary(fc.constantFrom('x', 'y'), anything),
    mcp: fc.oneof({ weight: 3, arbitrary: mcp }, fc.constant({ proto: 'STREAMABLEHTTP', url: 'http://h/mcp' })),
    unix_socket: fc.constantFrom({ path: '/run/a' }, { path: 'run' }),
    unknown: fc.constant(1),
  },
  { requiredKeys: ['name', 'kind'] },
);
/** Most of what is generated freely is wrong in some way. */
const usable = fc.record({
  name: fc.constantFrom('d', 'e', 'f'),
  kind: fc.constantFrom('Own', './own.js#Own'),
  hooks: fc.constantFrom<unknown>(hooks, []),
  config: fc.dictionary(fc.constantFrom('x', 'y'), anything),
});
const external = fc.record({
  name: fc.constantFrom('g', 'h'),
  kind: fc.constant('external'),
  mcp: fc.oneof(
    fc.record({ proto: fc.constant('STDIO'), cmd: fc.constant(['a']), cwd: fc.constantFrom('sub', '/tmp') }),
    fc.record({ proto: fc.constant('STREAMABLEHTTP'), url: fc.constantFrom('http://h/a', 'http://h/b') }),
  ),
});
/** Readings of one file: of the entries that it ever has, some each time, most of them as they were. */
const readings = fc
  .tuple(fc.array(fc.oneof(usable, external), { minLength: 3, maxLength: 8 }), entry)
  .chain(([pool, wild]) =>
    fc.array(
      fc.record({
        source: fc.record(
          {
            plugins: fc
              .tuple(fc.shuffledSubarray(pool), fc.constantFrom([wild], [], [], []))
              .map(([some, more]) => uniqueNames([...some, ...more])),
            plugin_settings: fc.constantFrom({ strict: true }, { strict: false }, { strict: false }),
          },
          { requiredKeys: ['plugins'] },
        ),
        isFile: fc.constantFrom(true, false, false),
        hasSub: fc.boolean(),
      }),
      { minLength: 2, maxLength: 5 },
    ),
  );
const uniqueNames = (plugins: readonly { readonly name: string }[]): object[] => [
  ...new Map(plugins.map((plugin) => [plugin.name, plugin])).values(),
];
const write = (config: object): string => {
  const file = join(folder, 'plugins.yaml');
  writeFileSync(file, JSON.stringify(config));
  return file;
};

test('a configuration that is read with the one before it at hand is what it is without', () => {
  let reused = 0;
  fc.assert(
    fc.property(readings, (steps) => {
      let before: Config | undefined;
      for (const { source: wanted, isFile, hasSub } of steps) {
        rmSync(join(folder, 'sub'), { recursive: true, force: true });
        if (hasSub) mkdirSync(join(folder, 'sub'));
        const from = isFile ? write(wanted) : wanted;
        const again = outcome(from, { before });
        expect(again).toStrictEqual(outcome(from, {}));
        const known = new Set(before?.plugins);
        reused += again.config?.plugins.filter((plugin) => known.has(plugin)).length ?? 0;
        before = again.config ?? before;
      }
    }),
    { numRuns: 200 },
  );
  expect(reused).toBeGreaterThan(20);
});

test('an entry that says what it said is the same one, and one beside it that changed is another', () => {
  const entryOf = (name: string, x: number) => ({ name, kind: 'Own', hooks, config: { x } });
  const { config: before } = loadConfig({ plugins: [entryOf('a', 1), entryOf('b', 1)] }, { env: {} });
  const { config } = loadConfig({ plugins: [entryOf('b', 2), entryOf('a', 1)] }, { env: {}, before });
  expect(config.plugins[1]).toBe(before.plugins[0]);
  expect(config.plugins[0]).not.toBe(before.plugins[1]);
  expect(config.plugins[0]).toMatchObject({ name: 'b', config: { x: 2 } });
});

test('what an entry leads to is looked up each time', () => {
  const file = write({ plugins: [{ name: 'a', kind: 'external', mcp: { proto: 'STDIO', cmd: ['a'], cwd: 'sub' } }] });
  rmSync(join(folder, 'sub'), { recursive: true, force: true });
  const { config: before } = loadConfig(file, { env: {}, cwd });
  expect(before.plugins[0]?.mcp?.cwd).toBe(join(cwd, 'sub'));
  mkdirSync(join(folder, 'sub'));
  const { config } = loadConfig(file, { env: {}, cwd, before });
  expect(config.plugins[0]?.mcp?.cwd).toBe(join(folder, 'sub'));
});

test('an entry is another where a variable of its template holds something else', () => {
  const file = join(folder, 'template.yaml');
  writeFileSync(file, 'plugins: [{ name: a, kind: Own, hooks: [tool_pre_invoke], config: { x: "{{ env.X }}" } }]');
  const { config: before } = loadConfig(file, { env: { X: 'one' } });
  const { config } = loadConfig(file, { env: { X: 'two' }, before });
  expect([before, config].map((one) => one.plugins[0]?.config)).toEqual([{ x: 'one' }, { x: 'two' }]);
});

test('what is wrong with an entry is told each time', () => {
  const plugin = { name: 'a', kind: 'Own', hooks: [] };
  const { config: before, warnings } = loadConfig({ plugins: [plugin] }, { env: {} });
  expect(warnings).toHaveLength(1);
  expect(loadConfig({ plugins: [plugin] }, { env: {}, before }).warnings).toEqual(warnings);
  expect(() => loadConfig({ plugins: [plugin], plugin_settings: { strict: true } }, { env: {}, before })).toThrow(
    ConfigError,
  );
});
