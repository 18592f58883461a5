import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import type { GlobalContext, PluginManager } from '../../../src/index.js';
import { isRecord } from '../../../src/json/records.js';
import { type Oracle, type OracleCall, type OracleResult, startOracle, type WrittenSpan } from './oracle.js';

const kind = 'plugins.tools_telemetry_exporter.telemetry_exporter.ToolsTelemetryExporterPlugin';
const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const seed = 20_263;

type Attributes = WrittenSpan['attributes'];

/** What a call gave: whether it passed as it came, and what was written of it. */
interface Answer {
  readonly passes: boolean;
  readonly spans: readonly WrittenSpan[];
}

interface Compared {
  readonly config: { readonly max_payload_bytes_size?: number; readonly export_full_payload?: boolean };
  readonly call: OracleCall;
  readonly ours: Answer;
  readonly theirs: Answer;
}

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const noParent = { traceId: '0'.repeat(31) + '1', spanId: '0'.repeat(15) + '1', traceFlags: 0 };

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
});
afterAll(async () => {
  trace.disable();
  context.disable();
  await provider.shutdown();
});

async function askBoth(oracle: Oracle, config: object, calls: readonly OracleCall[]): Promise<readonly Compared[]> {
  const theirs = await oracle.ask({ kind, config, hooks, calls });
  await using manager = await managerOf(kind, hooks, config);
  const compared: Compared[] = [];
  for (const [index, call] of calls.entries()) {
    compared.push({ config, call, ours: await askOurs(manager, call, index), theirs: theirAnswer(theirs[index]) });
  }
  return compared;
}

async function askOurs(manager: PluginManager, call: OracleCall, index: number): Promise<Answer> {
  exporter.reset();
  const { tenant_id: tenantId, server_id: serverId, ...more } = (call.context ?? {}) as Record<string, never>;
  const request: GlobalContext = { requestId: call.request ?? `call-${index}`, tenantId, serverId, ...more };
  const caller = call.span === 'recording' ? trace.getTracer('test').startSpan('caller') : undefined;
  const around = caller ?? (call.span === 'not recording' ? trace.wrapSpanContext(noParent) : undefined);
  const active = around === undefined ? context.active() : trace.setSpan(context.active(), around);
  const outcome = await context.with(active, () =>
    manager.invokeHook(call.hook as 'tool_post_invoke', call.payload as { name: string; result: unknown }, request),
  );
  const spans = exporter.getFinishedSpans().map(({ name, attributes, parentSpanContext }) => ({
    name,
    attributes,
    inside: caller !== undefined && parentSpanContext?.spanId === caller.spanContext().spanId,
  }));
  caller?.end();
  return { passes: outcome.continueProcessing && outcome.modifiedPayload === undefined, spans };
}

function theirAnswer(answer: OracleResult | undefined): Answer {
  const { result, spans = [] } = answer ?? {};
  const passes = result?.['continue_processing'] === true && result['modified_payload'] === null;
  return { passes, spans };
}

const word = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ 019.-_/"\\\n\u0001äß日😀')), maxLength: 12 });
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.integer(),
    fc.constantFrom(true, false, null, 0.5, -1.25e-7, ''),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** Addresses of servers, with what ours writes of them. */
