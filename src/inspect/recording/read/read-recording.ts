import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { whyUnreadable } from '../../../config/source/config-file.js';
import { GatechartError, messageOf } from '../../../errors.js';
import type { RecordingHeader } from '../recording-format.js';
import { asideOf } from '../write/recording-file.js';
import { EventTable } from './event-table.js';
import { PartReader, type ReadSoFar } from './part-reader.js';
import { invalidLine, readLine } from './recorded-line.js';
import type { Recording } from './recording.js';

/** Bytes of both parts together: a recording is held in memory. */
const mostBytes = 1024 ** 3;

/**
 * Reads a recording, and the part before it (`<file>.1`) where there is one of the same recording. One that was cut off is
 * read to its last whole line.
 *
 * @throws GatechartError RECORDING_INVALID with the file, the line, what was found and what was expected
 */
export async function readRecording(file: string): Promise<Recording> {
  const bytes = await bytesOf(file);
  const before = file.endsWith('.1') ? undefined : await bytesOf(asideOf(file)).catch(() => undefined);
  return recordingIn(file, bytes, before);
}

/** The same of bytes that are here already. @internal */
export function recordingIn(file: string, bytes: Buffer, before?: Buffer): Recording {
  const name = basename(file);
  const header = headerIn(bytes, name);
  const soFar: ReadSoFar = {
    actors: [],
    places: new Map(),
    ids: new Map(),
    events: new EventTable(),
    gaps: [],
    end: undefined,
  };
  const precedes = before !== undefined && isPartBefore(before, asideOf(name), header);
  if (precedes) readPart(before, asideOf(name), new PartReader(soFar, true));
  const whole = readPart(bytes, name, new PartReader(soFar, !precedes));
  try {
    const { actors, gaps, end } = soFar;
    const cutOff = end === undefined ? whole : undefined;
    return { file, header, actors, gaps, events: soFar.events.sorted(), cutOff, hasPartBefore: precedes };
  } catch (error) {
    throw invalidLine(name, messageOf(error));
  }
}

/** @returns the byte at which the last whole line ends */
function readPart(bytes: Buffer, name: string, reader: PartReader): number {
  let number = 0;
  let from = 0;
  for (let to = bytes.indexOf(10); to !== -1; to = bytes.indexOf(10, from)) {
    number += 1;
    if (number > 1) {
      const place = `${name}, line ${number}`;
      reader.read(readLine(bytes.toString('utf8', from, to), place), place);
    }
    from = to + 1;
  }
  return from;
}

function headerIn(bytes: Buffer, name: string): RecordingHeader {
  const to = bytes.indexOf(10);
  if (to === -1) throw invalidLine(name, 'expected a recording, found no whole line');
  const place = `${name}, line 1`;
  const read = readLine(bytes.toString('utf8', 0, to), place);
  if (read.kind === 'header') return read.line;
  throw invalidLine(place, 'recording: expected the header of a recording, found another line');
}

/** A part of another recording is nobody's business here. */
function isPartBefore(bytes: Buffer, name: string, { run, part }: RecordingHeader): boolean {
  try {
    const header = headerIn(bytes, name);
    return header.run === run && header.part === part - 1;
  } catch {
    return false;
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) throw new Error(`it has ${size} bytes, and at most ${mostBytes} are read`);
    return await readFile(file);
  } catch (error) {
    throw new GatechartError('RECORDING_INVALID', `the recording ${file} cannot be read: ${whyUnreadable(error)}`);
  }
}
