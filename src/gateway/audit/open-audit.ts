import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { checkOptionNames, invalid } from '../../config/code-options.js';
import { expandHome } from '../../config/source/path-base.js';
import { messageOf } from '../../errors.js';
import { createLogger, unfailingLogger } from '../../observability/logger.js';
import { systemClock } from '../../time/clock.js';
import { defaultAuditLog } from '../files/gateway-files.js';
import { ArgumentsHash, hashWithKeyFile } from './arguments-hash.js';
import { auditLine } from './audit-line.js';
import type { Audit, AuditOptions } from './create-audit.js';
import { LogFile } from './log-file.js';

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
export async function openAudit(options: AuditOptions): Promise<Audit> {
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
