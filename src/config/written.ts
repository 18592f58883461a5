import { isRecord } from '../json/records.js';

/** A section as it was written, before anything has checked it. */
export type Written = Readonly<Record<string, unknown>>;

/** The value as a map, or an empty one: a wrong type is reported by the schema. */
export function asRecord(value: unknown): Written {
  return isRecord(value) ? value : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** A key counts as given unless it is null or an empty string, which is what an unset variable leaves. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
