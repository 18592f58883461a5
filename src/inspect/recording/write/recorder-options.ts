import { GatechartError } from '../../../errors.js';
import { describeValue } from '../../../json/described-value.js';
import { type Clock, systemClock } from '../../../time/clock.js';

/** What a recorder is made of. */
export interface RecorderOptions {
  /** Path of the file. A recording that is there is put aside as `<file>.1`; anything else is refused. */
  readonly file: string;
  /** Whether texts are recorded as they are: messages of errors, addresses. Default false: names, numbers and fingerprints. */
  readonly payloads?: boolean;
  /** Bytes after which the file is put aside as `<file>.1`, in the place of the one before. Default 64 MiB. */
  readonly maxBytes?: number;
  /** The clock of those who are recorded. */
  readonly clock?: Clock;
  /** Hears that nothing is recorded any more, and why: the disk is full, for instance. */
  readonly onStop?: (reason: string) => void;
}

/** How a recording is doing. */
export interface RecorderStatus {
  readonly file: string;
  readonly events: number;
  /** Events that the disk was too slow for. */
  readonly lost: number;
  /** Why it ended before it was closed. */
  readonly stopped: string | undefined;
}

/** The options with what is left out. @throws GatechartError CONFIG_INVALID */
export function checkedOptions(options: RecorderOptions): Required<Omit<RecorderOptions, 'onStop'>> {
  const { file, payloads = false, maxBytes = 64 * 1024 * 1024, clock = systemClock } = options;
  if (typeof file !== 'string' || file === '') throw invalid('file', 'the path of a file', file);
  if (typeof payloads !== 'boolean') throw invalid('payloads', 'true or false', payloads);
  if (!Number.isInteger(maxBytes) || maxBytes < 1)
    throw invalid('maxBytes', 'a whole number of bytes from 1', maxBytes);
  return { file, payloads, maxBytes, clock };
}

function invalid(option: string, expected: string, found: unknown): GatechartError {
  return new GatechartError('CONFIG_INVALID', `${option}: expected ${expected}, found ${describeValue(found)}`);
}
