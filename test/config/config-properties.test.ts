import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, type ConfigIssue } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-properties-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The issues of a configuration; anything thrown that is no ConfigError fails the test. */
function issuesOf(source: string | object, env: NodeJS.ProcessEnv = {}): readonly ConfigIssue[] {
  try {
    return loadConfig(source, { env, cwd: folder }).warnings;
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

function issuesOfFile(text: string, env: NodeJS.ProcessEnv = {}): readonly ConfigIssue[] {
  writeFileSync(join(folder, 'f.yaml'), text);
  return issuesOf('f.yaml', env);
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const words = fc.array(word, { maxLength: 3 });
const optional = { requiredKeys: [] as never[] };

// Not a template by accident, no key that is refused, and no -0, which JSON does not tell from 0.
const json = fc
  .jsonValue()
  .map((value) => JSON.stringify(value))
  // Nor a number that YAML 1.1 reads as text, or that stands for another one than its digits say.
  .filter((text) => !/\{[{%#]|__proto__|\d[eE]|\d{16}/.test(text))
  .map((text) => JSON.parse(text) as unknown);

const condition = fc.record({ server_ids: words, tools: words, user_patterns: words, content_types: words }, optional);
const tls = fc.record({ verify: fc.boolean(), check_hostname: fc.boolean() }, optional);
const backoff = { reconnect_attempts: fc.nat(9), reconnect_delay: fc.constantFrom(0, 0.1, 2) };
const shared = {
  description: word,
  version: word,
  hooks: words,
  tags: words,
  mode: fc.constantFrom('enforce', 'enforce_ignore_error', 'permissive', 'disabled', 'sequential', 'audit'),
  priority: fc.integer({ min: -1000, max: 1000 }),
  conditions: fc.array(condition, { maxLength: 2 }),
};
const required = { requiredKeys: ['name', 'kind'] as ('name' | 'kind')[] };
const local = fc.record(
  {
    name: word,
    kind: word.filter((kind) => kind !== 'external'),
    config: fc.dictionary(word, json, { maxKeys: 3 }),
    ...shared,
  },
  required,
);
const external = fc.record({ name: word, kind: fc.constant('external'), ...shared }, required).chain((plugin) =>
  fc.oneof(
    fc
      .record({
        proto: fc.constant('STDIO'),
        cmd: fc.tuple(word),
        env: fc.dictionary(word, word, { minKeys: 1 }),
        ...backoff,
      })
      .map((mcp) => ({ ...plugin, mcp })),
    fc
      .record({
        proto: fc.constant('STREAMABLEHTTP'),
        url: fc.constant('https://h/mcp'),
        tls,
        replay: fc.constantFrom('once', 'never'),
        ...backoff,
      })
      .map((mcp) => ({ ...plugin, mcp })),
    fc.record({ target: fc.constant('h:1'), tls }).map((grpc) => ({ ...plugin, grpc })),
    fc
      .record({ path: fc.constant('/tmp/x.sock'), timeout: fc.constantFrom(1, 30), ...backoff })
      .map((unix_socket) => ({ ...plugin, unix_socket })),
  ),
);

const configuration = fc.record({
  plugins: fc.uniqueArray(fc.oneof(local, external), { maxLength: 4, selector: (plugin) => plugin.name }),
  plugin_dirs: words,
  plugin_settings: fc.record(
    { plugin_timeout: fc.constantFrom(0.5, 30), max_payload_size: fc.nat(), fail_on_plugin_error: fc.boolean() },
    optional,
  ),
  server_settings: fc.record({ host: word, port: fc.integer({ min: 1, max: 65_535 }) }, optional),
});

interface KeyPlace {
  readonly path: string;
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

/** Every key this configuration gives whose meaning is ours: not those inside `config` and `env`. */
function keysOf(value: unknown, path = ''): KeyPlace[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => keysOf(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [{ path: here, parent, key }, ...(key === 'config' || key === 'env' ? [] : keysOf(parent[key], here))];
  });
}

/** A value of another type than the one there is, that cannot be read as it either. */
function otherType(value: unknown): unknown {
  if (typeof value === 'string') return { not: 'a string' };
  return Array.isArray(value) || typeof value === 'object' ? 'not a collection' : ['not a scalar'];
}

describe('a configuration', () => {
  it('that is right has no errors, as an object and as a file, and says the same', () => {
    fc.assert(
      fc.property(configuration, (source) => {
        const errors = (issues: readonly ConfigIssue[]) => issues.filter(({ severity }) => severity === 'error');
        expect(errors(issuesOf(source))).toEqual([]);
        const text = stringify(source, { version: '1.1' });
        expect(errors(issuesOfFile(text))).toEqual([]);
        const { file, ...fromFile } = loadConfig('f.yaml', { env: {}, cwd: folder }).config;
        expect(file).toBe(join(folder, 'f.yaml'));
        expect(fromFile).toEqual(loadConfig(source, { env: {}, cwd: folder }).config);
      }),
      { numRuns: 60 },
    );
  });

  it('with one key misspelt has an issue at that key, on its line', () => {
    fc.assert(
      fc.property(configuration, fc.nat(), (source, choice) => {
        const copy = structuredClone(source);
        const places = keysOf(copy);
        const place = places[choice % places.length];
        if (place === undefined) return;
        const misspelt = `${place.key}_x`;
        place.parent[misspelt] = place.parent[place.key];
        delete place.parent[place.key];
        const path = `${place.path}_x`;
        const expected = expect.objectContaining({
          path,
          severity: 'error',
          message: expect.stringMatching(/^unknown key; did you mean `|^unknown key; expected one of /),
        });
        expect(issuesOf(copy)).toContainEqual(expected);

        const text = stringify(copy, { version: '1.1' });
        const issue = issuesOfFile(text).find((entry) => entry.path === path);
        expect(text.split('\n')[(issue?.line ?? 0) - 1]?.slice((issue?.column ?? 0) - 1)).toMatch(
          new RegExp(`^${misspelt}:`),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('with one value of the wrong type has an issue at that value', () => {
    fc.assert(
      fc.property(configuration, fc.nat(), (source, choice) => {
        const copy = structuredClone(source);
        const places = keysOf(copy);
        const place = places[choice % places.length];
        if (place === undefined) return;
        place.parent[place.key] = otherType(place.parent[place.key]);
        const errors = issuesOf(copy).filter((issue) => issue.severity === 'error');
        expect(errors.map((issue) => issue.path)).toContain(place.path);
        const text = stringify(copy, { version: '1.1' });
        const issue = issuesOfFile(text).find((entry) => entry.path === place.path);
        expect(issue?.line).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('made of anything at all is never refused with anything but a ConfigError', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 4, withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
        (source) => {
          issuesOf(source);
          issuesOf({ plugins: [source] });
          issuesOf({ plugins: [{ name: 'a', kind: 'external', mcp: source }] });
        },
      ),
      { numRuns: 300 },
    );
  });
});
