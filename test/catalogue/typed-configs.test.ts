import { expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { ReadyMadeConfigs } from '../../src/catalogue/ready-made-configs.js';
import { readyMadeKinds } from '../../src/catalogue/ready-made-kinds.js';
import { defineConfig } from '../../src/index.js';

/** A key that no plugin has. */
interface Unknown {
  readonly key_of_no_plugin: true;
}

/** The kinds whose `config` may have any key. */
type OpenKinds = {
  [Kind in keyof ReadyMadeConfigs]: Unknown extends ReadyMadeConfigs[Kind]
    ? [keyof ReadyMadeConfigs[Kind]] extends [never]
      ? Kind
      : string extends keyof ReadyMadeConfigs[Kind]
        ? Kind
        : never
    : never;
}[keyof ReadyMadeConfigs];

/** Written out: a kind that is missing from the types, or is not of the package, does not compile. */
const keys: { readonly [Kind in keyof ReadyMadeConfigs]: readonly (keyof ReadyMadeConfigs[Kind])[] } = {
  'pii-filter': ['detect_ssn', 'whitelist_patterns'],
  'search-replace': ['words'],
  'rate-limiter': ['by_user', 'fail_mode'],
  'retry-with-backoff': ['max_retries', 'retry_on_status'],
  'secrets-detection': ['redact', 'enabled'],
  'deny-list': ['words'],
  'output-length-guard': ['max_chars', 'strategy'],
  'schema-guard': ['arg_schemas', 'result_schemas'],
  'sparc-static-validator': ['tool_schemas'],
  'sql-sanitizer': ['allowed_statements', 'fields'],
  'resource-filter': ['blocked_domains'],
  'url-reputation': ['whitelist_domains'],
  'file-type-allowlist': ['allowed_extensions'],
  'circuit-breaker': ['error_rate_threshold'],
  'encoded-exfil-detection': ['min_entropy'],
  'webhook-notification': ['webhooks'],
  'tools-telemetry-exporter': ['export_full_payload'],
  'json-repair': ['engine'],
  'html-to-markdown': [],
  'safe-html-sanitizer': ['allowed_tags'],
};

/** What the compiler is asked about alone, and never runs. */
const unrun = (_written: () => unknown): void => undefined;

it('are there for every plugin that comes with the package, and for no other', () => {
  expect(Object.keys(keys).toSorted()).toEqual(readyMadeKinds.map(({ name }) => name).toSorted());
});

it.each(readyMadeKinds)('have the keys that $name reads', async (kind) => {
  const { name } = kind;
  const { configSchema } = await kind.load();
  if (configSchema === undefined) throw new Error('expected a schema');
  const { properties = {} } = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  for (const key of Object(keys)[name] as string[]) expect(Object.keys(properties)).toContain(key);
});

it('take no key that the plugin does not know', () => {
  expectTypeOf<OpenKinds>().toEqualTypeOf<never>();
  const entry = { name: 'a', hooks: ['tool_pre_invoke'] } as const;
  unrun(() => [
    defineConfig({ plugins: [{ ...entry, kind: 'deny-list', config: { words: ['x'] } }] }),
    // @ts-expect-error -- the key is `words`
    defineConfig({ plugins: [{ ...entry, kind: 'deny-list', config: { wrds: ['x'] } }] }),
    // @ts-expect-error -- words are a list
    defineConfig({ plugins: [{ ...entry, kind: 'deny-list', config: { words: 'x' } }] }),
    // @ts-expect-error -- the key is `by_user`
    defineConfig({ plugins: [{ ...entry, kind: 'rate-limiter', config: { by_usr: '5/m' } }] }),
    // @ts-expect-error -- there are no settings
    defineConfig({ plugins: [{ ...entry, kind: 'html-to-markdown', config: { engine: 'x' } }] }),
    defineConfig({
      plugins: [
        { ...entry, kind: 'deny-list', config: { words: ['x'] } },
        // @ts-expect-error -- that is the key of the other plugin
        { ...entry, kind: 'json-repair', config: { words: ['x'] } },
      ],
    }),
  ]);
});
