import { GatechartError } from '../errors.js';
import { createRecorder, type Recorder } from '../inspect/recording/write/recorder.js';
import type { Logger } from '../observability/logger.js';

/** What a command that runs is told of a recording of it. */
export interface RecordCommand {
  /** Path of the file. */
  readonly record?: string | undefined;
  /** Megabytes after which it is put aside. */
  readonly recordSize?: string | undefined;
  readonly recordPayloads?: boolean | undefined;
}

const bytesInMegabyte = 1024 * 1024;

/**
 * The recorder that a command line asks for; undefined where it asks for none.
 *
 * @throws GatechartError CONFIG_INVALID, CONFIG_UNREADABLE
 */
export function recorderOf(command: RecordCommand, logger: Logger): Recorder | undefined {
  const { record, recordSize, recordPayloads = false } = command;
  if (record === undefined) {
    if (recordSize !== undefined || recordPayloads)
      throw invalid(`--record-${recordSize === undefined ? 'payloads' : 'size'} is for --record`);
    return undefined;
  }
  const megabytes = Number(recordSize ?? 64);
  if (!(megabytes > 0 && megabytes <= 512))
    throw invalid(`--record-size ${recordSize}: expected megabytes, a number above 0 and up to 512`);
  const recorder = createRecorder({
    file: record,
    payloads: recordPayloads,
    maxBytes: Math.ceil(megabytes * bytesInMegabyte),
    onStop: (reason) => logger.error({ file: record }, `nothing is recorded any more: ${reason}`),
  });
  logger.info({ file: record }, `what happens is recorded in ${record}`);
  return recorder;
}

function invalid(message: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', message);
}
