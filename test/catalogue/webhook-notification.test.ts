import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { webhookDeliveryMachine } from '../../machines/index.js';
import {
  isEmptied,
  renderTemplate,
  templateProblem,
} from '../../src/catalogue/webhook-notification/payload-template.js';
import { createManager, type Logger, type PluginManager } from '../../src/index.js';
import { createLiveSource } from '../../src/inspect/live/watch/create-live-source.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { makeCertificates } from '../fixtures/certificates.js';
import { ReaderOfFeed } from '../fixtures/inspect/reader-of-feed.js';
import { EdgeCoverage } from '../models/edge-coverage.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke', 'tool_post_invoke', 'prompt_post_fetch', 'resource_post_fetch'];

const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 5 });

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  readonly body: string;
}

/** A real HTTP server that answers with the statuses it is given, and 204 after that; `hang` answers nothing. */
class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly statuses: (number | 'hang')[] = [];
  readonly #http = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      this.received.push({ headers: request.headers, url: request.url ?? '', body });
      const status = this.statuses.shift() ?? 204;
      if (status === 'hang') return;
      response.writeHead(status, { location: 'http://169.254.169.254/' }).end('secret of the server');
    });
  });

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#http.listen(0, '127.0.0.1');
    await once(receiver.#http, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/hook/path-secret?key=query-secret`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

function start(
  config: Readonly<Record<string, unknown>>,
  more: { clock?: ManualClock; logger?: Logger } = {},
): Promise<PluginManager> {
  return createManager({
    config: { plugins: [{ name: 'Hook', kind: 'webhook-notification', hooks, config }] },
    env: {},
    logger: new RecordingLogger(),
    ...more,
  });
}

function call(manager: PluginManager, result: unknown = { content: [] }) {
  return manager.invokeHook(
    'tool_post_invoke',
    { name: 'tool "1"', result },
    { requestId: 'r', user: 'u"\\', tenantId: 't' },
  );
}

describe('webhook notification', () => {
  it('sends what happened, in the template, with JSON whatever the values are', async () => {
    await using receiver = await Receiver.start();
    const events = ['tool_success', 'tool_error', 'prompt_success', 'resource_success'];
    await using manager = await start({ webhooks: [{ url: receiver.url, events }] });
    await call(manager);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    await call(manager, { isError: true });
    await eventually(() => expect(receiver.received).toHaveLength(2));
    await manager.invokeHook('prompt_post_fetch', { promptId: 'p', result: {} }, { requestId: 'r' });
    await eventually(() => expect(receiver.received).toHaveLength(3));
    await manager.invokeHook('resource_post_fetch', { uri: 'file:///x', content: 'x' }, { requestId: 'r' });
    await eventually(() => expect(receiver.received).toHaveLength(4));

    expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        event: 'tool_success',
        plugin: 'Hook',
        user: 'u"\\',
        tenant_id: 't',
        violation: null,
        metadata: { tool_name: 'tool "1"' },
      },
      { event: 'tool_error' },
      { event: 'prompt_success', metadata: { prompt_id: 'p' } },
      { event: 'resource_success', metadata: { resource_uri: 'file:///x' } },
    ]);
    expect(receiver.received[0]?.url).toBe('/hook/path-secret?key=query-secret');
  });

  it.each([
    [{ type: 'bearer', token: 'tok' }, 'authorization', () => 'Bearer tok'],
    [{ type: 'api_key', api_key: 'k', api_key_header: 'X-My' }, 'x-my', () => 'k'],
    [
      { type: 'hmac', hmac_secret: 's', hmac_algorithm: 'sha512' },
      'x-signature',
      (body: string) => `sha512=${createHmac('sha512', 's').update(body).digest('hex')}`,
    ],
  ])('proves who it is by %j', async (authentication, header, value) => {
    await using receiver = await Receiver.start();
    await using manager = await start({ webhooks: [{ url: receiver.url, events: ['tool_success'], authentication }] });
    await call(manager);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]?.headers[header]).toBe(value(receiver.received[0]?.body ?? ''));
  });

  it('sends again, after waits that double, as often as it may, and logs no secret', async () => {
    await using receiver = await Receiver.start();
    receiver.statuses.push(500, 302, 503, 500);
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const authentication = { type: 'bearer', token: 'token-secret' };
    const webhook = { url: receiver.url, events: ['tool_success'], retry_attempts: 2, authentication };
    await using manager = await start({ webhooks: [webhook] }, { clock, logger });
    const source = createLiveSource(manager);
    const reader = new ReaderOfFeed(source);
    await call(manager);
    for (const [waitMs, count] of [
      [1_000, 2],
      [2_000, 3],
    ] as const) {
      await eventually(() => expect(clock.next).toBe(waitMs));
      clock.advance(waitMs);
      await eventually(() => expect(receiver.received).toHaveLength(count));
    }
    await eventually(() => expect(logger.lines('error')).toHaveLength(1));
    reader.read();

    expect(receiver.received).toHaveLength(3);
    const said = JSON.stringify(logger.entries) + reader.text();
    expect(said).toContain('it answered 302');
    expect(said).toContain('webhookDelivery');
    for (const secret of ['path-secret', 'query-secret', 'token-secret', 'secret of the server'])
      expect(said).not.toContain(secret);
    source.close();
  });

  it('holds no call up, and when it closes, lets what is being sent end and sends nothing again', async () => {
    await using receiver = await Receiver.start();
    const clock = new ManualClock();
    receiver.statuses.push(500, 500);
    const manager = await start({ webhooks: [{ url: receiver.url, events: ['tool_success'] }] }, { clock });
    await call(manager);
    await eventually(() => expect(clock.next).toBe(1_000));
    await call(manager);
    await manager.close();

    expect(receiver.received).toHaveLength(2);
    expect(clock.size).toBe(0);
  });

  it('does not wait for ever for a webhook that hangs while it closes', async () => {
    await using receiver = await Receiver.start();
    const clock = new ManualClock();
    receiver.statuses.push('hang');
    const manager = await start({ webhooks: [{ url: receiver.url, events: ['tool_success'] }] }, { clock });
    await call(manager);
    await eventually(() => expect(receiver.received).toHaveLength(1));
    const closed = manager.close();
    await clock.run(5_000);
    await closed;
    expect(clock.size).toBe(0);
  });

  it('drops what comes while as many wait as may, and says so', async () => {
    await using receiver = await Receiver.start();
    const logger = new RecordingLogger();
    receiver.statuses.push(...Array<'hang'>(2_000).fill('hang'));
    const manager = await start({ webhooks: [{ url: receiver.url, events: ['tool_success'] }] }, { logger });
    for (let index = 0; index < 1_003; index++) await call(manager);
    expect(JSON.stringify(logger.entries).match(/one more is dropped/g)).toHaveLength(3);
    receiver.statuses.length = 0;
    await receiver[Symbol.asyncDispose]();
    await manager.close();
  });

  it('sends the payload where it is told to, and is small enough', async () => {
    await using receiver = await Receiver.start();
    const template = '{"payload": {{payload}}, "again": "{{ payload }}"}';
    await using manager = await start({
      webhooks: [{ url: receiver.url, events: ['tool_success'] }],
      payload_templates: { tool_success: template },
      include_payload_data: true,
      max_payload_size: 60,
    });
    await call(manager, { text: '{{user}}"' });
    await eventually(() => expect(receiver.received).toHaveLength(1));
    await call(manager, { text: 'x'.repeat(60) });
    await eventually(() => expect(receiver.received).toHaveLength(2));

    const args = { text: '{{user}}"' };
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ payload: { tool_name: 'tool "1"', args } });
    expect(JSON.parse(receiver.received[1]?.body ?? '')).toEqual({ payload: null, again: 'null' });
  });

  it.each([
    [{ webhooks: [{ url: 'http://10.0.0.1/x' }] }, 'http://10.0.0.1/x is a private address'],
    [{ webhooks: [{ url: 'http://169.254.169.254/x' }] }, 'is a link-local address'],
    [{ webhooks: [{ url: 'ftp://x/' }] }, 'expected http or https'],
    [{ webhooks: [{ url: 'https://a:b@x/' }] }, 'carries a user name or password'],
    [
      { webhooks: [{ url: 'https://x/', authentication: { type: 'bearer' } }] },
      'config.webhooks[0].authentication.token: is needed',
    ],
    [
      { webhooks: [{ url: 'https://x/', authentication: { type: 'bearer', token: 'a\nb' } }] },
      'a text that a header can carry',
    ],
    [{ webhooks: [{ url: 'https://x/', events: ['all'] }] }, 'config.webhooks[0].events[0]: '],
    [{ default_template: '{"a": {{colour}}}' }, 'config.default_template: there is no {{colour}}'],
    [{ payload_templates: { violation: '{"a": ' } }, 'config.payload_templates.violation: with values'],
    [{ retries: 3 }, 'config.retries: unknown key'],
  ])('refuses the configuration %j', async (config, message) => {
    const error = await rejection(start(config));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining(message) });
  });

  it('says of events that never happen that nothing is sent for them', async () => {
    const logger = new RecordingLogger();
    await using manager = await start({ webhooks: [{ url: 'https://x.invalid/' }] }, { logger });
    expect(manager.pluginNames).toEqual(['Hook']);
    expect(JSON.stringify(logger.entries)).toContain('nothing is ever sent for violation');
  });

  it('renders JSON from a template that is some, whatever the values', () => {
    const template =
      '{"a": "{{user}} and {{metadata}}", "b": {{user}}, "c": {{payload}}, "e{{event}}": "\\"{{tenant_id}}"}';
    expect(templateProblem(template)).toBeUndefined();
    const common = { plugin_name: 'p', timestamp: 't', request_id: 'r', server_id: null, violation: null };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (user, payload, event) => {
        const text = renderTemplate(template, {
          ...common,
          event: event || 'e',
          user,
          tenant_id: '',
          metadata: { m: 1 },
          payload,
        });
        expect(JSON.parse(text)).toMatchObject({
          b: JSON.parse(JSON.stringify(user)),
          c: JSON.parse(JSON.stringify(payload)),
        });
      }),
    );
  });

  it('sends its own template for one that the template of the file has emptied, and says so', async () => {
    await using receiver = await Receiver.start();
    const logger = new RecordingLogger();
    const emptied = '{"event": "", "about": , "last": \n}';
    await using manager = await start(
      { webhooks: [{ url: receiver.url, events: ['tool_success'] }], default_template: emptied },
      { logger },
    );
    await call(manager);
    await eventually(() => expect(receiver.received).toHaveLength(1));

    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ event: 'tool_success', tenant_id: 't' });
    expect(JSON.stringify(logger.lines('warn'))).toContain('config.default_template has lost its names');
    expect(['{"a": "b:,"}', '{"a": {{user}}, "b": }', '{"a" }'].map(isEmptied)).toEqual([false, false, false]);
  });

  it('sends to private addresses where the protection is off', async () => {
    const config = { webhooks: [{ url: 'http://10.0.0.1/x' }] };
    const entry = { name: 'Hook', kind: 'webhook-notification', hooks, config };
    await using manager = await createManager({
      config: { plugins: [entry] },
      env: { PLUGINS_SSRF_PROTECTION_ENABLED: 'false' },
      logger: new RecordingLogger(),
    });
    expect(manager.pluginNames).toEqual(['Hook']);
  });

  it('sends over TLS to who has a certificate of an authority that Node knows, and to nobody else', async () => {
    const certificates = makeCertificates();
    const bodies: string[] = [];
    const { cert, key } = certificates.server;
    const server = createSecureServer({ cert, key }, (request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
      request.on('end', () => response.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://localhost:${(server.address() as AddressInfo).port}/x`;
    try {
      const logger = new RecordingLogger();
      const webhook = { url, events: ['tool_success'], retry_attempts: 0 };
      await using manager = await start({ webhooks: [webhook] }, { logger });
      await call(manager);
      await eventually(() =>
        expect(JSON.stringify(logger.lines('warn'))).toMatch(/did not take an event: .*certificate/),
      );
      expect(bodies).toEqual([]);

      const config = {
        plugins: [{ name: 'Hook', kind: 'webhook-notification', hooks, config: { webhooks: [webhook] } }],
      };
      const program = `
        import { createManager } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).href)};
        const manager = await createManager({ config: ${JSON.stringify(config)}, env: {} });
        await manager.invokeHook('tool_post_invoke', { name: 't', result: {} }, { requestId: 'r' });
        await manager.close();`;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificates.ca.certfile };
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env });
      expect(bodies.map((body) => JSON.parse(body))).toMatchObject([{ event: 'tool_success' }]);
    } finally {
      server.closeAllConnections();
      server.close();
      certificates.remove();
    }
  });

  it('takes every edge of its machine', async () => {
    const coverage = new EdgeCoverage(webhookDeliveryMachine);
    await using receiver = await Receiver.start();
    receiver.statuses.push(500, 204, 500, 500, 500, 'hang');
    const clock = new ManualClock();
    const manager = await start(
      { webhooks: [{ url: receiver.url, events: ['tool_success'], retry_attempts: 1 }] },
      { clock },
    );
    manager.inspect(coverage.inspect);
    for (const received of [2, 4]) {
      await call(manager);
      await eventually(() => expect(clock.next).toBe(1_000));
      clock.advance(1_000);
      await eventually(() => expect(receiver.received).toHaveLength(received));
    }
    await call(manager);
    await eventually(() => expect(clock.next).toBe(1_000));
    await call(manager);
    await eventually(() => expect(receiver.received).toHaveLength(6));
    const closed = manager.close();
    await clock.run(5_000);
    await closed;
    expect(coverage.missing).toEqual([]);
  });
});
