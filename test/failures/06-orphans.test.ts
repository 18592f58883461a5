import { expect, it } from 'vitest';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';
import { stdioServerFile } from '../fixtures/transports/transports.js';
import { descendantsOf, isRunning } from '../fixtures/processes/process-table.js';

it('a whole tree of processes below a shell is gone when the manager is closed', async () => {
  // `; true` keeps the shell in between, as npx does.
  const cmd = ['sh', '-c', `"${process.execPath}" "${stdioServerFile}"; true`];
  const manager = await start({ config: external(stdio({}, { cmd })) });
  const { metadata } = await callTool(manager, 'grandchild');
  const pids = metadata['pids'] as number[];
  const all = descendantsOf(process.pid);
  expect(all).toEqual(expect.arrayContaining(pids));
  expect(all.length).toBeGreaterThan(pids.length);
  await manager.close();
  expect(all.filter(isRunning)).toEqual([]);
});

it('a plugin that cannot be started leaves no process behind', async () => {
  const before = descendantsOf(process.pid);
  const wrongName = {
    plugins: [
      { name: 'Guard', kind: 'external', hooks: ['tool_pre_invoke'], mcp: stdio() },
      { name: 'Broken', kind: './no-such-module.js#Broken' },
    ],
  };
  await expect(start({ config: wrongName })).rejects.toThrow(/Plugin Broken/);
  expect(descendantsOf(process.pid)).toEqual(before);
});
