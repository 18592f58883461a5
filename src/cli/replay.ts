import { access, constants, copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { whyUnwritable } from '../config/source/unwritable-file.js';
import { GatechartError, isGatechartError } from '../errors.js';
import type { FeedEvent } from '../inspect/live/feed/feed-states.js';
import type { LiveSource, RecordingSource } from '../inspect/live/feed/live-source.js';
import { startInspectorServer } from '../inspect/live/serve/inspector-server.js';
import { readRecording } from '../inspect/recording/read/read-recording.js';
import type { Recording } from '../inspect/recording/read/recording.js';
import { type Replay, replayRecording } from '../inspect/recording/replay/replay-recording.js';
import { sourceOf } from '../inspect/recording/source/recording-source.js';
import { eventLine, summaryLines } from '../inspect/recording/source/replay-text.js';
import { testSource } from '../inspect/recording/source/test-source.js';
import { asideOf } from '../inspect/recording/write/recording-file.js';
import { createLogger } from '../observability/logger.js';
import { packageVersion } from '../package-version.js';
import { systemClock } from '../time/clock.js';
import type { CommandIo } from './command-io.js';
import { shownText } from './top/cell-text.js';

export interface ReplayCommand {
  readonly step?: boolean | undefined;
  /** Number of an event, seconds or milliseconds since the recording began, or a moment. */
  readonly to?: string | undefined;
  /** `connection:github=failed` */
  readonly until?: string | undefined;
  readonly json?: boolean | undefined;
  /** Path of a test to write. */
  readonly toTest?: string | undefined;
  /** True, or a port. */
  readonly inspect?: boolean | string | undefined;
}

/** The process around the command. */
export interface ReplayIo extends CommandIo {
  /** Each line of it is one step further, with `--step`. */
  readonly stdin: Readable;
  /** Tells of SIGTERM and SIGINT, which end what `--inspect` serves. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** Bytes up to which a recording is written into the test itself. */
const mostEmbedded = 64 * 1024;
/** Events that are asked for at a time. */
const page = 500;

/**
 * `gatechart replay`: runs the machines again on a recording, and says where they depart from it.
 *
 * @returns the exit code: 0 the same way, 1 another way, 2 wrong arguments or no recording
 */
export async function replay(file: string, command: ReplayCommand, io: ReplayIo): Promise<number> {
  try {
    const replayed = replayRecording(await readRecording(file));
    const source = sourceOf(replayed);
    const last = lastOf(command, replayed, source.recording);
    if (command.toTest !== undefined) return await writeTest(command.toTest, replayed, last, io);
    if (command.inspect !== undefined && command.inspect !== false) return await inspect(source, command.inspect, io);
    await show(source.recording, last, command, io);
    return conclude(replayed, command, io);
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    io.stderr.write(`gatechart replay: ${shownText(error.message)}\n`);
    return 2;
  }
}

/** Number of the last event that is shown. @throws GatechartError CONFIG_INVALID */
function lastOf({ to, until }: ReplayCommand, { recording }: Replay, source: RecordingSource): number {
  const last = to === undefined ? recording.events.length : eventAt(to, recording);
  if (until === undefined) return last;
  const [actor = '', state, ...rest] = until.split('=');
  if (state === undefined || state === '' || rest.length > 0)
    throw invalid(`--until ${until}: expected an actor and a state, like connection:github=failed`);
  if (!recording.actors.some(({ id }) => id === actor)) throw invalid(`--until ${until}: ${noActor(actor, recording)}`);
  const { seq } = source.until({ actor, state }, 0);
  if (seq === undefined) throw invalid(`--until ${until}: ${actor} never comes to ${state} in this recording`);
  return Math.min(last, seq);
}

/** @throws GatechartError CONFIG_INVALID */
function eventAt(to: string, { events, header }: Recording): number {
  const { length } = events;
  if (/^\d+$/.test(to)) {
    if (Number(to) >= 1 && Number(to) <= length) return Number(to);
    throw invalid(`--to ${to}: the recording has the events 1 to ${length}`);
  }
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(to) ?? [];
  const moment = unit === undefined ? Date.parse(to) - header.epoch : Number(amount) * (unit === 's' ? 1000 : 1);
  if (Number.isNaN(moment))
    throw invalid(
      `--to ${to}: expected the number of an event, a time like 12.5s or 800ms, or a moment like 2026-11-26T14:30:00Z`,
    );
  const before = events.t.findLastIndex((t) => t <= moment);
  if (before === -1) throw invalid(`--to ${to}: the first event is later`);
  return before + 1;
}

function noActor(actor: string, { actors }: Recording): string {
  const known = actors.slice(0, 8).map(({ id }) => id);
  return `there is no actor ${JSON.stringify(actor)}; there are ${known.join(', ')}${actors.length > 8 ? ' and more' : ''}`;
}

async function show(source: RecordingSource, last: number, { step, json }: ReplayCommand, io: ReplayIo): Promise<void> {
  const print = (event: FeedEvent): unknown =>
    io.stdout.write(`${json === true ? JSON.stringify(event) : shownText(eventLine(event))}\n`);
  const lines = step === true ? createInterface({ input: io.stdin, terminal: false }) : undefined;
  const asked = lines?.[Symbol.asyncIterator]();
  try {
    for (let from = 1; from <= last; from += page) {
      for (const event of source.steps(from, Math.min(page, last - from + 1)).events) {
        print(event);
        if (asked === undefined) continue;
        const { done, value } = await asked.next();
        if (done === true || value.trim() === 'q') return;
      }
    }
  } finally {
    lines?.close();
  }
}

function conclude(replayed: Replay, { json }: ReplayCommand, { stdout }: ReplayIo): number {
  const { departures, departed, changedMachines, recording } = replayed;
  if (json === true) {
    const { cutOff, gaps } = recording;
    stdout.write(
      `${JSON.stringify({ departed, departures, changedMachines, gaps, ...(cutOff !== undefined && { cutOff }) })}\n`,
    );
  } else {
    for (const line of summaryLines(replayed, { version: packageVersion })) stdout.write(`${shownText(line)}\n`);
  }
  return departed === 0 ? 0 : 1;
}

/** A small recording becomes a part of the test, a larger one is put beside it. */
async function writeTest(path: string, { recording }: Replay, last: number, { stdout }: ReplayIo): Promise<number> {
  const { file } = recording;
  try {
    const parts = recording.hasPartBefore ? [file, asideOf(file)] : [file];
    const isSmall = parts.length === 1 && (await stat(file)).size <= mostEmbedded;
    const text = isSmall ? (await readFile(file)).subarray(0, recording.cutOff).toString() : undefined;
    // Not over a test that somebody has changed.
    await writeFile(path, testSource(recording, { to: last, ...(text !== undefined && { text }) }), { flag: 'wx' });
    if (!isSmall) for (const part of parts) await copyBeside(part, path);
    stdout.write(`${path} replays ${basename(file)}: run it with npx vitest run ${path}\n`);
    return 0;
  } catch (error) {
    if (isGatechartError(error)) throw error;
    throw new GatechartError(
      'CONFIG_INVALID',
      `--to-test ${path}: it cannot be written: ${whyUnwritable(path, error)}`,
    );
  }
}

async function copyBeside(file: string, test: string): Promise<void> {
  const copy = join(dirname(test), basename(file).replace(/[^\w.-]/g, '_'));
  if (resolve(copy) === resolve(file)) return;
  const isThere = await access(copy).then(
    () => true,
    () => false,
  );
  if (isThere) throw new GatechartError('CONFIG_INVALID', `--to-test ${test}: ${copy} is there already`);
  await copyFile(file, copy, constants.COPYFILE_EXCL);
}

/** Serves the recording until it is told to stop. */
async function inspect(source: LiveSource, given: true | string, { stdout, signals }: ReplayIo): Promise<number> {
  const port = given === true ? undefined : Number(given);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw invalid(`--inspect ${String(given)}: expected a port from 0 to 65535`);
  const logger = createLogger('warn');
  const server = await startInspectorServer({ source, host: '127.0.0.1', port, clock: systemClock, logger });
  const stop = (): void => void server.close();
  signals.on('SIGTERM', stop).on('SIGINT', stop);
  stdout.write(`${server.url()}\n`);
  await server.closed;
  signals.off('SIGTERM', stop).off('SIGINT', stop);
  return 0;
}

function invalid(message: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', message);
}
