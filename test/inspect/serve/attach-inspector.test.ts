import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAudit } from '../../../src/gateway/audit/create-audit.js';
import type { ControlRecord } from '../../../src/inspect/live/control/audited-control.js';
import { attachWith, type CreateSource, type InspectorOptions } from '../../../src/inspect/live/attach-inspector.js';
import { InspectorClient } from '../../../src/inspect/live/client/inspector-client.js';
import type { LiveSource } from '../../../src/inspect/live/feed/live-source.js';
import { createPluginServer, createServerSet, definePlugin, type PluginManager } from '../../../src/index.js';
import { RecordingLogger } from '../../../src/testing/recording-logger.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { pluginOf, scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import { folderOf } from '../../fixtures/gateway/served-command.js';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { start } from '../../fixtures/manager/managers.js';
import { rejection } from '../../fixtures/waiting.js';

/** Tells of a made-up world, and steers what is there. */
class SteeredSample extends SampleSource {
  override get control(): LiveSource['control'] {
    return this.steer;
  }

  isClosed = false;

  constructor(private readonly steer: LiveSource['control']) {
    super();
  }

  close(): void {
    this.isClosed = true;
  }
}

const sources: SteeredSample[] = [];
const createSource: CreateSource = (_subject, { control }) => {
  const source = new SteeredSample(control);
  sources.push(source);
  return source;
};

const guard = definePlugin({ hooks: { tool_pre_invoke() {} } });

function manager(): Promise<PluginManager> {
  return start({
    kinds: { guard },
    config: { plugins: [{ name: 'Guard', kind: 'guard', hooks: ['tool_pre_invoke'] }] },
  });
}

async function attached(inspected: Parameters<typeof attachWith>[1], options: InspectorOptions = { port: 0 }) {
  const logger = new RecordingLogger();
  const inspector = await attachWith(createSource, inspected, { logger, ...options });
  cleanups.push(() => inspector.close());
  return { inspector, logger };
}

describe('an inspector', () => {
  it('is attached to whatever this library has made', async () => {
    const servers = await createServerSet({ servers: { mcpServers: {} }, env: {}, logger: new RecordingLogger() });
    cleanups.push(() => servers.close());
    const served = await createPluginServer({
      host: await manager(),
      transport: { kind: 'unix', path: join(folderOf({}).folder, 'socket') },
      logger: new RecordingLogger(),
    });
    cleanups.push(() => served.close());
    const { gateway } = await scriptedGateway({});
    for (const inspected of [await manager(), servers, served, gateway]) {
      const { inspector } = await attached(inspected);
      const client = await InspectorClient.open(inspector.url());
      expect(await client.next('connection:github')).toMatchObject({ type: 'next' });
    }
  });

  it.each([undefined, null, 7, {}, { host: {} }, 'manager'])('is attached to nothing else: %j', async (inspected) => {
    expect(await rejection(attachWith(createSource, inspected as never))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('expected what createGateway, createManager'),
    });
  });

  it.each([
    [
      { host: '0.0.0.0' },
      'option host of attachInspector: an inspector is for this machine alone; expected 127.0.0.1 or ::1.',
    ],
    [
      { host: 'localhost' },
      'option host of attachInspector: an inspector is for this machine alone; expected 127.0.0.1 or ::1.',
    ],
    [{ port: 70_000 }, 'option port of attachInspector: expected an integer from 0 to 65535.'],
    [{ port: '4983' }, 'option port of attachInspector: expected an integer from 0 to 65535.'],
    [{ control: 'yes' }, 'option control of attachInspector: expected true or false.'],
    [{ payloads: true }, 'option payloads of attachInspector: expected redacted or shown.'],
    [{ contol: true }, 'attachInspector has no option contol; did you mean control?'],
  ])('is not attached with %j', async (options, message) => {
    expect(await rejection(attachWith(createSource, await manager(), options as never))).toMatchObject({
      code: 'CONFIG_INVALID',
      message,
    });
  });

  it('takes another port where the usual one is taken, and says so; where one was asked for, it does not', async () => {
    const { logger } = await attached(await manager(), {});
    const second = await attached(await manager(), {});
    const said = [...logger.lines('warn'), ...second.logger.lines('warn')];
    expect(said).toContain('port 4983 is taken; the inspector listens on another one');
    const { port } = second.inspector;
    expect(await rejection(attachWith(createSource, await manager(), { port }))).toMatchObject({
      code: 'SERVER_START_FAILED',
    });
  });

  it('ends with what it is attached to, and leaves nothing', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length;
    const { inspector } = await attached(await manager());
    const client = await InspectorClient.open(inspector.url());
    const said: string[] = [];
    const reading = (async () => {
      for await (const message of client.messages) said.push(message.type === 'bye' ? message.why : message.type);
    })();
    await client.next('connection:github');
    sources.at(-1)?.end('the manager was closed');
    await inspector.closed;
    await reading;
    expect(said.at(-1)).toBe('the manager was closed');
    const { port } = inspector;
    await new Promise<void>((resolve, reject) => {
      const free = createServer()
        .once('error', reject)
        .listen(port, '127.0.0.1', () => free.close(() => resolve()));
    });
    expect(sources.at(-1)?.isClosed).toBe(true);
    const after = process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length;
    expect(after).toBeLessThanOrEqual(before + 1);
    await inspector.close();
  });

  it('never writes an address with a token to the log', async () => {
    const { inspector, logger } = await attached(await manager(), { port: 0, control: true });
    const urls = [inspector.url(), inspector.url()];
    for (const url of urls) await InspectorClient.open(url);
    await inspector.close();
    const log = JSON.stringify(logger.entries);
    for (const url of urls) expect(log).not.toContain(new URL(url).hash.slice('#t='.length));
    expect(log).toContain('the inspector is closed');
  });
});

