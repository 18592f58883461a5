import type { ExecutionRecord } from '../hooks/execution-record.js';
import { toWireName } from './names.js';

/** Records in the names of `cpex`, null for what is not known. */
export function encodeExecutions(executions: readonly ExecutionRecord[]): Record<string, unknown>[] {
  return executions.map((record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]: [string, unknown]) => [toWireName(name), value ?? null]),
    ),
  );
}
