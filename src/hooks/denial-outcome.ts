import type { ExecutionRecord } from './execution-record.js';
import type { DenialMetadata, Violation } from './hook-result.js';

/** The record of the plugin that denied, without what may hold words of users. */
export type DenialExecution = Omit<ExecutionRecord, 'reason' | 'configKeys'>;

/** A denial as it may be counted and shown: no payload, no headers, no details, no free text. */
export interface DenialOutcome {
  readonly execution: DenialExecution;
  /** The violation's code; undefined where it is no label: 1 to 64 letters, digits, dots, underscores and hyphens. */
  readonly violationCode: string | undefined;
  /** Undefined where it has more than 32 bits. */
  readonly mcpErrorCode: number | undefined;
  /** From 100 to 599. */
  readonly httpStatusCode: number | undefined;
  /** What the plugin's result says in `denialMetadata`; entries that are no labelled numbers are left out. */
  readonly metadata: DenialMetadata;
}

/** What a chain tells of its plugins. */
export interface ExecutionReport {
  /**
   * What each plugin did, in the order in which they ended; those in the background last. Empty for a plugin that was called
   * by name.
   */
  readonly executions: readonly ExecutionRecord[];
  /** The plugins on the hook that had no part in the chain, in its order: `skipped` by their conditions, or `disabled`. */
  readonly passedOver: readonly ExecutionRecord[];
  /** Of a chain that a plugin blocked: the denial as it may be counted and shown. */
  readonly denialOutcome: DenialOutcome | undefined;
}

const label = /^[A-Za-z0-9._-]{1,64}$/;
const maxEntries = 16;

/** The outcome of a denial, from the record of the plugin that denied. */
export function denialOutcomeOf(
  { reason: _reason, configKeys: _configKeys, ...execution }: ExecutionRecord,
  violation: Violation | undefined,
  metadata: DenialMetadata | undefined,
): DenialOutcome {
  return Object.freeze({
    execution: Object.freeze({ ...execution, errorCode: labelIn(execution.errorCode) }),
    violationCode: labelIn(violation?.code),
    mcpErrorCode: integerIn(violation?.mcpErrorCode, -(2 ** 31), 2 ** 31 - 1),
    httpStatusCode: integerIn(violation?.httpStatusCode, 100, 599),
    metadata: metadata ?? noMetadata,
  });
}

/**
 * What may be told of a plugin's `denialMetadata`: a copy, because it is the plugin's own. Of more than 16 entries none is
 * taken. Never throws.
 */
export function denialMetadataOf(given: unknown): DenialMetadata {
  try {
    const entries = typeof given === 'object' && given !== null ? Object.entries(given) : [];
    if (entries.length > maxEntries) return noMetadata;
    return Object.freeze(Object.fromEntries(entries.filter(([key, value]) => label.test(key) && isMetric(value))));
  } catch {
    // A getter or a proxy of the plugin's threw.
    return noMetadata;
  }
}

const noMetadata: DenialMetadata = Object.freeze({});

function isMetric(value: unknown): boolean {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  return typeof value === 'boolean' || Number.isFinite(value);
}

function labelIn(text: string | undefined): string | undefined {
  return text !== undefined && label.test(text) ? text : undefined;
}

function integerIn(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}