describe('control', () => {
  it('is absent unless it was asked for', async () => {
    const { inspector } = await attached(await manager());
    const client = await InspectorClient.open(inspector.url());
    expect(await rejection(client.control({ do: 'reload' }))).toMatchObject({
      message: expect.stringContaining('there is nothing at this path'),
    });
  });

  it('of who has no key does nothing', async () => {
    const plugins = await manager();
    const { inspector } = await attached(plugins, { port: 0, control: true });
    const body = JSON.stringify({ do: 'disable', plugin: 'Guard', expect: 'running.enabled' });
    const headers = { 'content-type': 'application/json' };
    for (const more of [{}, { authorization: 'Bearer nothing' }]) {
      const init = { method: 'POST', headers: { ...headers, ...more }, body };
      expect((await fetch(`${inspector.address}/control`, init)).status).toBe(401);
    }
    expect(plugins.plugins[0]?.state).toBe('running.enabled');
  });

  it('is told to the log, to whoever listens, and to the audit log of a gateway, done or not', async () => {
    const { path } = folderOf({});
    const audit = await createAudit({ file: path('audit.jsonl'), logger: new RecordingLogger() });
    const plugins = await pluginOf({ tool_pre_invoke() {} });
    const { gateway } = await scriptedGateway({}, { plugins, audit });
    const records: ControlRecord[] = [];
    const listen = (record: ControlRecord): void => {
      records.push(record);
      throw new Error('a listener that fails');
    };
    const { inspector, logger } = await attached(gateway, { port: 0, control: true, audit: listen });
    const client = await InspectorClient.open(inspector.url());
    const disable = { do: 'disable', plugin: 'Guard', expect: 'running.enabled' } as const;
    expect(await client.control(disable)).toMatchObject({ ok: true });
    expect(await client.control(disable)).toEqual({ ok: false, status: 409, now: 'running.disabled.held' });
    expect(records.map(({ from, request, answer }) => [from, request.do, answer.ok])).toEqual([
      ['session 1', 'disable', true],
      ['session 1', 'disable', false],
    ]);
    expect(logger.lines('info')).toContain('inspector, session 1: disable');
    expect(logger.lines('warn')).toContain('inspector, session 1: disable was not done');
    await gateway.close();
    const lines = readFileSync(path('audit.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { client: 'inspector:session 1', operation: 'inspector/disable', decision: 'ALLOW', tool: 'Guard' },
      {
        operation: 'inspector/disable',
        decision: 'DENY',
        error: 'HTTP_409',
        reason: 'it is running.disabled.held by now',
      },
    ]);
  });
});
