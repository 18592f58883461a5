import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import type { CallRecord } from '../call/call-record.js';

/** Where decisions are written down, and how much is kept. */
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

/**
 * Opens a log of decisions.
 *
 * @throws GatechartError CONFIG_INVALID for options, for a file that cannot be written, and for a key that cannot be used
 */
export async function createAudit(options: AuditOptions = {}): Promise<Audit> {
  // Programs without a log of decisions need not load one.
  const { openAudit } = await import('./open-audit.js');
  return openAudit(options);
}
