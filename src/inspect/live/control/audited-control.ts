import { randomUUID } from 'node:crypto';
import type { CallRecord, CallRecorder } from '../../../gateway/call/call-record.js';
import type { Logger } from '../../../observability/logger.js';
import type { Clock } from '../../../time/clock.js';
import type { LiveSource } from '../feed/live-source.js';
import type { ControlAnswer, ControlRequest } from '../feed/feed-control.js';

/** One thing that was asked of a process by who looks into it, and what came of it. */
export interface ControlRecord {
  /** Who: `session 2`. */
  readonly from: string;
  readonly request: ControlRequest;
  readonly answer: ControlAnswer;
}

/** Who is told of what is steered. */
export interface ControlAudit {
  /** The audit log of a gateway, where it has one. */
  readonly record: CallRecorder | undefined;
  readonly listener: ((record: ControlRecord) => void) | undefined;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'now'>;
}

type Control = NonNullable<LiveSource['control']>;

/** The same control, of whose every use is told: to the log, to the audit log, and to whoever listens. */
export function auditedControl(control: Control, audit: ControlAudit): Control {
  return async (request, from) => {
    const began = audit.clock.now();
    const answer = await control(request, from);
    tell({ from, request, answer }, audit.clock.now() - began, audit);
    return answer;
  };
}

function tell(record: ControlRecord, latencyMs: number, { record: write, listener, logger }: ControlAudit): void {
  const { from, request, answer } = record;
  const fields = { from, ...request, ok: answer.ok, result: resultOf(answer) };
  if (answer.ok) logger.info(fields, `inspector, ${from}: ${request.do}`);
  else logger.warn(fields, `inspector, ${from}: ${request.do} was not done`);
  try {
    write?.(callRecord(record, latencyMs));
    listener?.(record);
  } catch (error) {
    // It is in the log.
    logger.error({ err: error, from }, 'what the inspector did could not be recorded');
  }
}

/** As a gateway writes decisions down. */
function callRecord({ from, request, answer }: ControlRecord, latencyMs: number): CallRecord {
  const subject = 'actor' in request ? request.actor : 'plugin' in request ? request.plugin : undefined;
  return {
    requestId: randomUUID(),
    agent: undefined,
    client: `inspector:${from}`,
    operation: `inspector/${request.do}`,
    server: undefined,
    subject,
    decision: answer.ok ? 'ALLOW' : answer.status === 500 ? 'ERROR' : 'DENY',
    rule: undefined,
    reason: reasonOf(answer),
    error: answer.ok ? undefined : `HTTP_${answer.status}`,
    latencyMs,
    request: undefined,
    result: undefined,
  };
}

/** Not what servers, plugins and files say: that is in the log. */
function reasonOf(answer: ControlAnswer): string {
  return answer.ok || answer.status === 409 ? resultOf(answer) : `refused with status ${answer.status}`;
}

function resultOf(answer: ControlAnswer): string {
  if (answer.ok) return answer.said;
  return answer.status === 409 ? `it is ${answer.now} by now` : answer.said;
}
