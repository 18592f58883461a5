import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { expect, it } from 'vitest';
import { createServerSet } from '../../../src/downstream/create-server-set.js';
import { createGateway } from '../../../src/gateway/create-gateway.js';
import { serveGateway } from '../../../src/gateway/serve-gateway.js';
import { createManager, definePlugin } from '../../../src/index.js';
import { createLiveSource } from '../../../src/inspect/live/watch/create-live-source.js';
import { RecordingLogger } from '../../../src/testing/index.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { ReaderOfFeed } from '../../fixtures/inspect/reader-of-feed.js';

const everything = resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');

/** Starts the real server, unless there is a file that says that it is down; notes its pid. */
const launcher = `
import { existsSync, writeFileSync } from 'node:fs';
if (existsSync(process.env.DOWN)) process.exit(3);
writeFileSync(process.env.PID_FILE, String(process.pid));
await import(${JSON.stringify(everything)});
`;

const masks = definePlugin({
  hooks: { tool_pre_invoke: ({ name, args }) => ({ modifiedPayload: { name, args: { ...args, message: 'masked' } } }) },
});
const blocks = definePlugin({
  hooks: {
    tool_pre_invoke: ({ args }) => {
      if (args?.['message'] !== 'masked' || args['forbidden'] !== true) return undefined;
      const violation = {
        code: 'FORBIDDEN',
        reason: 'It is forbidden',
        description: '',
        details: { path: 'args.forbidden' },
      };
      return { continueProcessing: false, violation };
    },
  },
});
const looks = definePlugin({ hooks: { tool_pre_invoke: () => undefined, tool_post_invoke: () => undefined } });

async function world() {
  const folder = await mkdtemp(join(tmpdir(), 'watched-'));
  const logger = new RecordingLogger();
  const files = { down: join(folder, 'down'), pid: join(folder, 'pid'), script: join(folder, 'launch.mjs') };
  await writeFile(files.script, launcher);
  const servers = await createServerSet({
    servers: {
      mcpServers: {
        everything: {
          command: process.execPath,
          args: [files.script, 'stdio'],
          env: { DOWN: files.down, PID_FILE: files.pid, API_KEY: 's3cret-env-value' },
        },
      },
    },
    logger,
    connection: {
      reconnectAttempts: 2,
      reconnectDelayMs: 50,
      reconnectWindowMs: 0,
      cooldownMs: 200,
      stablePeriodMs: 50,
    },
  });
  const hooks = ['tool_pre_invoke'];
  const plugins = await createManager({
    logger,
    kinds: { masks, blocks, looks },
    config: {
      plugins: [
        { name: 'Masker', kind: 'masks', hooks, mode: 'sequential', priority: 1 },
        { name: 'Judge', kind: 'blocks', hooks, mode: 'sequential', priority: 2 },
        { name: 'One', kind: 'looks', hooks: [...hooks, 'tool_post_invoke'], mode: 'concurrent' },
        { name: 'Two', kind: 'looks', hooks, mode: 'concurrent' },
        { name: 'Later', kind: 'looks', hooks, mode: 'fire_and_forget' },
      ],
    },
  });
  const gateway = await createGateway({ servers, plugins, logger, face: 'transparent' });
  const source = createLiveSource(gateway);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const server = await serveGateway(gateway, { transport: { kind: 'transport', transport: ours }, logger, drainMs: 0 });
  const client = new Client({ name: 'tester', version: '1' });
  await client.connect(theirs);
  const close = async (): Promise<void> => {
    await client.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  cleanups.push(close);
  return { client, close, files, source, gateway };
}

async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true);
}

it('tells of a gateway with a real server: calls, blocks, and a server that dies and comes back', async () => {
  const { client, close, files, source } = await world();
  const reader = new ReaderOfFeed(source);
  const call = (args: object): Promise<unknown> =>
    client.callTool({ name: 'echo', arguments: { message: 'hello', ...args } }).catch((error: unknown) => error);

  await call({});
  reader.read();
  const connection = (): string => reader.actor('connection:everything')?.at ?? '';
  expect(connection()).toMatch(/^ready/);
  expect(reader.statesOf('connection:everything')).toContain('connecting');
  const [post, pre] = reader.invocations();
  expect(pre).toMatchObject({ hook: 'tool_pre_invoke', subject: 'echo', outcome: 'modified' });
  expect(post).toMatchObject({ hook: 'tool_post_invoke', outcome: 'passed', call: pre?.call });
  const detail = source.invocation(pre?.id ?? '');
  expect(detail?.diff?.changes).toMatchObject([
    { path: 'args.message', kind: 'changed', was: { type: 'string', length: 5 }, now: { type: 'string', length: 6 } },
  ]);
  expect(detail?.sequence.map(({ from, to, kind }) => `${from} ${to} ${kind}`)).toEqual([
    'agent gateway call',
    'gateway gateway note',
    'gateway gateway note',
    'gateway gateway note',
    'gateway gateway note',
    'gateway gateway note',
    'gateway everything call',
    'everything gateway answer',
    'gateway gateway note',
    'gateway agent answer',
  ]);

  await call({ forbidden: true });
  reader.read();
  const [blocked] = reader.invocations();
  expect(blocked).toMatchObject({
    outcome: 'blocked',
    by: 'Judge',
    ticks: [
      ['sequential', 'modified'],
      ['sequential', 'blocked'],
      ['concurrent', 'notReached'],
      ['concurrent', 'notReached'],
      ['background', 'background'],
    ],
  });
  const why = source.invocation(blocked?.id ?? '');
  expect(why).toMatchObject({ violation: { code: 'FORBIDDEN', reason: 'It is forbidden' }, revision: 'r1' });
  expect(why?.told).toBe('Blocked by Judge: It is forbidden (FORBIDDEN).');
  expect(why?.sequence).toContainEqual(expect.objectContaining({ to: 'everything', kind: 'notCalled' }));

  await writeFile(files.down, '');
  process.kill(Number(await readFile(files.pid, 'utf8')), 'SIGKILL');
  await until(() => {
    reader.read();
    return connection().startsWith('reconnecting') || connection().startsWith('failed');
  });
  const failing = call({});
  await until(() => {
    reader.read();
    return connection().startsWith('failed');
  });
  const failed = reader.actor('connection:everything');
  expect(failed).toMatchObject({ attempt: [2, 2], error: { message: expect.stringContaining('code 3') as string } });
  expect(source.next('connection:everything')?.events).toContainEqual(
    expect.objectContaining({ e: 'after cooldown', src: 'failed.coolingDown', due: failed?.timer?.due }),
  );
  await failing;
  await rm(files.down);
  const calls: Promise<unknown>[] = [];
  await until(() => {
    calls.push(call({}));
    reader.read();
    return connection().startsWith('ready');
  });
  await Promise.all(calls);
  await until(() => connection() === 'ready.stable' || (reader.read(), false));
  expect(reader.statesOf('connection:everything')).toEqual(
    expect.arrayContaining(['reconnecting.backingOff', 'failed.coolingDown', 'connecting', 'ready.settling']),
  );
  reader.expectSameAsSnapshot();
  expect(reader.text()).not.toContain('s3cret');
  await close();
  await expect(source.ended).resolves.toBe('gateway closed');
  source.close();
});
