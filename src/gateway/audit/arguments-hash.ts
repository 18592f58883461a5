import { createHmac, randomBytes } from 'node:crypto';
import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { exists } from '../../config/source/file-kinds.js';
import { GatechartError, messageOf } from '../../errors.js';
import { canonicalJson } from '../../json/canonical-json.js';

const keyBytes = 32;

/**
 * Hashes arguments so that equal ones can be told without being known. Arguments can be guessed, a plain hash would give
 * them away to whoever reads the log: it is HMAC-SHA-256 with a key that stays beside the log.
 */
export class ArgumentsHash {
  readonly #key: Buffer;

  /** @param key default: one that nobody else will ever know */
  constructor(key: Buffer = randomBytes(keyBytes)) {
    this.#key = key;
  }

  /** Hexadecimal, of the canonical JSON (RFC 8785); null for what is no JSON, which only calls in memory can hold. */
  of(args: unknown): string | null {
    try {
      return createHmac('sha256', this.#key).update(canonicalJson(args)).digest('hex');
    } catch {
      return null;
    }
  }
}

/**
 * The key in a file, which is made where there is none, for nobody but the user (0600).
 *
 * @throws GatechartError CONFIG_INVALID for a file that is no key, or that others can read
 */
export async function hashWithKeyFile(file: string): Promise<ArgumentsHash> {
  if (!exists(file)) await makeKey(file);
  return new ArgumentsHash(await readKey(file));
}

/** Whole at once: another process may be about to read it, or to make one itself. */
async function makeKey(file: string): Promise<void> {
  const made = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(made, `${randomBytes(keyBytes).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    await link(made, file);
  } catch (error) {
    if (!exists(file)) throw unusable(file, messageOf(error));
  } finally {
    await rm(made, { force: true });
  }
}

async function readKey(file: string): Promise<Buffer> {
  let text: string;
  try {
    const handle = await open(file);
    try {
      const { mode } = await handle.stat();
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        throw unusable(file, `others have rights to it; \`chmod 600 ${file}\``);
      }
      text = await readFile(handle, 'utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof GatechartError ? error : unusable(file, messageOf(error));
  }
  if (!/^[\da-f]{64}\n?$/.test(text)) {
    throw unusable(file, 'expected 64 hexadecimal digits; remove it, and another one is made');
  }
  return Buffer.from(text.trim(), 'hex');
}

function unusable(file: string, why: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', `The key of the audit log, ${file}, cannot be used: ${why}`);
}
