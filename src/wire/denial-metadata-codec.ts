import { GatechartError } from '../errors.js';
import type { DenialMetadata } from '../hooks/hook-result.js';
import { isMetric } from '../hooks/record-schemas.js';
import { describeValue } from '../json/described-value.js';
import { isRecord } from '../json/records.js';

/** Reads the `denial_metadata` of a result. Entries that are no numbers are left out: `cpex` sends them and takes none. */
export function decodeDenialMetadata(wire: unknown): DenialMetadata | undefined {
  if (!isRecord(wire)) return undefined;
  const metrics = Object.entries(wire).filter((entry): entry is [string, boolean | number | bigint] =>
    isMetric(entry[1]),
  );
  return Object.fromEntries(metrics);
}

/** The places of what is not read of it. */
export function unreadMetrics(wire: unknown, path: string): readonly string[] {
  if (wire === undefined || wire === null) return [];
  if (!isRecord(wire)) return [path];
  const unread = Object.entries(wire).filter(([, value]) => value !== null && !isMetric(value));
  return unread.map(([key]) => `${path}.${key}`);
}

/** @throws GatechartError PAYLOAD_INVALID, naming the path, if some of it cannot be sent */
export function requireMetrics(metadata: unknown, path: string): void {
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (isMetric(value)) continue;
    throw new GatechartError(
      'PAYLOAD_INVALID',
      `${path}.${key}: found ${describeValue(value)}, expected true, false, a finite number or an integer of 64 bits`,
    );
  }
}