const urls = new Map([
  ['https://example.com/mcp', 'https://example.com/mcp'],
  ['http://127.0.0.1:9000/', 'http://127.0.0.1:9000/'],
  ['https://user:secret@example.com/mcp', 'https://example.com/mcp'],
  ['https://example.com/mcp?key=secret#part', 'https://example.com/mcp'],
  ['HTTPS://Example.COM:443', 'https://example.com/'],
  ['no url', ''],
]);
const url = fc.constantFrom(...urls.keys());
const mostlyText = fc.oneof({ weight: 8, arbitrary: word }, fc.constantFrom(null, 0, 7, true, ['a', 'b'], { a: 1 }));
const described = fc.option(
  fc.record({ name: mostlyText, original_name: word, description: word }, { requiredKeys: [] }),
  { freq: 5 },
);
const gateway = fc.option(
  fc.record({ id: mostlyText, name: word, url: fc.option(url, { freq: 9 }) }, { requiredKeys: [] }),
  { freq: 5 },
);
const requestContext = fc.record(
  {
    user: fc.oneof({ weight: 9, arbitrary: fc.option(word) }, fc.constant({ email: 'a@example.com' })),
    tenant_id: fc.option(word),
    server_id: fc.option(word),
    metadata: fc.record({ tool: described, gateway, other: json }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** Names as theirs has them for secret, some with other letters, and names of which either says no such thing. */
const theirSecret = fc.oneof(
  fc.constantFrom('Authorization', 'Proxy-Authorization', 'X-Upstream-Authorization', 'delegation_authorization'),
  fc.constantFrom('cookie', 'Set-Cookie', 'X-Vault-Tokens', 'X-API-Key', 'api-key', 'APIKEY'),
  fc
    .tuple(
      fc.constantFrom('x-', 'X-', ''),
      fc.constantFrom(
        'auth',
        'Api',
        'access',
        'refresh',
        'client',
        'Bearer',
        'session',
        'security',
        'vault',
        'upstream',
      ),
      fc.constantFrom('-', '_', ''),
      fc.constantFrom('token', 'Secret', 'KEY'),
    )
    .map((parts) => parts.join('')),
);
const ourSecrets = ['PRIVATE-TOKEN', 'X-Amz-Security-Token', 'X-Client-Cert', 'Cf-Access-Jwt-Assertion'];
const ourSecret = fc.constantFrom(...ourSecrets);
const plainHeader = fc.constantFrom('accept', 'User-Agent', 'x-request-id', 'Content-Type', 'x-tenant');
const headers = fc.dictionary(
  fc.oneof(
    { weight: 3, arbitrary: theirSecret },
    { weight: 1, arbitrary: ourSecret },
    { weight: 4, arbitrary: plainHeader },
  ),
  word,
  { maxKeys: 5, noNullPrototype: true },
);

const content = fc.oneof(
  fc.array(fc.record({ type: fc.constant('text'), text: word }), { maxLength: 6 }),
  fc.integer({ min: 1, max: 300 }).map((times) => [{ type: 'text', text: 'ä😀x'.repeat(times) }]),
  json,
);
const isError = fc.oneof({ weight: 8, arbitrary: fc.boolean() }, fc.constantFrom(null, 0, 1, '', 'yes', [], {}));
const result = fc.oneof(
  { weight: 9, arbitrary: fc.record({ content, isError, structuredContent: json }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: json },
);
const args = fc.oneof(
  { weight: 6, arbitrary: fc.dictionary(word, json, { maxKeys: 5, noNullPrototype: true }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 100 }).map((times) => ({ text: 'ä😀x'.repeat(times) })) },
);

const calls: fc.Arbitrary<OracleCall> = fc
  .record({
    context: requestContext,
    span: fc.oneof(
      { weight: 9, arbitrary: fc.constant('recording' as const) },
      fc.constantFrom('not recording' as const, 'none' as const),
    ),
    called: fc.oneof(
      fc
        .record({ name: word, args, headers }, { requiredKeys: ['name'] })
        .map((payload) => ({ hook: 'tool_pre_invoke', payload })),
      fc.record({ name: word, result }).map((payload) => ({ hook: 'tool_post_invoke', payload })),
    ),
  })
  .map(({ called, ...more }) => ({ ...more, ...called }));

const configs: readonly Compared['config'][] = [
  {},
  { export_full_payload: true },
  { export_full_payload: true, max_payload_bytes_size: 50 },
  { export_full_payload: true, max_payload_bytes_size: 0 },
  { max_payload_bytes_size: 120 },
];

/** One attribute of which both do not say the same; undefined where it is not there. */
interface Difference extends Pick<Compared, 'config' | 'call'> {
  readonly key: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Why an attribute may be another than theirs. Each stands on the page of the plugin. */
const differences: Readonly<Record<string, (difference: Difference) => boolean>> = {
  'arguments are cut off at `max_payload_bytes_size` too': ({ key, ours, theirs, config }) => {
    const { max_payload_bytes_size: most = 10_000 } = config;
    const characters = Array.from(String(theirs));
    const cut = `${characters.slice(0, most).join('')}...<truncated>`;
    return key === 'tool.invocation.args' && characters.length > most && ours === cut;
  },
  'more headers are taken for secret': ({ key, ours, theirs, call }) => {
    if (key !== 'headers') return false;
    const shown = JSON.parse(String(theirs)) as Record<string, string>;
    const hidden = Object.keys((call.payload as { readonly headers: object }).headers).filter((name) =>
      ourSecrets.includes(name),
    );
    return isDeepStrictEqual(JSON.parse(String(ours)), {
      ...shown,
      ...Object.fromEntries(hidden.map((name) => [name, '******'])),
    });
  },
  'the URL of a server is written without user, password, query and fragment, and none that is no URL': ({
    key,
    ours,
    theirs,
  }) => key === 'target_mcp_server.url' && ours === urls.get(String(theirs)),
  'what of user, tool and server is no text is written as JSON': ({ key, ours, theirs, call }) => {
    const { user, metadata } = (call.context ?? {}) as GlobalContext;
    const { tool, gateway: server } = (metadata ?? {}) as Record<
      string,
      { readonly name?: unknown; readonly id?: unknown }
    >;
    const given = { user, 'tool.name': tool?.name, 'target_mcp_server.id': server?.id }[key];
    if (given === undefined || given === null || typeof given === 'string') return false;
    const isSame = isDeepStrictEqual(theirs, given) || (theirs === '' && (given === 0 || isDeepStrictEqual(given, {})));
    return isSame && ours === JSON.stringify(given);
  },
  'what `isError` says is written as a truth value, and all but null, 0 and the empty text is true': ({
    key,
    ours,
    theirs,
    call,
  }) => {
    const { isError: said } = (call.payload as { readonly result: { readonly isError?: unknown } }).result;
    if (typeof said === 'boolean') return false;
    if (key === 'tool.invocation.has_error') return ours === Boolean(said) && isDeepStrictEqual(theirs, said);
    // An empty list and an empty object are no errors in Python.
    return key === 'tool.invocation.result' && typeof said === 'object' && said !== null && ours === undefined;
  },
};

/** Theirs ends with an error there, and its framework with it. */
function isNoObject({ call: { hook, payload } }: Compared): boolean {
  const { result: given } = payload as { readonly result?: unknown };
  const isFalse = Array.isArray(given) ? given.length === 0 : !given;
  return hook === 'tool_post_invoke' && !isRecord(given) && !isFalse;
}

function differencesOf({ config, call, ours, theirs }: Compared): readonly Difference[] {
  const [our, their]: readonly Attributes[] = [ours, theirs].map(({ spans }) => spans[0]?.attributes ?? {});
  return [...new Set([...Object.keys(our ?? {}), ...Object.keys(their ?? {})])]
    .map((key) => ({ config, call, key, ours: our?.[key], theirs: their?.[key] }))
    .filter((each) => !isDeepStrictEqual(each.ours, each.theirs));
}

function shape({ passes, spans }: Answer): unknown {
  return { passes, spans: spans.map(({ name, inside }) => ({ name, inside })) };
}

it.runIf(inject('pythons') !== null)(`writes what theirs writes of 1500 calls (seed ${seed})`, async () => {
  await using oracle = await startOracle('1.0.0', inject('pythons')?.['1.0.0'] ?? '');
  const all: Compared[] = [];
  for (const [index, config] of configs.entries()) {
    all.push(...(await askBoth(oracle, config, fc.sample(calls, { numRuns: 300, seed: seed + index }))));
  }
  const failed = all.filter(isNoObject);
  expect(failed.length).toBeGreaterThan(10);
  for (const { call, ours, theirs } of failed) {
    const written = call.span === 'recording' ? [{ name: 'tool.post_invoke', inside: true }] : [];
    expect([shape(ours), shape(theirs)], JSON.stringify(call)).toEqual([
      { passes: true, spans: written },
      { passes: false, spans: [] },
    ]);
  }

  const compared = all.filter((each) => !isNoObject(each));
  const explained = new Map(Object.keys(differences).map((what) => [what, 0]));
  for (const each of compared) {
    expect(shape(each.ours), JSON.stringify(each.call)).toEqual(shape(each.theirs));
    for (const difference of differencesOf(each)) {
      const why = Object.keys(differences).find((what) => differences[what]?.(difference));
      expect(why, JSON.stringify(difference)).toBeDefined();
      explained.set(why ?? '', (explained.get(why ?? '') ?? 0) + 1);
    }
  }
  expect([...explained].filter(([, times]) => times === 0)).toEqual([]);
  const alike = compared.filter(({ ours, theirs }) => ours.spans.length === 1 && isDeepStrictEqual(ours, theirs));
  expect(alike.length).toBeGreaterThan(700);
  expect(
    alike.filter(({ ours }) => ours.spans[0]?.attributes['tool.invocation.result'] !== undefined).length,
  ).toBeGreaterThan(200);
  expect(compared.filter(({ ours }) => ours.spans.length === 0).length).toBeGreaterThan(50);
});

/** Arguments that their writer of JSON does not take. */
const unwritable: readonly { readonly what: string; readonly args: object; readonly ours: string }[] = [
  { what: 'whole numbers beyond 64 bits', args: { n: 1e20 }, ours: '{"n":100000000000000000000}' },
  { what: 'half a surrogate pair', args: { t: '\ud83d' }, ours: '{"t":"\\ud83d"}' },
];

it.runIf(inject('pythons') !== null)('theirs fails on some arguments, ours writes them', async () => {
  await using oracle = await startOracle('1.0.0', inject('pythons')?.['1.0.0'] ?? '');
  const asked = unwritable.map(
    ({ args: given }): OracleCall => ({
      hook: 'tool_pre_invoke',
      payload: { name: 't', args: given },
      span: 'recording',
    }),
  );
  const pairs = await askBoth(oracle, {}, asked);
  for (const [index, { what, ours }] of unwritable.entries()) {
    const pair = pairs[index];
    expect(pair?.ours.spans[0]?.attributes['tool.invocation.args'], what).toBe(ours);
    expect(pair?.theirs, what).toEqual({ passes: false, spans: [] });
  }
});
