import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { CallRecorder } from '../call/call-record.js';

/** Tells all of each decision; undefined where there is nobody to tell. What one of them throws keeps neither the others nor the call from it. */
export function tellAll(recorders: readonly (CallRecorder | undefined)[], logger: Logger): CallRecorder | undefined {
  const present = recorders.filter((recorder) => recorder !== undefined);
  if (present.length === 0) return undefined;
  return (record) => {
    for (const recorder of present) {
      try {
        recorder(record);
      } catch (error) {
        logger.error({ requestId: record.requestId }, `a decision could not be recorded: ${messageOf(error)}`);
      }
    }
  };
}
