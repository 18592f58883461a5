import type { ReplayPolicy } from '../../config/sections/reconnection.js';
import { isRecord } from '../../json/records.js';
import type { ServerEntry } from '../server-entry.js';
import type { ServerList } from '../server-set-api.js';

/**
 * Whether a call of a tool that is cut off is sent once more: where the entry says so, or, for a server whose annotations
 * are trusted, where they say that a second time does no harm.
 */
export function replayOfTool(entry: ServerEntry, tool: string, known: () => ServerList | undefined): ReplayPolicy {
  const { replay, trustAnnotations } = entry;
  if (typeof replay === 'string' ? replay === 'once' : replay.includes(tool)) return 'once';
  const annotations = trustAnnotations ? known()?.items.find(({ name }) => name === tool)?.['annotations'] : undefined;
  return isHarmless(annotations) ? 'once' : 'never';
}

/** The same for what is no tool: only an entry that says so of everything. */
export function replayOfRequest({ replay }: ServerEntry): ReplayPolicy {
  return replay === 'once' ? 'once' : 'never';
}

function isHarmless(annotations: unknown): boolean {
  return isRecord(annotations) && (annotations['readOnlyHint'] === true || annotations['idempotentHint'] === true);
}
