import type { ServerEntry } from '../../downstream/server-entry.js';
import { longestName, patternFault, readPattern } from '../rules/pattern.js';

/**
 * Whether a tool of a server is let through by the entry of the server, whoever asks. What is denied is denied; without
 * `allow` the rest is allowed, and with an empty one nothing is. Names that are too long for patterns are not let through.
 */
export function toolFilter({ allow, deny }: ServerEntry['tools']): (tool: string) => boolean {
  const allowed = allow?.map((pattern) => readPattern(pattern).matches);
  const denied = (deny ?? []).map(denialOf);
  return (tool) =>
    tool.length <= longestName &&
    !denied.some((matches) => matches(tool)) &&
    (allowed === undefined || allowed.some((matches) => matches(tool)));
}

/** A pattern that matches nothing, like `[z-a]`, was meant to keep something back: it keeps everything back. */
function denialOf(pattern: string): (tool: string) => boolean {
  return patternFault(pattern) === undefined ? readPattern(pattern).matches : () => true;
}
