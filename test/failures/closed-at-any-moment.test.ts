import * as fc from 'fast-check';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGateway } from '../../src/gateway/create-gateway.js';
import { serveGateway } from '../../src/gateway/serve-gateway.js';
import {
  createManager,
  createManagerPool,
  createPluginServer,
  createServerSet,
  definePlugin,
  silentLogger,
} from '../../src/index.js';
import { attachInspector } from '../../src/inspect/live/attach-inspector.js';
import { createRecorder } from '../../src/inspect/recording/write/recorder.js';
import { type HttpServerFixture, startHttpServer } from '../fixtures/downstream/http-server.js';
import { folderWith } from '../fixtures/manager/managers.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';
import { eventually } from '../fixtures/waiting.js';

/** What is made, used and closed in one life. */
interface Life {
  /** Uses it, from when it is there. Whatever comes of that has to be settled when it is closed. */
  use(): Promise<unknown>;
  close(): Promise<unknown>;
  /** Starts or changes something of it, which may be closed already. */
  startMore?(): Promise<unknown>;
}

const guard = definePlugin({
  hooks: {
    async tool_pre_invoke({ name }, { signal }) {
      if (name === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  },
});
const managed = {
  config: { plugins: [{ name: 'Guard', kind: 'guard', hooks: ['tool_pre_invoke'] }] },
  kinds: { guard },
  env: {},
  logger: silentLogger,
};
const payload = { name: 'wait', args: {} };
const context = { requestId: 'r' };

/** An MCP server that outlives what is tested. */
let mcp: HttpServerFixture;
beforeAll(async () => {
  mcp = await startHttpServer();
});
afterAll(() => mcp[Symbol.asyncDispose]());

const stdioServer = {
  command: process.execPath,
  args: ['node_modules/@modelcontextprotocol/server-everything/dist/index.js', 'stdio'],
};

async function serverSet(server: object) {
  return createServerSet({
    servers: { mcpServers: { s: server } },
    env: { PATH: process.env['PATH'] },
    logger: silentLogger,
  });
}

const lives: Readonly<Record<string, () => Promise<Life>>> = {
  manager: async () => {
    const manager = await createManager(managed);
    return {
      use: () => manager.invokeHook('tool_pre_invoke', payload, context),
      close: () => manager.close(),
      startMore: () => manager.reload(managed.config),
    };
  },
  'pool of managers': async () => {
    const { config, ...rest } = managed;
    const pool = await createManagerPool({
      ...rest,
      base: config,
      overridesFor: (key) => [{ name: 'Guard', config: { key } }],
    });
    let keys = 0;
    return {
      use: () => pool.invokeHook(`key-${++keys % 3}`, 'tool_pre_invoke', payload, context),
      close: () => pool.close(),
      startMore: () => pool.get(`key-${++keys}`),
    };
  },
  'plugin server': async () => {
    const manager = await createManager(managed);
    const path = join(folderWith({}), 'socket');
    const server = await createPluginServer({ host: manager, transport: { kind: 'unix', path }, logger: silentLogger });
    return { use: () => manager.invokeHook('tool_pre_invoke', payload, context), close: () => server.close() };
  },
  'set of servers over HTTP': async () => {
    const set = await serverSet({ type: 'http', url: mcp.url });
    return {
      use: () => set.callTool('s', { name: 'sleep', arguments: { ms: 500 } }),
      close: () => set.close({ drainMs: 0 }),
      startMore: () => set.reload({ mcpServers: {} }),
    };
  },
  'set of servers over stdio': async () => {
    const set = await serverSet(stdioServer);
    return {
      use: () => set.callTool('s', { name: 'longRunningOperation', arguments: { duration: 60, steps: 2 } }),
      close: () => set.close({ drainMs: 0 }),
      startMore: () => set.list('s', 'tools'),
    };
  },
  'gateway with its server': async () => {
    const servers = await serverSet({ type: 'http', url: mcp.url });
    const gateway = await createGateway({ servers, plugins: await createManager(managed), logger: silentLogger });
    const serve = () => serveGateway(gateway, { transport: { kind: 'http', port: 0 }, logger: silentLogger });
    const server = await serve();
    return {
      use: () => fetch(server.address, { method: 'POST', body: '{}' }).then((answer) => answer.text()),
      close: () => server.close(),
      startMore: async () => (await serve()).close(),
    };
  },
  'manager that is inspected and recorded': async () => {
    const recorder = createRecorder({ file: join(folderWith({}), 'recording.jsonl') });
    const manager = await createManager({ ...managed, recorder });
    const attach = () => attachInspector(manager, { port: 0, logger: silentLogger });
    const inspector = await attach();
    return {
      use: () => fetch(inspector.url()).then((answer) => answer.text()),
      close: async () => {
        await Promise.all([inspector.close(), manager.close(), recorder.close()]);
        await inspector.closed;
      },
      startMore: async () => (await attach()).closed,
    };
  },
};

const kinds =
  /^(TCPSocketWrap|TCPServerWrap|TLSWrap|Pipe|PipeWrap|ProcessWrap|Timeout|Immediate|GetAddrInfoReqWrap|FSReqPromise|ConnectWrap)$/;
const held = () => ({
  handles: process
    .getActiveResourcesInfo()
    .filter((kind) => kinds.test(kind))
    .toSorted(),
  children: descendantsOf(process.pid),
});

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const moments = fc.record({
  /** Turns of the event loop before each use, the start of more, and the closings. */
  uses: fc.array(fc.nat(12), { maxLength: 4 }),
  more: fc.option(fc.nat(25), { nil: undefined }),
  closes: fc.array(fc.nat(25), { minLength: 1, maxLength: 3 }),
});

const runsOf: Readonly<Record<string, number>> = { 'set of servers over stdio': 6, 'gateway with its server': 15 };

test.each(Object.entries(lives))(
  'a %s that is closed at any moment settles all, and leaves nothing',
  async (name, begin) => {
    await fc.assert(
      fc.asyncProperty(moments, async ({ uses, more, closes }) => {
        const before = held();
        const life = await begin();
        const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
        const all = [
          ...uses.map((at) => turns(at).then(() => outcome(life.use()))),
          ...(more === undefined ? [] : [turns(more).then(() => outcome(life.startMore?.() ?? Promise.resolve()))]),
          ...closes.map((at) => turns(at).then(() => life.close())),
        ];
        const late = new Promise((resolve) => setTimeout(resolve, 20_000, 'late').unref());
        expect(await Promise.race([Promise.all(all), late])).not.toBe('late');
        const { children } = held();
        expect(children).toEqual(before.children);
        await eventually(`no more than ${before.handles.join()}: ${held().handles.join()}`, () => {
          return held().handles.length <= before.handles.length;
        });
      }),
      { numRuns: runsOf[name] ?? 30 },
    );
  },
  120_000,
);
