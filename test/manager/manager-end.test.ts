import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attachInspector } from '../../src/inspect/live/attach-inspector.js';
import { createRecorder } from '../../src/inspect/recording/write/recorder.js';
import { type PluginManager, silentLogger } from '../../src/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { listening } from '../bench/plugin-servers.js';
import { callTool, folderWith, start, untypedConfig } from '../fixtures/manager/managers.js';
import { cli, freePort, startNode } from '../fixtures/processes/processes.js';
import { descendantsOf } from '../fixtures/processes/process-table.js';
import { transports, type TransportName } from '../fixtures/hosting/served-plugins.js';
import { eventually, rejection } from '../fixtures/waiting.js';

/** Answers at once, or when nobody waits any more. */
const served = `
import { once } from 'node:events';
import { definePlugin } from 'gatechart';
export const Served = definePlugin({
  hooks: {
    async tool_pre_invoke({ name }, { signal }) {
      if (name === 'wait') await once(signal, 'abort');
      return { metadata: { name } };
    },
  },
});
`;

/** A plugin behind a server of its own. */
interface Far {
  /** The section of an entry that reaches it. */
  readonly section: object;
  /** Of the same kind, where a server takes connections and never says a word. */
  readonly silent: object;
  kill(): Promise<void>;
}

async function far(transport: TransportName): Promise<Far> {
  const plugins = [{ name: 'Far', kind: './served.mjs#Served', hooks: ['tool_pre_invoke'] }];
  const folder = folderWith({ 'served.mjs': served, 'plugins.yaml': JSON.stringify({ plugins }) });
  const config = join(folder, 'plugins.yaml');
  const [path, port] = [join(folder, 'served.sock'), await freePort()];
  const args = [cli, 'plugin-server', '--config', config, '--transport', transport];
  const sectionAt = (to: { readonly path: string; readonly port: number }, cmd: readonly string[]): object => {
    const again = { reconnect_attempts: 1_000, reconnect_delay: 0.03 };
    switch (transport) {
      case 'stdio':
        return { mcp: { proto: 'STDIO', cmd, ...again } };
      case 'http':
        return { mcp: { proto: 'STREAMABLEHTTP', url: `http://127.0.0.1:${to.port}/mcp`, ...again } };
      case 'unix':
        return { unix_socket: { path: to.path } };
      case 'grpc':
        return { grpc: { target: `127.0.0.1:${to.port}` } };
    }
  };
  const section = sectionAt({ path, port }, [process.execPath, ...args]);
  const silent = sectionAt(await silentServers(folder), [process.execPath, '-e', 'setInterval(() => {}, 1000)']);
  if (transport === 'stdio') {
    const kill = async (): Promise<void> => {
      for (const pid of descendantsOf(process.pid)) process.kill(pid, 'SIGKILL');
    };
    return { section, silent, kill };
  }
  const where = transport === 'unix' ? ['--path', path] : ['--port', String(port)];
  const { child, ended } = startNode([...args, ...where]);
  await listening(transport === 'unix' ? { path } : { port });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { section, silent, kill };
}

