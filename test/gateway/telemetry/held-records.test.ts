import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CallRecord } from '../../../src/gateway/call/call-record.js';
import { HeldRecords } from '../../../src/gateway/telemetry/held-records.js';
import type { McpCall } from '../../../src/serving/mcp/mcp-service.js';
import { callRecord } from '../../fixtures/gateway/call-records.js';

/** A call that is answered when the test says so; `whenAnswered` is all that is asked of it here. */
class AnsweredCall {
  #acts: (() => void)[] | undefined = [];

  whenAnswered(act: () => void): void {
    if (this.#acts === undefined) act();
    else this.#acts.push(act);
  }

  answer(): void {
    const acts = this.#acts ?? [];
    this.#acts = undefined;
    for (const act of acts) act();
  }
}

const asCall = (call: Partial<McpCall>): McpCall => call as McpCall;

/** What is done with one of a few calls, each of which is decided once at most, and answered before that or after. */
const steps = fc.array(
  fc.record({ act: fc.constantFrom('decide', 'answer', 'refuse', 'ask elsewhere', 'close'), call: fc.nat(4) }),
  { maxLength: 30 },
);

it('tells of each decision once, in the order of decisions, and of none before the first answer that is due', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const told: string[] = [];
      const records = new HeldRecords(({ requestId }) => void told.push(requestId));
      const calls = Array.from({ length: 5 }, () => new AnsweredCall());
      const answered = new Set<number>();
      const decided: string[] = [];
      const held = new Set<number>();
      const decide = (requestId: string): CallRecord => {
        decided.push(requestId);
        return callRecord({ requestId });
      };
      for (const [index, { act, call }] of script.entries()) {
        if (act === 'decide' && !held.has(call)) {
          held.add(call);
          records.hold(decide(`call ${call}`), asCall(calls[call] ?? {}));
          if (!answered.has(call)) expect(told).not.toContain(`call ${call}`);
        }
        if (act === 'answer') {
          answered.add(call);
          calls[call]?.answer();
          if (held.has(call)) expect(told).toContain(`call ${call}`);
        }
        if (act === 'refuse') records.record(decide(`refused ${index}`));
        // Somebody who serves without saying when an answer is out.
        if (act === 'ask elsewhere') records.hold(decide(`elsewhere ${index}`), asCall({}));
        if (act === 'close') records.release();
        if (act !== 'decide' && act !== 'answer') expect(told).toEqual(decided);
        expect(told).toEqual(decided.slice(0, told.length));
      }
      for (const call of calls) call.answer();
      records.release();
      expect(told).toEqual(decided);
    }),
    { numRuns: 500 },
  );
});
