import { z } from 'zod';
import { anyRecord, textRecord } from './record-schemas.js';

/** Why a plugin blocks a request. */
export interface Violation {
  readonly reason: string;
  readonly description: string;
  /** Code of the plugin's own choosing: `PROHIBITED_CONTENT`. */
  readonly code: string;
  readonly details?: Record<string, unknown> | undefined;
  /** Name of the plugin that blocks; written by the chain, whatever the plugin says. */
  readonly pluginName?: string | undefined;
  readonly mcpErrorCode?: number | undefined;
  readonly httpStatusCode?: number | undefined;
  readonly httpHeaders?: Record<string, string> | undefined;
}

/** What one plugin answers. An empty object, or nothing at all, means: go on, nothing changed. */
export interface PluginResult<Result = unknown> {
  /** False stops the chain, in modes that may block. Default true. */
  readonly continueProcessing?: boolean | undefined;
  readonly modifiedPayload?: Result | undefined;
  readonly violation?: Violation | undefined;
  readonly metadata?: Record<string, unknown> | undefined;
  readonly httpHeaders?: Record<string, string> | undefined;
  /** Milliseconds the caller should wait before it tries again. */
  readonly retryDelayMs?: number | undefined;
}

/** The shape of {@link PluginResult}, checked on everything a plugin returns. */
export const pluginResultSchema = z.object({
  continueProcessing: z.boolean().optional(),
  modifiedPayload: z.unknown().optional(),
  violation: z
    .object({
      reason: z.string(),
      description: z.string(),
      code: z.string(),
      details: anyRecord.optional(),
      pluginName: z.string().optional(),
      mcpErrorCode: z.int().optional(),
      httpStatusCode: z.int().optional(),
      httpHeaders: textRecord.optional(),
    })
    .optional(),
  metadata: anyRecord.optional(),
  httpHeaders: textRecord.optional(),
  retryDelayMs: z.number().nonnegative().optional(),
});
