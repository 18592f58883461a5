import { suggestionFor } from '../config/suggestion.js';
import { quoted } from '../gateway/offer/quoted-text.js';

/** What a servers file says of names. */
export interface ServerNames {
  /** As it was named. */
  readonly file: string;
  /** Of servers that can be used, and of those that cannot. */
  readonly names: readonly string[];
  readonly disabled?: readonly string[];
}

/** What is told of a server that a command line names, and that is not among these. */
export function missingServer(name: string, { file, names, disabled = [] }: ServerNames): string {
  if (disabled.includes(name)) return `${file}: server ${quoted(name)} is disabled`;
  const meant = suggestionFor(name, [...names, ...disabled]);
  const hint = meant === undefined ? '' : `; did you mean ${quoted(meant)}?`;
  return `${file}: there is no server ${quoted(name)}${names.length === 0 ? ', nor any other' : hint}`;
}
