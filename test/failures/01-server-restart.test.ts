import { expect, it } from 'vitest';
import { serve } from '../fixtures/http-links.js';
import { callTool, external, folderWith, http, start } from '../fixtures/managers.js';
import { freePort, startPluginServerProcess } from '../fixtures/processes.js';

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
