/** When names of servers are put in front of those of their tools: `auto` where there is more than one server. */
export type PrefixMode = 'auto' | 'always' | 'never';

/** Between the name of a server and that of its tool, where nothing else is set. */
export const defaultSeparator = '__';

/**
 * Whether names get a prefix.
 *
 * @param servers how many are configured, whether they can be reached or not: a server that is away must not rename the
 *   tools of the others
 */
export function isPrefixed(mode: PrefixMode, servers: number): boolean {
  return mode === 'always' || (mode === 'auto' && servers > 1);
}

/** What stands in front of the names of a server: its alias or name, with `_` for what no name of a tool may hold. */
export function prefixOf(server: { readonly name: string; readonly alias: string | undefined }): string {
  return (server.alias ?? server.name).replace(/[^A-Za-z0-9_.-]/gu, '_');
}
