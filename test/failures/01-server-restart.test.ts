import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { onCall, serve } from '../fixtures/transports/http-links.js';
import { callTool, external, folderWith, http, start } from '../fixtures/manager/managers.js';
import { freePort, startPluginServerProcess } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';

it('a server that was killed and started again answers the next call and all later ones', async () => {
  const folder = folderWith({
    'guard.mjs':
      "import { definePlugin } from 'gatechart';\nexport const Guard = definePlugin({ hooks: { tool_pre_invoke: () => ({ metadata: { pid: process.pid } }) } });\n",
    'plugins.yaml': 'plugins: [{ name: Guard, kind: ./guard.mjs#Guard, hooks: [tool_pre_invoke] }]\n',
  });
  const port = await freePort();
  const first = await startPluginServerProcess(`${folder}/plugins.yaml`, port);
  const manager = await start({
    config: external(http(`http://127.0.0.1:${port}/mcp`, { reconnect_attempts: 200, reconnect_delay: 0.001 })),
  });
  expect((await callTool(manager, 't')).metadata).toEqual({ pid: first.child.pid });

  await first.kill();
  const second = await startPluginServerProcess(`${folder}/plugins.yaml`, port);
  for (let call = 0; call < 10; call++) {
    expect((await callTool(manager, 't')).metadata).toEqual({ pid: second.child.pid });
  }
});

// A killed process loses its connections one after the other, but too fast for a test to get in between.
it('a call that was cut off is not sent again on a connection that dies with its own', async () => {
  const dying = new Set<Socket | null>();
  let held: ServerResponse | undefined;
  const server = await serve(
    onCall(({ message }, response) => {
      if (dying.has(response.socket)) response.destroy();
      else if (held === undefined && JSON.stringify(message).includes('hold me')) held = response;
      else return false;
      return true;
    }),
  );
  const manager = await start({ config: external(http(server.url)) });
  const [first, second] = [callTool(manager, 'pid'), callTool(manager, 'pid', { note: 'hold me' })];
  await first;
  await until('the second call arrives', () => held !== undefined);

  // The connection of the first call stands idle now, and dies only after the second one's.
  for (const socket of server.sockets) dying.add(socket);
  held?.destroy();
  expect((await second).metadata).toEqual({ pid: process.pid });
});

it.each(['once', 'never'])(
  'a server that forgot the session is asked for a new one once, whoever notices (replay: %s)',
  async (replay) => {
    const server = await serve();
    const manager = await start({ config: external(http(server.url, { replay })) });
    const initializations = () => server.seen.filter(({ message }) => message?.method === 'initialize').length;
    await callTool(manager, 'echo');
    expect(initializations()).toBe(1);

    server.forgetSessions();
    const calls = Array.from({ length: 20 }, (_, call) => callTool(manager, 'pid', { call }));
    for (const outcome of await Promise.all(calls)) expect(outcome.metadata).toEqual({ pid: process.pid });
    expect(initializations()).toBe(2);

    const before = server.seen.length;
    for (let call = 0; call < 5; call++) await callTool(manager, 'pid');
    expect(initializations()).toBe(2);
    expect(server.seen.length - before).toBeLessThanOrEqual(6);
  },
);
