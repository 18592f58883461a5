import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileSchemas } from '../../docs/generate/schemas/file-schemas.js';
import { denyList } from '../../src/catalogue/deny-list/deny-list.js';
import { ConfigError } from '../../src/config/config-issue.js';
import { loadConfig } from '../../src/config/load-config.js';
import { readServers } from '../../src/downstream/servers-file/read-servers.js';
import { readRules } from '../../src/gateway/rules/read-rules.js';

const schemas = await fileSchemas();
const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false, strictRequired: false });
const schemaOf = (kind: string) => ajv.compile(schemas.get(`${kind}.json`) ?? {});

type Step = string | number;
interface Change {
  readonly path: readonly Step[];
  /** What takes the place of what is there; undefined: nothing does. */
  readonly value: unknown;
}

/** All places in a document. */
function placesIn(value: unknown, path: readonly Step[] = []): (readonly Step[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(value);
  return [path, ...inside.flatMap(([step, item]) => placesIn(item, [...path, step]))];
}

function changed(document: unknown, { path, value }: Change): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const made = changed(Object(document)[step], { path: rest, value });
  if (Array.isArray(document)) return document.flatMap((item: unknown, index) => (index === step ? [made] : [item]));
  const { [step]: _, ...others } = Object(document) as Record<string, unknown>;
  return made === undefined ? others : { ...others, [step]: made };
}

/** Values of every type, none of which means something by its words. */
const wrong = [5, -1.5, true, null, 'some words', '', [], ['some words'], [5], {}, { key_of_nobody: 5 }];

/** One value in the place of another, one taken away, or a key that nobody knows. */
function changesOf(document: unknown): fc.Arbitrary<Change> {
  const maps = placesIn(document).filter((path) => {
    const value = path.reduce<unknown>((at, step) => Object(at)[step], document);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  });
  const inside = placesIn(document).filter((path) => path.length > 0);
  return fc.oneof(
    fc.record({ path: fc.constantFrom(...placesIn(document)), value: fc.constantFrom(...wrong) }),
    fc.record({
      path: fc.constantFrom(...inside.filter((path) => typeof path.at(-1) === 'string')),
      value: fc.constant(undefined),
    }),
    fc.record({
      path: fc.constantFrom(...maps).map((path) => [...path, 'key_of_nobody']),
      value: fc.constantFrom(5, 'x', {}),
    }),
  );
}

/** Texts of which a schema says only that they are some: what a URL, an address, a path or a scope is, the reader knows. */
const wordsThatMean = [
  'plugins.1.mcp.url',
  'plugins.2.grpc.target',
  'plugins.3.unix_socket.path',
  'mcpServers.b.url',
  'mcpServers.b.oauth.scopes',
  'mcpServers.b.oauth.scopes.0',
  'mcpServers.b.roots.0.uri',
];

/** Whether it is read; what is wrong with it is a ConfigError, and nothing else. */
function isRead(read: () => unknown): boolean {
  try {
    return read() !== false;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

const plugins = {
  plugins: [
    {
      name: 'deny',
      kind: 'deny-list',
      description: 'd',
      hooks: ['tool_pre_invoke'],
      mode: 'sequential',
      priority: 5,
      timeout: 2.5,
      on_error: 'ignore',
      tags: ['a'],
      conditions: [{ tools: ['echo'], tenant_ids: ['acme'] }],
      config: { words: ['x'] },
    },
    {
      name: 'far',
      kind: 'external',
      mcp: { proto: 'STREAMABLEHTTP', url: 'https://a.example', tls: { verify: true } },
    },
    { name: 'grpc', kind: 'external', grpc: { target: 'localhost:1' } },
    { name: 'unix', kind: 'external', unix_socket: { path: '/tmp/a.sock', timeout: 5, connections: 2 } },
  ],
  plugin_settings: { plugin_timeout: 10, fail_on_plugin_error: true, mode_dialect: 'cpex' },
  server_settings: { host: '127.0.0.1', port: 8000 },
};

const servers = {
  $schema: 's',
  mcpServers: {
    a: { command: 'x', args: ['y'], env: { A: 'b' }, cwd: '/', timeout: 5_000, isolation: 'shared', eager: true },
    b: {
      type: 'http',
      url: 'https://b.example/mcp',
      headers: { 'X-A': 'b' },
      oauth: { clientId: 'a', scopes: ['s'], callbackPort: 8_000 },
      replay: ['read'],
      tools: { allow: ['r*'], deny: ['w*'] },
      roots: [{ uri: 'file:///a', name: 'a' }],
      maxConcurrent: 5,
      pin: 'warn',
    },
  },
};

const rules = {
  $schema: 's',
  agents: {
    a: { allow: { servers: ['*'], tools: { web: ['read*'] } }, deny: { servers: ['x'], tools: { web: ['w'] } } },
    b: { description: 'd', allow: { servers: [] } },
  },
  defaults: { deny_on_missing_agent: true },
};

const isConfigOfDenyList = ({ kind, mode, config }: { kind: string; mode?: unknown; config?: unknown }): boolean =>
  kind !== 'deny-list' || mode === 'disabled' || denyList.configSchema?.safeParse(config ?? {}).success === true;

function readPlugins(document: unknown): boolean {
  const { config } = loadConfig(Object(document), { env: {} });
  return config.plugins.every(isConfigOfDenyList);
}

describe.each([
  ['plugins', plugins, readPlugins],
  ['servers', servers, (document: unknown) => readServers(Object(document), { env: {}, strict: true })],
  ['rules', rules, (document: unknown) => readRules(Object(document), { strict: true })],
])('the schema of %s', (kind, document: object, read) => {
  const accepts = schemaOf(kind);

  it('takes what is right, as does the reader', () => {
    expect(accepts(document)).toBe(true);
    expect(isRead(() => read(document))).toBe(true);
  });

  it('refuses what the reader refuses, and nothing else', () => {
    const seen = { taken: 0, refused: 0 };
    const differences = new Set<string>();
    fc.assert(
      fc.property(changesOf(document), (change) => {
        const other = changed(document, change);
        if (typeof other !== 'object' || other === null) return;
        const taken = isRead(() => read(other));
        seen[taken ? 'taken' : 'refused']++;
        const where = change.path.join('.');
        // The schema may let such words pass, and never refuses what is read.
        if (!taken && JSON.stringify(change.value)?.includes('some words') && wordsThatMean.includes(where)) return;
        if (accepts(other) !== taken)
          differences.add(`${taken ? 'too strict for' : 'too lenient for'} ${where} = ${JSON.stringify(change.value)}`);
      }),
      { numRuns: 3_000 },
    );
    expect([...differences].toSorted()).toEqual([]);
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(50);
  });
});
