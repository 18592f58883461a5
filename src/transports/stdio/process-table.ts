import { readdir, readFile } from 'node:fs/promises';

/**
 * True when every process of a group is dead and only waits to be reaped. Orphans are adopted by process 1, and where
 * that is a program that reaps nothing (an application as a container's only process) they stay visible for ever.
 * Linux only; elsewhere the answer is false.
 */
export async function onlyZombies(groupId: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  let found = false;
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    // `pid (name) state parent group …`; the name may hold spaces and parentheses.
    const [state, , group] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    if (Number(group) !== groupId) continue;
    if (state !== 'Z' && state !== 'X') return false;
    found = true;
  }
  return found;
}
