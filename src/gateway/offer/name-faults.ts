import type { ListKind } from '../../downstream/server-set-api.js';
import { hasHiddenCharacters } from './text-cleaning.js';

/** Characters of the name of a tool, by MCP. */
const longestToolName = 128;

/** Characters of a URI or of a template. */
export const longestUri = 8192;

/**
 * Why nothing may be offered under a name; undefined for a good one. Clients hand the names of tools to model APIs that
 * refuse all tools for the sake of one bad name, so that MCP's "should" is taken for "must".
 */
export function nameFault(kind: ListKind, name: string): string | undefined {
  if (name === '') return 'its name is empty';
  if (hasHiddenCharacters(name)) return 'its name has hidden characters';
  if (kind === 'resources' || kind === 'resourceTemplates')
    return name.length > longestUri ? `it is longer than ${longestUri} characters` : undefined;
  if (name.length > longestToolName) return `its name is longer than ${longestToolName} characters`;
  if (kind === 'tools' && /[^A-Za-z0-9_.-]/.test(name))
    return 'its name has other characters than letters, digits, "_", "-" and "."';
  return undefined;
}
