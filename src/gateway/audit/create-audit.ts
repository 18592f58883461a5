import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { checkOptionNames, invalid } from '../../config/code-options.js';
import { expandHome } from '../../config/source/path-base.js';
import { messageOf } from '../../errors.js';
import { createLogger, type Logger, unfailingLogger } from '../../observability/logger.js';
import { type Clock, systemClock } from '../../time/clock.js';
import type { CallRecord } from '../call/call-record.js';
import { defaultAuditLog } from '../files/gateway-files.js';
import { ArgumentsHash, hashWithKeyFile } from './arguments-hash.js';
import { auditLine } from './audit-line.js';
import { LogFile } from './log-file.js';

export interface AuditOptions {
  /** Default: `~/.cache/agent-mcp-gateway/logs/audit.jsonl`, where agent-mcp-gateway has it. */
  readonly file?: string;
  /** Bytes above which the file is set aside, and another one begun. Default 32 MiB. */
  readonly maxBytes?: number;
  /** How many that were set aside are kept. Default 8. */
  readonly keep?: number;
  /** Bytes of lines that may wait for the disk. What comes beyond is dropped and counted. Default 4 MiB. */
  readonly maxWaitingBytes?: number;
  /** Told once when lines are lost, and when they are not any more. Default: pino on standard error. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Milliseconds since 1970. Default: the system's. */
  readonly wallClock?: () => number;
}

/** Writes a line for each decision of a gateway. Made by `createAudit`. */
export interface Audit {
  /** Absolute path of the log. */
  readonly file: string;
  /** Lines that were lost: the disk was full, or did not keep up. */
  readonly dropped: number;
  /** Takes one decision. Neither waits nor throws. */
  record(record: CallRecord): void;
  /** Opens the file again, after somebody has moved it. Never rejects. */
  reopen(): Promise<void>;
  /** Settles when all lines are in the file, or the disk has not taken them within 5 s. May be called more than once. */
  close(): Promise<void>;
}

const names: Readonly<Record<keyof AuditOptions, true>> = {
  file: true,
  maxBytes: true,
  keep: true,
  maxWaitingBytes: true,
  logger: true,
  clock: true,
  wallClock: true,
};

const mebibyte = 1024 * 1024;

/**
 * Opens a log of decisions.
 *
 * @throws GatechartError CONFIG_INVALID for options, for a file that cannot be written, and for a key that cannot be used
 */
export async function createAudit(options: AuditOptions = {}): Promise<Audit> {
  checkOptionNames(options, Object.keys(names), 'createAudit');
  const { maxBytes = 32 * mebibyte, keep = 8, maxWaitingBytes = 4 * mebibyte } = options;
  checkCount('maxBytes', maxBytes, 1);
  checkCount('keep', keep, 0);
  checkCount('maxWaitingBytes', maxWaitingBytes, 1);
  const { clock = systemClock, wallClock = Date.now } = options;
  const logger = unfailingLogger(options.logger ?? createLogger('info'));
  const file = resolve(expandHome(options.file ?? defaultAuditLog(), homedir()));
  const log = await LogFile.open({ file, maxBytes, keep, maxWaitingBytes, logger, clock });
  let hash: ArgumentsHash;
  try {
    hash = log.isRegular ? await hashWithKeyFile(`${file}.key`) : new ArgumentsHash();
  } catch (error) {
    await log.close();
    throw error;
  }
  return {
    file,
    get dropped() {
      return log.dropped;
    },
    record: (record) => {
      try {
        log.write(auditLine(record, wallClock(), hash));
      } catch (error) {
        log.lost(1, messageOf(error));
      }
    },
    reopen: () => log.reopen(),
    close: () => log.close(),
  };
}

function checkCount(name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && Number(value) >= least) return;
  throw invalid(`option ${name} of createAudit: expected an integer, ${least} or more`);
}
