import { readFile } from 'node:fs/promises';
import { GatechartError, messageOf } from '../errors.js';

/**
 * The data in a JSON file. A byte order mark before it is skipped.
 *
 * @throws GatechartError PAYLOAD_INVALID for what cannot be read, is not JSON in UTF-8, or holds whole numbers that would
 * be rounded
 */
export async function readJson(file: string): Promise<unknown> {
  const text = decoded(await bytesOf(file), file);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new GatechartError('PAYLOAD_INVALID', `${file} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  const rounded = roundedAt(text);
  if (rounded === undefined) return data;
  const before = text.slice(0, rounded).split('\n');
  const place = `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  throw new GatechartError(
    'PAYLOAD_INVALID',
    `${place}: expected a number that can be held exactly, found one that would be rounded; put it in quotes`,
  );
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'there is no such file' : messageOf(error);
    throw new GatechartError('PAYLOAD_INVALID', `${file} cannot be read: ${why}`, { cause: error });
  }
}

function decoded(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new GatechartError('PAYLOAD_INVALID', `${file} is not text in UTF-8`, { cause: error });
  }
}

/** Where a number is that parsing has changed: a guard would look at another one than is in the file. */
function roundedAt(json: string): number | undefined {
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    if (token.startsWith('"')) continue;
    const value = Number(token);
    const isWhole = /^-?\d+$/.test(token);
    if (!Number.isFinite(value)) return index;
    if (isWhole && !Number.isSafeInteger(value) && BigInt(token) !== BigInt(value)) return index;
  }
  return undefined;
}
