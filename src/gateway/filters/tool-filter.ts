import type { ServerEntry } from '../../downstream/server-entry.js';
import { longestName } from '../rules/pattern.js';

/** What a pattern matches, as in rules. */
export type PatternMatcher = (pattern: string) => (name: string) => boolean;

/**
 * Whether a tool of a server is let through by the entry of the server, whoever asks. What is denied is denied; without
 * `allow` the rest is allowed, and with an empty one nothing is. Names that are too long for patterns are not let through.
 */
export function toolFilter({ allow, deny }: ServerEntry['tools'], matcher: PatternMatcher): (tool: string) => boolean {
  const allowed = allow?.map(matcher);
  const denied = (deny ?? []).map(matcher);
  return (tool) =>
    tool.length <= longestName &&
    !denied.some((matches) => matches(tool)) &&
    (allowed === undefined || allowed.some((matches) => matches(tool)));
}