/** Servers that take connections and never say a word, on a port and on a socket. */
async function silentServers(folder: string): Promise<{ readonly path: string; readonly port: number }> {
  const path = join(folder, 'silent.sock');
  const listen = async (where: object): Promise<AddressInfo | string | null> => {
    const server = createServer((socket) => void socket.on('error', () => {}).resume());
    server.listen(where);
    await once(server, 'listening');
    cleanups.push(async () => void server.close());
    return server.address();
  };
  await listen({ path });
  const address = await listen({ host: '127.0.0.1', port: 0 });
  return { path, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

const configOf = (...sections: readonly object[]) =>
  untypedConfig({
    plugins: sections.map((section, index) => ({
      name: index === 0 ? 'Far' : `Far${index}`,
      kind: 'external',
      hooks: ['tool_pre_invoke'],
      ...section,
    })),
  });

/** What there is of this process: children, and handles and listeners that would keep it or be told of its end. */
function held(): { readonly children: readonly number[]; readonly handles: number; readonly listeners: number } {
  const kinds = /^(TCPSocketWrap|TLSWrap|PipeWrap|ProcessWrap|Timeout|GetAddrInfoReqWrap|FSReqPromise)$/;
  return {
    children: descendantsOf(process.pid),
    handles: process.getActiveResourcesInfo().filter((kind) => kinds.test(kind)).length,
    listeners: ['exit', 'SIGTERM', 'SIGINT', 'SIGHUP'].reduce((sum, event) => sum + process.listenerCount(event), 0),
  };
}

async function nothingMoreThan(before: ReturnType<typeof held>): Promise<void> {
  const { children, listeners } = held();
  expect({ children, listeners }).toEqual({ children: before.children, listeners: before.listeners });
  await eventually(`no more than ${before.handles} handles`, () => held().handles <= before.handles);
}

/** Brings about the moment at which the manager is closed; gives what has to be settled when it is. */
type Moment = (manager: PluginManager, plugin: Far) => Promise<readonly Promise<unknown>[]>;

const moments: Readonly<Record<string, Moment>> = {
  'when nothing was asked of it': async () => [],
  'under calls': async (manager) => {
    const calls = [callTool(manager, 'wait'), callTool(manager, 'wait')];
    await eventually('they are in flight', () => manager.connections[0]?.inFlight === 2);
    return calls;
  },
  'while a server is looked for that was killed, and a call waits': async (manager, plugin) => {
    await plugin.kill();
    // Over HTTP, nobody notices before somebody calls.
    const call = callTool(manager, 'quick');
    await eventually('the link is lost', () => !manager.connections[0]?.state.startsWith('ready'));
    return [call];
  },
  'in the middle of a reload, as a plugin starts whose server says nothing': async (manager, plugin) => {
    const reload = manager.reload(configOf(plugin.section, plugin.silent));
    // A Unix socket is open at once, and the other transports wait for a first word.
    await eventually('a link is asked for', () => /^(connecting|ready)/.test(manager.connections[1]?.state ?? ''));
    return [reload, callTool(manager, 'wait')];
  },
};

const cases = transports.flatMap((transport) => Object.keys(moments).map((moment) => [transport, moment] as const));

test.each(cases)('a manager of a plugin over %s that is closed %s leaves nothing', async (transport, moment) => {
  const plugin = await far(transport);
  const before = held();
  const manager = await start({ config: configOf(plugin.section) });
  await callTool(manager, 'quick');
  const unsettled = ((await moments[moment]?.(manager, plugin)) ?? []).map(rejection);
  await Promise.all([manager.close(), manager.close()]);
  for (const error of await Promise.all(unsettled)) expect(error).toMatchObject({ name: 'GatechartError' });
  expect(manager.connections.map(({ state }) => state)).toEqual(manager.connections.map(() => 'closed'));
  const children = transport !== 'stdio' && moment.includes('killed') ? [] : before.children;
  await nothingMoreThan({ ...before, children });
});

test.each(transports)(
  'a manager of a plugin over %s that is looked at and recorded leaves nothing',
  async (transport) => {
    const plugin = await far(transport);
    const before = held();
    const recorder = createRecorder({ file: join(folderWith({}), 'recording.jsonl') });
    const manager = await start({ config: configOf(plugin.section), recorder });
    const inspector = await attachInspector(manager, { port: 0, logger: silentLogger });
    const page = await fetch(inspector.url());
    await page.text();
    const call = rejection(callTool(manager, 'wait'));
    await eventually('it is in flight', () => manager.connections[0]?.inFlight === 1);
    await manager.close();
    await inspector.closed;
    await recorder.close();
    expect(await call).toMatchObject({ code: 'MANAGER_CLOSED' });
    await nothingMoreThan(before);
  },
);

test.each(transports)('a start of a plugin over %s that is given up leaves nothing', async (transport) => {
  const plugin = await far(transport);
  const before = held();
  const starting = start({ config: configOf(plugin.section, plugin.silent), startTimeoutMs: 1_500 });
  expect(await rejection(starting)).toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
  await nothingMoreThan(before);
});
