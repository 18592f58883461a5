import type { Stats } from 'node:fs';
import { constants, open, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { GatechartError, messageOf } from '../../errors.js';
import { repeatedKeyIn } from '../../json/repeated-key.js';
import type { StoredLogin } from './stored-login.js';

const text = z.string().min(1);

/** What a file says. What it says beside this was written by something newer, and is not thrown away by us. */
const loginFile = z.strictObject({
  version: z.literal(1),
  server: text,
  issuer: text,
  resource: text,
  client: text.exactOptional(),
  savedAt: z.number(),
  registration: z.strictObject({
    id: text,
    secret: text.exactOptional(),
    authMethod: text.exactOptional(),
    redirectUri: text.exactOptional(),
    secretExpiresAt: z.number().exactOptional(),
  }),
  tokens: z
    .strictObject({
      accessToken: text,
      refreshToken: text.exactOptional(),
      obtainedAt: z.number(),
      expiresAt: z.number().exactOptional(),
      scopes: z.array(text),
    })
    .exactOptional(),
});

/** Bytes that a file may have: tokens are a few thousand at most. */
const mostBytes = 256 * 1024;

/**
 * Reads one login.
 *
 * @returns undefined if there is no such file
 * @throws GatechartError CONFIG_UNREADABLE for a file that others can read, or that cannot be read; CONFIG_INVALID for what
 * is no login. Neither is replaced: somebody has to look at it
 */
export async function readLoginFile(file: string): Promise<StoredLogin | undefined> {
  const written = await readPrivateFile(file);
  if (written === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(written);
  } catch {
    // The message of the parser would quote what it found.
    throw notALogin(file, 'it is not JSON');
  }
  const repeated = repeatedKeyIn(written);
  if (repeated !== undefined) throw notALogin(file, `at '${repeated.path.join('.')}': this key is there twice`);
  const checked = loginFile.safeParse(json);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw notALogin(file, `at '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not what was expected'}`);
  }
  const { version: _version, client, tokens, ...login } = checked.data;
  return { ...login, client, tokens };
}

/** Replaces a file, as a whole or not at all; nobody but the user can read it. */
export async function writeLoginFile(file: string, login: StoredLogin): Promise<void> {
  await replacePrivateFile(file, `${JSON.stringify({ version: 1, ...login }, undefined, 2)}\n`);
}

/** The text of a file that only its owner can read; undefined if there is none. Throws as {@link readLoginFile}. */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  try {
    // What the checks are about is what is read, also where the name is given to something else meanwhile.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const stats = await handle.stat();
    const problem = stats.isFile() ? problemOf(stats) : 'it is not a file';
    if (problem !== undefined) throw unreadable(file, problem);
    if (stats.size > mostBytes) throw unreadable(file, `it has ${stats.size} bytes; at most ${mostBytes} are expected`);
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof GatechartError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, codeOf(error) === 'ELOOP' ? 'it is a symbolic link' : messageOf(error), error);
  }
}

/** As {@link writeLoginFile}. */
export async function replacePrivateFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    {
      await using handle = await open(temporary, 'wx', 0o600);
      await handle.writeFile(content);
      // A rename that is on the disk before the content would leave an empty file after a crash.
      await handle.sync();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new GatechartError('CONFIG_UNREADABLE', `The login cannot be written to ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Why what belongs to that file or folder is not private; undefined if it is, or where the system has no such modes. */
export function problemOf({ mode, uid }: Pick<Stats, 'mode' | 'uid'>): string | undefined {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  if (uid !== own) return `it belongs to another user (${uid})`;
  const others = mode & 0o077;
  return others === 0 ? undefined : `its mode is 0${(mode & 0o777).toString(8)}, and others must have no rights to it`;
}

export function unreadable(file: string, problem: string, cause?: unknown): GatechartError {
  return new GatechartError('CONFIG_UNREADABLE', `The logins in ${file} cannot be used: ${problem}`, { cause });
}

function notALogin(file: string, problem: string): GatechartError {
  return new GatechartError(
    'CONFIG_INVALID',
    `${file} is not a login as gatechart writes it: ${problem}. Delete it, and log in again with gatechart login.`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
