import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** When a log was set aside, to the millisecond, so that names sort by age; and what makes two of the same time differ. */
const mark = /^\d{8}T\d{9}Z-[\da-f]{6}$/;

/** Gives a log a name that no other has: several processes may write to it, and none may overwrite what another set aside. */
export async function setAside(file: string): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  await rename(file, `${file}.${time}-${randomBytes(3).toString('hex')}`);
}

/** Removes those that were set aside, but for the newest. */
export async function removeOldest(file: string, keep: number): Promise<void> {
  const prefix = `${basename(file)}.`;
  const names = (await readdir(dirname(file))).filter(
    (name) => name.startsWith(prefix) && mark.test(name.slice(prefix.length)),
  );
  const oldest = names.toSorted().slice(0, Math.max(names.length - keep, 0));
  await Promise.all(oldest.map((name) => rm(join(dirname(file), name), { force: true })));
}
