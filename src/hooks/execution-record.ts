import type { PluginModeName } from '../config/sections/plugin-modes.js';

/** How the run of one plugin ended; what it decided stands apart. `cancelled`: another plugin had decided. */
export type ExecutionStatus = 'completed' | 'error' | 'timeout' | 'cancelled' | 'skipped' | 'disabled';

/**
 * What one plugin did on one hook, in the words of `cpex`. All of it comes from the chain and the configuration, and none
 * from the plugin but `reason` and `errorCode`. Texts are at most 256 bytes long in UTF-8.
 */
export interface ExecutionRecord {
  /** Unique to the loaded plugin: another one in the next process. */
  readonly pluginId: string;
  readonly pluginName: string;
  readonly pluginKind: string;
  readonly hookName: string;
  /** The mode that the plugin ran in. */
  readonly mode: PluginModeName;
  readonly status: ExecutionStatus;
  /** What the plugin asked for; undefined if it gave no answer. */
  readonly requestedAllow: boolean | undefined;
  /** What came of it: false where it denied the request, or failed it. */
  readonly effectiveAllow: boolean;
  /** True if it asked to deny or changed something, false for a clean pass; undefined if it gave no answer. */
  readonly matched: boolean | undefined;
  /** Whether it changed the request, or decided it. */
  readonly applied: boolean;
  /** Whether a modification of the payload was taken. */
  readonly payloadModified: boolean;
  /** Whether a modification of the extensions was taken. */
  readonly extensionsModified: boolean;
  /** Nanoseconds from its call until its answer was dealt with; 0 in the background, where no end is waited for. */
  readonly durationNs: number;
  /** Why it asked to deny, or what went wrong. May hold what a user wrote. */
  readonly reason: string | undefined;
  /** The violation's code, `plugin_error` or `plugin_timeout`. */
  readonly errorCode: string | undefined;
  /** Names of the keys in the plugin's `config`, at most 64; no values. */
  readonly configKeys: readonly string[];
}

/** No plugin has run. */
export const noExecutions: readonly ExecutionRecord[] = Object.freeze([]);

const maxTextBytes = 256;
const maxConfigKeys = 64;
const ellipsis = '…';
const encoder = new TextEncoder();
const room = new Uint8Array(maxTextBytes - Buffer.byteLength(ellipsis));

/** Text as records have it: at most 256 bytes in UTF-8, an ellipsis included where something is cut off. */
export function recordText(text: string): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= maxTextBytes) return whole;
  // Stops before a character that does not fit.
  return whole.slice(0, encoder.encodeInto(whole, room).read) + ellipsis;
}

/** The names in a plugin's `config` section. */
export function recordKeys(config: object | undefined): readonly string[] {
  return Object.freeze(
    Object.keys(config ?? {})
      .slice(0, maxConfigKeys)
      .map(recordText),
  );
}
