import { readFile } from 'node:fs/promises';
import { shownFile, whyUnreadable } from '../config/source/config-file.js';
import { parseJsonTree } from '../config/source/json-syntax.js';
import { shownPath } from '../config/source/shown-path.js';
import { GatechartError, messageOf } from '../errors.js';
import { endOfString, repeatedKeyIn } from '../json/repeated-key.js';

/**
 * The data in a JSON file. A byte order mark before it is skipped.
 *
 * @throws GatechartError PAYLOAD_INVALID for what cannot be read, is not JSON in UTF-8, is nested too deeply, or holds whole
 * numbers that would be rounded or a key twice
 */
export async function readJson(file: string): Promise<unknown> {
  const text = decoded(await bytesOf(file), file);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const fault = parseJsonTree(text);
    // It takes comments and commas at the end, which JSON does not.
    const [line, column] = 'message' in fault ? positionIn(text, fault.offset) : [];
    const why = 'message' in fault ? `${fault.message} (line ${line}, column ${column})` : messageOf(error);
    throw new GatechartError('PAYLOAD_INVALID', `${file} is not JSON: ${why}`, { cause: error });
  }
  const problem = problemIn(text) ?? repetitionIn(text);
  if (problem === undefined) return data;
  const [line, column] = positionIn(text, problem.offset);
  throw new GatechartError('PAYLOAD_INVALID', `${file}:${line}:${column}: ${problem.message}`);
}

function positionIn(text: string, offset: number): readonly [line: number, column: number] {
  const before = text.slice(0, offset).split('\n');
  return [before.length, (before.at(-1)?.length ?? 0) + 1];
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new GatechartError('PAYLOAD_INVALID', `${shownFile(file)} cannot be read: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}

function decoded(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new GatechartError('PAYLOAD_INVALID', `${file} is not text in UTF-8`, { cause: error });
  }
}

/** What recurses over a payload would run out of stack somewhere above. */
const deepest = 1_000;
const tooDeep = `expected at most ${deepest} levels of nesting, found more`;
const inexact = 'expected a number that can be held exactly, found one that would be rounded; put it in quotes';

/** What is no longer what the file says: a guard would look at another number than is there. */
function problemIn(json: string): { readonly offset: number; readonly message: string } | undefined {
  const tokens = /"|-?\d[\d.eE+-]*|[[\]{}]/g;
  let depth = 0;
  for (let match = tokens.exec(json); match !== null; match = tokens.exec(json)) {
    const { 0: token, index: offset } = match;
    if (token === '"') tokens.lastIndex = endOfString(json, offset);
    else if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    else if (!isExact(token)) return { offset, message: inexact };
    if (depth > deepest) return { offset, message: tooDeep };
  }
  return undefined;
}

/** A guard would look at one of the two, and who wrote the file may have meant the other. */
function repetitionIn(json: string): { readonly offset: number; readonly message: string } | undefined {
  const repeated = repeatedKeyIn(json);
  if (repeated === undefined) return undefined;
  const [line] = positionIn(json, repeated.first);
  const message = `${shownPath(repeated.path)}: this key is in the object already, on line ${line}; remove one of the two`;
  return { offset: repeated.offset, message };
}

function isExact(number: string): boolean {
  const value = Number(number);
  if (!Number.isFinite(value)) return false;
  return !/^-?\d+$/.test(number) || Number.isSafeInteger(value) || BigInt(number) === BigInt(value);
}
