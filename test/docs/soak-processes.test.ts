import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { cleanups } from '../fixtures/cleanups.js';
import { descendantsOf, isChild, serversBelow } from '../fixtures/processes/process-table.js';

/** @param detached whether it leads a group of its own, as servers over stdio do */
async function child(detached: boolean): Promise<number> {
  const started = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached, stdio: 'ignore' });
  await once(started, 'spawn');
  cleanups.push(async () => {
    const exit = once(started, 'exit');
    started.kill('SIGKILL');
    await exit;
  });
  return started.pid ?? 0;
}

test('what a soak counts as left are processes in groups of their own: the loader of TypeScript may start one in ours', async () => {
  const before = serversBelow();
  const [server, compiler] = [await child(true), await child(false)];
  expect(descendantsOf(process.pid)).toEqual(expect.arrayContaining([server, compiler]));
  expect(serversBelow().filter((pid) => !before.includes(pid))).toEqual([server]);
});

test('a soak kills its own children alone, whatever the file says that holds the id of one', async () => {
  const pid = await child(true);
  expect([pid, 0, -1, Number.NaN, 1, process.pid, process.ppid].map(isChild)).toEqual([true, ...Array(6).fill(false)]);
});
