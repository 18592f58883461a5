import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { messageOf } from '../../errors.js';
import { type Clock, systemClock } from '../../time/clock.js';
import {
  problemOf,
  readLoginFile,
  readPrivateFile,
  replacePrivateFile,
  unreadable,
  writeLoginFile,
} from './login-file.js';
import { tryLock, waitForLock } from './login-lock.js';
import { keyText, newestOf } from './memory-login-store.js';
import type { LoginClaim, LoginKey, LoginStore, StoredLogin } from './stored-login.js';

/** Where logins are kept by default: `$XDG_STATE_HOME/gatechart/logins`, or that in `~/.local/state`. */
export function defaultLoginFolder(env: NodeJS.ProcessEnv = process.env): string {
  const state = env.XDG_STATE_HOME;
  // The specification of these folders has relative paths ignored.
  const base = state !== undefined && path.isAbsolute(state) ? state : path.join(homedir(), '.local', 'state');
  return path.join(base, 'gatechart', 'logins');
}

/**
 * Keeps each login in a file of its own, which nobody but the user can read (0600, in a folder of 0700). Names of files are
 * hashes of the server and of issuer, resource and client. Refuses to read what others can read.
 */
export class FileLoginStore implements LoginStore {
  readonly folder: string;
  readonly #clock: Clock;

  constructor(folder: string = defaultLoginFolder(), clock: Clock = systemClock) {
    this.folder = path.resolve(folder);
    this.#clock = clock;
  }

  async newest(server: string, client: string | undefined): Promise<StoredLogin | undefined> {
    if (!(await this.#exists())) return undefined;
    const names = (await readdir(this.folder)).filter((name) => isLoginOf(name, server)).toSorted();
    const logins = await Promise.all(names.map((name) => readLoginFile(path.join(this.folder, name))));
    return newestOf(logins.filter((login) => login?.server === server && login.client === client).filter(isDefined));
  }

  async read(key: LoginKey): Promise<StoredLogin | undefined> {
    return (await this.#exists()) ? readLoginFile(this.#file(key)) : undefined;
  }

  async write(login: StoredLogin): Promise<void> {
    await this.#make();
    await writeLoginFile(this.#file(login), login);
  }

  async remove(key: LoginKey): Promise<void> {
    if (await this.#exists()) await rm(this.#file(key), { force: true });
  }

  async exclusively<Value>(server: string, work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    await this.#make();
    const release = await waitForLock(this.#beside(server, 'tokens'), this.#clock, signal);
    try {
      return await work();
    } finally {
      await release();
    }
  }

  async claim(server: string): Promise<LoginClaim | { readonly address: string | undefined }> {
    await this.#make();
    const announcement = this.#beside(server, 'address');
    const release = await tryLock(this.#beside(server, 'person'));
    if (release === undefined) return { address: (await readPrivateFile(announcement))?.trim() };
    // Somebody may have died who waited.
    await rm(announcement, { force: true });
    return {
      announce: (address) => replacePrivateFile(announcement, `${address}\n`),
      release: async () => {
        await rm(announcement, { force: true });
        await release();
      },
    };
  }

  #file(key: LoginKey): string {
    return path.join(this.folder, `${hashOf(key.server)}-${hashOf(keyText(key))}.json`);
  }

  #beside(server: string, what: 'tokens' | 'person' | 'address'): string {
    return path.join(this.folder, `${hashOf(server)}.${what}`);
  }

  /** Whether there is a folder; one that others have rights to is refused. */
  async #exists(): Promise<boolean> {
    const stats = await stat(this.folder).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw unreadable(this.folder, messageOf(error), error);
    });
    if (stats === undefined) return false;
    const problem = stats.isDirectory() ? problemOf(stats) : 'it is not a folder';
    if (problem !== undefined) throw unreadable(this.folder, problem);
    return true;
  }

  async #make(): Promise<void> {
    if (await this.#exists()) return;
    await mkdir(this.folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw unreadable(this.folder, messageOf(error), error);
    });
  }
}

function isLoginOf(name: string, server: string): boolean {
  return name.startsWith(`${hashOf(server)}-`) && name.endsWith('.json');
}

function isDefined<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}
