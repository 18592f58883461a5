import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readyMadeKinds } from '../../src/catalogue/ready-made-kinds.js';
import type { PluginManager } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

// What holds for every plugin that comes along; the worst that each has of its own is in its own file.

/** Settings without which a plugin would have nothing to do, or would not start. */
const configs: Readonly<Record<string, object>> = {
  'deny-list': { words: ['rm -rf', `${'a'.repeat(60)}b`] },
  'search-replace': { words: [{ search: '(a+)+$', replace: 'b' }] },
  'rate-limiter': { by_user: '1000/s', by_tool: { t: '1000/s' } },
  'schema-guard': { arg_schemas: { t: { properties: { text: { pattern: '^(a+)+$' } } } } },
  'sparc-static-validator': {
    tool_schemas: { t: { properties: { text: { type: 'number' }, texts: { type: 'array' } } } },
    auto_apply_corrections: true,
  },
  'resource-filter': { content_filters: [{ pattern: '(a+)+b' }] },
  'file-type-allowlist': { allowed_extensions: ['.md'], allowed_mime_types: ['text/html'] },
  'url-reputation': { use_heuristic_check: true, blocked_patterns: ['(x+x+)+y'] },
  'retry-with-backoff': { check_text_content: true },
  'secrets-detection': { enabled: { generic_api_key_assignment: true, jwt_like: true, hex_secret_32: true } },
  'webhook-notification': {
    webhooks: [{ url: 'http://127.0.0.1:9/', events: ['tool_success'], retry_attempts: 0 }],
    include_payload_data: true,
    max_payload_size: 1_000_000,
  },
};

const parts = ['a', '1', '-', '@', '"', '\\', '<', '{', '[', ' ', '%41', "'", '=', '.', '/', 'é', '\u0000'];

function payloadFor(hook: string, text: string, other: unknown = []): object {
  const part = { type: 'text', text };
  if (hook.startsWith('resource_pre')) return { uri: `https://a.b/${text}` };
  if (hook.startsWith('resource_post')) return { uri: 'https://a.b/', content: { mimeType: 'text/html', text, other } };
  if (hook === 'tool_pre_invoke') return { name: 't', args: { text, other } };
  if (hook === 'tool_post_invoke') return { name: 't', result: { content: [part, other], other } };
  if (hook === 'prompt_pre_fetch') return { promptId: 'p', args: { text } };
  return { promptId: 'p', result: { messages: [{ role: 'user', content: part }], description: text } };
}

interface Untyped {
  invokeHook(hook: string, payload: object, context: { readonly requestId: string }): Promise<unknown>;
}

async function settle(manager: PluginManager, hook: string, text: string, other?: unknown): Promise<void> {
  const untyped: Untyped = manager;
  // A payload that grew beyond what may be is refused, which is an end too.
  const outcome = untyped.invokeHook(hook, payloadFor(hook, text, other), { requestId: 'r' });
  await outcome.catch((error: unknown) => expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' }));
}

it.each(readyMadeKinds)('$name takes a megabyte of anything in proportion', { timeout: 120_000 }, async (kind) => {
  await using manager = await managerOf(kind.name, kind.hooks, configs[kind.name]);
  const hook = kind.hooks.at(-1) ?? '';
  for (const part of parts) {
    // As long as a payload may be: that counts what JSON escapes.
    const textOf = (length: number): string => part.repeat((0.9 * length) / (JSON.stringify(part).length - 2));
    await expectLinearTime((text) => settle(manager, hook, text), textOf);
  }
});

it.each(readyMadeKinds)('$name takes ten thousand levels of JSON and of HTML', async (kind) => {
  await using manager = await managerOf(kind.name, kind.hooks, configs[kind.name]);
  const deep = ['[', '{"a":', '<div>', '<b>', '(', "'"].map((part) => part.repeat(10_000));
  const closed = [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, `${'<p>'.repeat(10_000)}${'</p>'.repeat(10_000)}`];
  for (const hook of kind.hooks) for (const text of [...deep, ...closed]) await settle(manager, hook, text);
});

it.each(readyMadeKinds)('$name ends every call, whatever is in it', async (kind) => {
  await using manager = await managerOf(kind.name, kind.hooks, configs[kind.name]);
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.webUrl(),
    fc.string({ unit: fc.constantFrom(...parts) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kind.hooks), texts, fc.jsonValue(), (hook, text, other) =>
      settle(manager, hook, text, other),
    ),
    { numRuns: 60 },
  );
});
