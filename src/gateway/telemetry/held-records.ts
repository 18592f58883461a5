import type { McpCall } from '../../serving/mcp/mcp-service.js';
import type { CallRecord, CallRecorder } from '../call/call-record.js';

/**
 * Tells a recorder of calls once their answers have been handed over: to make a line of an audit log takes longer than all
 * that is left to do for an answer by then. Whatever is recorded is told in the order in which it was decided.
 */
export class HeldRecords {
  readonly #recorder: CallRecorder | undefined;
  #held: CallRecord[] = [];

  constructor(recorder: CallRecorder | undefined) {
    this.#recorder = recorder;
  }

  /** Tells of a decision at once, and before it of all that are held. */
  readonly record: CallRecorder = (record) => {
    this.release();
    this.#recorder?.(record);
  };

  /** Tells of the decision about a call when that has been answered. */
  hold(record: CallRecord, call: McpCall): void {
    if (this.#recorder === undefined) return;
    if (call.whenAnswered === undefined) return this.record(record);
    this.#held.push(record);
    call.whenAnswered(() => this.#tell(this.#held.indexOf(record) + 1));
  }

  /** Tells of all that are held. */
  release(): void {
    this.#tell(this.#held.length);
  }

  #tell(count: number): void {
    if (count === 0) return;
    for (const record of this.#held.splice(0, count)) this.#recorder?.(record);
  }
}
