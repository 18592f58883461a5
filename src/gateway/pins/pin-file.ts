import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonSource } from '../../config/source/json-source.js';
import { decodedText, invalidConfig, whyUnreadable } from '../../config/source/config-file.js';
import { parseJson } from '../../config/source/json-source.js';
import { whyUnwritable } from '../../config/source/unwritable-file.js';
import { errorAt, type Path, type Problem } from '../../config/problem.js';
import { ConfigError } from '../../config/config-issue.js';
import { isRecord } from '../../json/records.js';
import type { Pins } from './pin-states.js';
import { isContentField, type ToolHash } from './tool-hash.js';

/** Of the file, in the working directory. */
export const pinFileName = 'gatechart.lock';

const version = 1;

/** Bytes; about 60,000 tools. */
const largestFile = 16 * 1024 * 1024;

/**
 * What was approved, by a file. Without the file nothing was.
 *
 * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function readPins(file: string): Promise<Pins> {
  const text = await textOf(file);
  return text === undefined ? new Map() : pinsIn(parseJson(text, file));
}

/** Replaces the file at once: whoever reads it meanwhile sees the old one or the new one. @throws ConfigError CONFIG_UNREADABLE */
export async function writePins(file: string, pins: Pins): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    await writeFile(temporary, pinFileText(pins), { flush: true });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new ConfigError('CONFIG_UNREADABLE', `${file} cannot be written: ${whyUnwritable(file, error)}`, [], {
      cause: error,
    });
  }
}

/** The text of a file: the same for the same pins, and servers and tools each on lines of their own. */
export function pinFileText(pins: Pins): string {
  const servers = sorted(pins).map(([server, tools]) => [server, { tools: Object.fromEntries(sorted(tools)) }]);
  return `${JSON.stringify({ version, servers: Object.fromEntries(servers) }, undefined, 2)}\n`;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function textOf(file: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    if ((await stat(file)).size > largestFile) throw new Error(`it is larger than ${largestFile} bytes`);
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigError('CONFIG_UNREADABLE', `${file} cannot be read: ${whyUnreadable(error)}`, [], { cause: error });
  }
  return decodedText(bytes, file);
}

function pinsIn(source: JsonSource): Pins {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const root = fieldsAt(source.data, [], ['version', 'servers'], report);
  if (root['version'] !== version) report(errorAt(['version'], (found) => `expected ${version}, found ${found}`));
  const pins = mapAt(root['servers'], ['servers'], report, (server, at) => {
    const { tools } = fieldsAt(server, at, ['tools'], report);
    return mapAt(tools, [...at, 'tools'], report, (tool, at) => toolAt(tool, at, report));
  });
  if (problems.length === 0) return pins;
  throw invalidConfig(
    source.named,
    problems.map((problem) => source.issue(problem, false)),
  );
}

function toolAt(value: unknown, at: Path, report: (problem: Problem) => void): ToolHash {
  const { hash, fields } = fieldsAt(value, at, ['hash', 'fields'], report);
  const text = textAt(hash, [...at, 'hash'], /^sha256:[\da-f]{64}$/, '"sha256:" and 64 digits', report);
  const known = mapAt(fields, [...at, 'fields'], report, (digits, at) => {
    if (!isContentField(String(at.at(-1)))) report(errorAt(at, 'no such field of a tool is approved', 'key'));
    return textAt(digits, at, /^[\da-f]{16}$/, '16 hexadecimal digits', report);
  });
  return { hash: text, fields: Object.fromEntries(known) };
}

function fieldsAt(
  value: unknown,
  at: Path,
  known: readonly string[],
  report: (problem: Problem) => void,
): Record<string, unknown> {
  if (!isRecord(value)) {
    report(errorAt(at, (found) => `expected an object, found ${found}`));
    return {};
  }
  for (const key of Object.keys(value))
    if (!known.includes(key)) report(errorAt([...at, key], `unknown key; known are ${known.join(', ')}`, 'key'));
  return value;
}

function mapAt<Value>(
  value: unknown,
  at: Path,
  report: (problem: Problem) => void,
  read: (value: unknown, at: Path) => Value,
): Map<string, Value> {
  if (isRecord(value))
    return new Map(Object.entries(value).map(([key, inner]) => [key, read(inner, [...at, key])] as const));
  report(errorAt(at, (found) => `expected an object, found ${found}`));
  return new Map();
}

function textAt(value: unknown, at: Path, shape: RegExp, expected: string, report: (problem: Problem) => void): string {
  if (typeof value === 'string' && shape.test(value)) return value;
  report(errorAt(at, (found) => `expected ${expected}, found ${found}`));
  return '';
}
