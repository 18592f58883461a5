import { context as activeContext, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readyMadeKinds } from '../../src/catalogue/ready-made-kinds.js';
import type { PluginManager } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { callerSpan, HostileReceiver } from '../fixtures/catalogue/hostile-receiver.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

// What holds for every plugin that comes along; the worst that each has of its own is in its own file.

let receiver: HostileReceiver;
let provider: BasicTracerProvider;
beforeAll(async () => {
  receiver = await HostileReceiver.start();
  provider = new BasicTracerProvider({ spanProcessors: [receiver.spans] });
  activeContext.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
});
afterEach(async () => {
  await provider.forceFlush();
  const { faults } = receiver;
  receiver.forget();
  expect(faults).toEqual([]);
});
afterAll(async () => {
  trace.disable();
  activeContext.disable();
  await provider.shutdown();
  await receiver[Symbol.asyncDispose]();
});

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
  'tools-telemetry-exporter': { export_full_payload: true },
};

const webhookEvents = ['tool_success', 'tool_error', 'prompt_success', 'resource_success'];

/** The same, of a plugin that sends to the receiver too. */
function configOf(kind: string): object | undefined {
  if (kind !== 'webhook-notification') return configs[kind];
  return {
    webhooks: [{ url: receiver.url, events: webhookEvents, retry_attempts: 0 }],
    default_template: '{"event": "{{event}}", "user": "{{user}}", "payload": {{payload}}}',
    include_payload_data: true,
    max_payload_size: 1_000_000,
  };
}

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
  await traced(async () => {
    // A payload that grew beyond what may be is refused, which is an end too.
    const outcome = untyped.invokeHook(hook, payloadFor(hook, text, other), { requestId: 'r' });
    await outcome.catch((error: unknown) => expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' }));
  });
}

/** Inside a span that is recorded: without one nothing is exported. */
async function traced<Result>(work: () => Promise<Result>): Promise<Result> {
  return trace.getTracer('test').startActiveSpan(callerSpan, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

it.each(readyMadeKinds)('$name takes a megabyte of anything in proportion', { timeout: 120_000 }, async (kind) => {
  await using manager = await managerOf(kind.name, kind.hooks, configOf(kind.name));
  const hook = kind.hooks.at(-1) ?? '';
  for (const part of parts) {
    // As long as a payload may be: that counts what JSON escapes.
    const textOf = (length: number): string => part.repeat((0.9 * length) / (JSON.stringify(part).length - 2));
    await expectLinearTime((text) => settle(manager, hook, text), textOf);
  }
});

it.each(readyMadeKinds)('$name takes ten thousand levels of JSON and of HTML', async (kind) => {
  await using manager = await managerOf(kind.name, kind.hooks, configOf(kind.name));
  const deep = ['[', '{"a":', '<div>', '<b>', '(', "'"].map((part) => part.repeat(10_000));
  const closed = [`${'['.repeat(10_000)}${']'.repeat(10_000)}`, `${'<p>'.repeat(10_000)}${'</p>'.repeat(10_000)}`];
  for (const hook of kind.hooks) for (const text of [...deep, ...closed]) await settle(manager, hook, text);
});

it.each(readyMadeKinds)('$name ends every call, whatever is in it', async (kind) => {
  await using manager = await managerOf(kind.name, kind.hooks, configOf(kind.name));
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

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...parts, '\ud800', '\udc00', '😀', '{{event}}', '\u2028') }),
);

describe('what leaves the process is whole and no larger than it may be', () => {
  it('an event of a webhook is JSON that says what was given', async () => {
    await using manager = await managerOf(
      'webhook-notification',
      ['tool_post_invoke'],
      configOf('webhook-notification'),
    );
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.jsonValue(), async (user, text, other) => {
        receiver.forget();
        const { name, result } = { name: text, result: { content: [{ type: 'text', text }, other], other } };
        await manager.invokeHook('tool_post_invoke', { name, result }, { requestId: 'r', user });
        await vi.waitFor(() => expect(receiver.bodies).toHaveLength(1), { timeout: 5_000, interval: 1 });
        expect(receiver.bodies[0]).toEqual({
          event: 'tool_success',
          user,
          payload: JSON.parse(JSON.stringify({ tool_name: name, args: result })),
        });
      }),
      { numRuns: 100 },
    );
  });

  it('an event that is too large is dropped, and the next one is sent', async () => {
    await using manager = await managerOf(
      'webhook-notification',
      ['tool_post_invoke'],
      configOf('webhook-notification'),
    );
    const send = (text: string) =>
      manager.invokeHook('tool_post_invoke', { name: 't', result: text }, { requestId: 'r' });
    for (const part of parts) {
      receiver.forget();
      await send(part.repeat(300_000 / (JSON.stringify(part).length - 2)));
      await send('small');
      await vi.waitFor(() => expect(receiver.bodies).toHaveLength(1), { timeout: 5_000, interval: 1 });
      expect(receiver.bodies).toEqual([expect.objectContaining({ payload: { tool_name: 't', args: 'small' } })]);
    }
  });

  it('a span says what was given, and of long texts their beginning', async () => {
    const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
    await using manager = await managerOf('tools-telemetry-exporter', hooks, { export_full_payload: true });
    const long = fc
      .tuple(texts, fc.constantFrom(1, 1, 40_000))
      .map(([text, times]) => text.repeat(times).slice(0, 200_000));
    await fc.assert(
      fc.asyncProperty(long, long, fc.jsonValue(), async (given, text, other) => {
        receiver.forget();
        const metadata = { tool: { name: given, description: given }, gateway: { name: given, url: given } };
        const request = { requestId: given, user: given, tenantId: given, serverId: given, metadata };
        const headers = { accept: text, authorization: text };
        await traced(async () => {
          await manager.invokeHook('tool_pre_invoke', { name: 't', args: { text, other }, headers }, request);
          await manager.invokeHook('tool_post_invoke', { name: 't', result: { content: [text, other] } }, request);
        });
        await vi.waitFor(() => expect(receiver.bodies).toHaveLength(2), { timeout: 5_000, interval: 1 });
        const spans = receiver.bodies as { readonly name: string; readonly attributes: Record<string, unknown> }[];
        const before = spans.find(({ name }) => name === 'tool.pre_invoke')?.attributes ?? {};
        const after = spans.find(({ name }) => name === 'tool.post_invoke')?.attributes ?? {};
        for (const value of Object.values({ ...before, ...after }))
          if (typeof value === 'string')
            expect(Array.from(value).length).toBeLessThanOrEqual(10_000 + '...<truncated>'.length);
        expectShown(before['tool.invocation.args'], { text, other });
        expectShown(before['headers'], { accept: text, authorization: '******' });
        expectShown(after['tool.invocation.result'], [text, other]);
      }),
      { numRuns: 100 },
    );
  });
});

/** The whole as JSON, or the beginning of it. */
function expectShown(shown: unknown, value: unknown): void {
  const whole = JSON.stringify(value);
  if (Array.from(whole).length <= 10_000) expect(shown).toBe(whole);
  else expect(shown).toBe(`${Array.from(whole).slice(0, 10_000).join('')}...<truncated>`);
}
