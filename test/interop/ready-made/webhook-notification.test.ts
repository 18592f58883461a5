import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import type { PluginManager } from '../../../src/index.js';
import { type Oracle, type OracleCall, startOracle } from './oracle.js';

const kind = 'plugins.webhook_notification.webhook_notification.WebhookNotificationPlugin';
const hooks = [
  'prompt_pre_fetch',
  'prompt_post_fetch',
  'tool_pre_invoke',
  'tool_post_invoke',
  'resource_pre_fetch',
  'resource_post_fetch',
];
const seed = 11;
const orders = 25;
const callsOfOrder = 40;

/** One request as a webhook sees it. */
interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Takes what both send, and refuses the first attempts at a path as often as it is told to. */
class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly refusals = new Map<string, number>();
  readonly #http = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const path = request.url ?? '';
      this.received.push({ path, headers: request.headers, body });
      const left = this.refusals.get(path) ?? 0;
      this.refusals.set(path, left - 1);
      response.writeHead(left > 0 ? 500 : 204).end();
    });
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#http.listen(0, '127.0.0.1');
    await once(receiver.#http, 'listening');
    return receiver;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

// Without quotes and braces: what those do to the JSON of theirs is a difference of its own, below.
const word = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ 019.-_/äß日😀')), minLength: 1, maxLength: 12 });
const event = fc.constantFrom('violation', 'tool_success', 'tool_error', 'prompt_success', 'resource_success');
const template = fc.constantFrom(
  '{"e": "{{event}}", "by": "{{plugin_name}}", "for": "{{request_id}}", "about": {{metadata}}}',
  '{"v": {{violation}}, "server": "{{server_id}}", "user": "{{user}}", "tenant": "{{tenant_id}}"}',
  '{"text": "constant"}',
);
const withPayload = '{"payload": {{payload}}, "e": "{{event}}"}';

const authentication = fc.oneof(
  fc.constant({ type: 'none' }),
  fc.record({ type: fc.constant('bearer'), token: fc.stringMatching(/^[a-z0-9]{3,9}$/) }),
  fc.record({
    type: fc.constant('api_key'),
    api_key: fc.constant('k-1'),
    api_key_header: fc.constantFrom('X-API-Key', 'X-Mine'),
  }),
  fc.record({
    type: fc.constant('hmac'),
    hmac_secret: word,
    hmac_algorithm: fc.constantFrom('sha256', 'sha384', 'sha512'),
    hmac_header: fc.constantFrom('X-Signature', 'X-Hub-Signature-256'),
  }),
);

const config = fc.record({
  webhooks: fc.array(
    fc.record({
      events: fc.uniqueArray(event, { minLength: 1 }),
      authentication,
      enabled: fc.constantFrom(true, true, true, false),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  payload_templates: fc.oneof(
    fc.constant({}),
    fc.record({ prompt_success: template }),
    // Where the payload is too large theirs leaves the name where it stands, a difference below.
    fc.constant({ tool_success: withPayload }),
  ),
  default_template: fc.option(template, { nil: undefined }),
  max_payload_size: fc.constant(100_000),
});

const context = fc.record({ user: fc.option(word), tenant_id: fc.option(word), server_id: fc.option(word) });
const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null));

const call: fc.Arbitrary<OracleCall> = fc
  .record({
    context,
    hook: fc.constant(''),
    payload: fc.oneof(
      { weight: 4, arbitrary: fc.record({ name: word, result: fc.dictionary(fc.constantFrom('a', 'b', 'c'), value) }) },
      { weight: 2, arbitrary: fc.record({ prompt_id: word, result: fc.constant({ messages: [] }) }) },
      { weight: 2, arbitrary: fc.record({ uri: word, content: fc.constant('text') }) },
      { weight: 1, arbitrary: fc.record({ name: word, args: fc.constant({}) }) },
      { weight: 1, arbitrary: fc.record({ prompt_id: word, args: fc.constant({}) }) },
      { weight: 1, arbitrary: fc.record({ uri: word }) },
    ),
  })
  .map((made) => ({ ...made, hook: hookOf(made.payload) }));

function hookOf(payload: object): string {
  if ('uri' in payload) return 'content' in payload ? 'resource_post_fetch' : 'resource_pre_fetch';
  const subject = 'prompt_id' in payload ? 'prompt' : 'tool';
  const isPost = 'result' in payload;
  return `${subject}_${isPost ? 'post' : 'pre'}_${subject === 'tool' ? 'invoke' : 'fetch'}`;
}

const python = inject('pythons')?.['1.0.0'];

describe.runIf(python !== undefined)('webhook notification beside theirs', () => {
  let oracle: Oracle;
  let receiver: Receiver;
  beforeAll(async () => {
    oracle = await startOracle('1.0.0', python ?? '');
    receiver = await Receiver.start();
  });
  afterAll(async () => {
    await oracle[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  /** What webhooks received of both, under the paths `/theirs/…` and `/ours/…`. */
  async function sentByBoth(settings: Settings, calls: readonly OracleCall[]): Promise<Record<Side, Received[]>> {
    receiver.received.length = 0;
    const named = calls.map((each, index) => ({ ...each, request: `r${index}` }));
    await oracle.ask({ kind, config: under('theirs', settings), hooks, calls: named });
    const theirs = receiver.received.splice(0);
    const manager = await managerOf(kind, hooks, under('ours', settings));
    try {
      for (const each of named) await invoke(manager, each);
      // Nobody waits for ours; as many as theirs sent are to come, and no more.
      await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThanOrEqual(theirs.length), {
        timeout: 9_000,
      });
    } finally {
      await manager.close();
    }
    return { theirs, ours: receiver.received.splice(0) };
  }

  function under(side: Side, { webhooks, ...settings }: Settings): object {
    // Their file is a template itself, which would leave nothing of the names in these.
    const kept = (text: string): string => (side === 'theirs' ? `{% raw %}${text}{% endraw %}` : text);
    const known = Object.entries(settings).flatMap(([key, given]) => {
      if (given === undefined) return [];
      if (typeof given === 'string') return [[key, kept(given)]];
      if (key !== 'payload_templates') return [[key, given]];
      return [
        [key, Object.fromEntries(Object.entries(given as object).map(([name, text]) => [name, kept(String(text))]))],
      ];
    });
    return {
      ...Object.fromEntries(known),
      webhooks: webhooks.map((webhook, index) => ({ ...webhook, url: receiver.url(`/${side}/${index}?q=1`) })),
    };
  }

  it('sends the same to the same webhooks, for the same events, signed the same way', async () => {
    const made = fc.sample(fc.tuple(config, fc.array(call, { minLength: callsOfOrder, maxLength: callsOfOrder })), {
      seed,
      numRuns: orders,
    });
    let sent = 0;
    for (const [settings, calls] of made) {
      const includes = JSON.stringify(settings).includes('payload}}');
      const { theirs, ours } = await sentByBoth({ ...settings, include_payload_data: includes }, calls);
      expect(alike(ours, 'ours', settings)).toEqual(alike(theirs, 'theirs', settings));
      sent += theirs.length;
    }
    expect(orders * callsOfOrder).toBeGreaterThanOrEqual(500);
    expect(sent).toBeGreaterThanOrEqual(500);
  });

  it('sends again what was answered with 500, as often', async () => {
    const settings = {
      webhooks: [{ events: ['tool_success'], retry_attempts: 2, retry_delay: 100 }],
    };
    for (const refused of [0, 1, 2, 3]) {
      for (const side of ['theirs', 'ours']) receiver.refusals.set(`/${side}/0?q=1`, refused);
      const { theirs, ours } = await sentByBoth(settings, [
        { hook: 'tool_post_invoke', payload: { name: 't', result: {} } },
      ]);
      expect([refused, theirs.length, ours.length]).toEqual([
        refused,
        Math.min(refused, 2) + 1,
        Math.min(refused, 2) + 1,
      ]);
    }
  });

  const emptied = '{"event": "", "about": , "user": ""}';
  const result = { a: 1 };
  /** What the page lists under Differences: a template, the payload, and what both send of it. */
  it.each<[string, object, object, unknown, unknown]>([
    [
      'a template that was emptied',
      { default_template: emptied },
      { name: 't', result },
      emptied,
      /^\{\n {2}"event": "tool_success"/,
    ],
    [
      'quotes in a value',
      { default_template: '{"u": "{{user}}"}' },
      { name: 't', result },
      '{"u": "a"b"}',
      '{"u": "a\\"b"}',
    ],
    [
      'an absent value inside quotes',
      { default_template: '{"u": "{{tenant_id}}"}' },
      { name: 't', result },
      '{"u": "null"}',
      '{"u": "null"}',
    ],
    [
      'no payload',
      { default_template: '{"p": {{payload}}}' },
      { name: 't', result },
      '{"p": {{payload}}}',
      '{"p": null}',
    ],
    [
      'an error in plain JSON',
      { default_template: '{"e": "{{event}}"}' },
      { name: 't', result: { error: 'x' } },
      '{"e": "tool_success"}',
      '{"e": "tool_error"}',
    ],
  ])('differs as listed: %s', async (_, settings, payload, theirs, ours) => {
    const events = ['tool_success', 'tool_error'];
    const both = await sentByBoth({ webhooks: [{ events }], ...settings }, [
      { hook: 'tool_post_invoke', payload, context: { user: 'a"b' } },
    ]);
    expect(both.theirs.map(({ body }) => body)).toEqual([theirs]);
    expect(both.ours.map(({ body }) => body)).toEqual([ours instanceof RegExp ? expect.stringMatching(ours) : ours]);
  });
});

type Side = 'theirs' | 'ours';

interface Settings {
  readonly webhooks: readonly object[];
  readonly [key: string]: unknown;
}

async function invoke(manager: PluginManager, { hook, payload, context: given, request }: OracleCall): Promise<void> {
  const { prompt_id: promptId, ...rest } = payload as Record<string, unknown>;
  const { user, tenant_id: tenantId, server_id: serverId } = (given ?? {}) as Record<string, unknown>;
  const call: (...args: [string, object, object]) => Promise<unknown> = manager.invokeHook.bind(manager) as never;
  const { continueProcessing } = (await call(
    hook,
    { ...rest, ...(promptId !== undefined && { promptId }) },
    { requestId: request, user, tenantId, serverId },
  )) as { continueProcessing: boolean };
  expect(continueProcessing).toBe(true);
}

/** What was sent, with what differs from run to run taken out; neither keeps to an order. */
function alike(received: readonly Received[], side: Side, settings: Settings): readonly string[] {
  return received
    .map(({ path, headers, body }) => {
      const { authentication: proof } = settings.webhooks[Number(/\d+/.exec(path)?.[0])] as { authentication: Proof };
      const own = Object.entries(headers).filter(([name]) => name === 'authorization' || name.startsWith('x-'));
      return JSON.stringify([
        path.replace(side, ''),
        headers['content-type'],
        // A signature is over a body with a time and a name in it.
        own.map(([name, text]) => [name, text === signatureOf(body, proof) ? 'signed' : text]),
        withoutChance(body),
      ]);
    })
    .toSorted();
}

interface Proof {
  readonly type: string;
  readonly hmac_secret?: string;
  readonly hmac_algorithm?: string;
}

function signatureOf(body: string, { hmac_secret, hmac_algorithm }: Proof): string | undefined {
  if (hmac_secret === undefined || hmac_algorithm === undefined) return undefined;
  return `${hmac_algorithm}=${createHmac(hmac_algorithm, hmac_secret).update(body).digest('hex')}`;
}

function withoutChance(body: string): unknown {
  const { timestamp, ...rest } = JSON.parse(body.replaceAll('"Theirs"', '"Guard"')) as Record<string, unknown>;
  const isTime = typeof timestamp === 'string' && !Number.isNaN(Date.parse(timestamp));
  const fields = Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return [timestamp === undefined || isTime, fields];
}
