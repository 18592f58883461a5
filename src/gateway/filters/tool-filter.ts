import type { ServerEntry } from '../../downstream/server-entry.js';

/** What a pattern matches, as in rules. */
export type PatternMatcher = (pattern: string) => (name: string) => boolean;

/**
 * Whether a tool of a server is let through by the entry of the server, whoever asks. What is denied is denied; without
 * `allow` the rest is allowed, and with an empty one nothing is.
 */
export function toolFilter({ allow, deny }: ServerEntry['tools'], matcher: PatternMatcher): (tool: string) => boolean {
  const allowed = allow?.map(matcher);
  const denied = (deny ?? []).map(matcher);
  return (tool) =>
    !denied.some((matches) => matches(tool)) && (allowed === undefined || allowed.some((matches) => matches(tool)));
}
