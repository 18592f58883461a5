import type { Listed } from '../../downstream/server-set-api.js';
import { isPlainObject, setOwn } from '../../json/records.js';

/**
 * What a reader does not see and a model does: controls, bidirectional controls, zero-width and tag characters, and halves
 * of surrogate pairs. Tabs and ends of lines are none; a variation selector is none right after an emoji.
 */
const hidden =
  /(?!\r\n|[\t\n]|(?<=\p{Emoji})[\uFE0E\uFE0F])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;

/** Where texts for people stand. All other strings are data, and another string in their place would be another value. */
export const textKeys: ReadonlySet<string> = new Set(['title', 'description', '$comment']);

/** Not shown to models. */
const unreadKeys: ReadonlySet<string> = new Set(['_meta', 'icons']);

/** Levels of a schema that are looked at. */
const deepest = 100;

/** A text without hidden characters. */
export interface CleanedText {
  readonly text: string;
  /** Code points. */
  readonly removed: number;
}

/** One thing that a server lists, as it may be shown. */
export interface CleanedItem {
  /** The item itself where nothing was removed. */
  readonly item: Listed;
  /** Code points that were taken out of its texts. */
  readonly removed: number;
  /** Why it must not be offered: hidden characters in its name, or in a key or value that cannot be cleaned. */
  readonly refused: string | undefined;
}

export function cleanText(text: string): CleanedText {
  let removed = 0;
  const cleaned = text.replace(hidden, () => {
    removed += 1;
    return '';
  });
  return { text: cleaned, removed };
}

/** Whether there are hidden characters in a name. */
export function hasHiddenCharacters(name: string): boolean {
  return name.search(hidden) !== -1;
}

/** Cleans titles and descriptions, also those inside schemas and of arguments, and looks for what cannot be cleaned. */
export function cleanItem(item: Listed): CleanedItem {
  const found: Findings = { removed: 0, refused: undefined };
  const cleaned = cleanRecord(item, '', 0, found);
  return { item: found.removed === 0 ? item : cleaned, ...found };
}

interface Findings {
  removed: number;
  refused: string | undefined;
}

function cleanRecord(record: Listed, path: string, depth: number, found: Findings): Listed {
  const cleaned: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (hasHiddenCharacters(key)) found.refused ??= `a key of ${path === '' ? 'it' : path} has hidden characters`;
    setOwn(cleaned, key, depth === 0 && unreadKeys.has(key) ? value : cleanValue(value, key, at, depth, found));
  }
  return cleaned;
}

function cleanValue(value: unknown, key: string | undefined, path: string, depth: number, found: Findings): unknown {
  if (typeof value === 'string') {
    if (key !== undefined && textKeys.has(key)) {
      const { text, removed } = cleanText(value);
      found.removed += removed;
      return text;
    }
    // A carriage return alone is a value like others: that of an end of line.
    if (hasHiddenCharacters(value.replaceAll('\r', ''))) found.refused ??= `${path} has hidden characters`;
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) {
    found.refused ??= `it is nested deeper than ${deepest} levels`;
    return value;
  }
  if (Array.isArray(value))
    return value.map((inner, index) => cleanValue(inner, undefined, `${path}[${index}]`, depth + 1, found));
  return isPlainObject(value) ? cleanRecord(value, path, depth + 1, found) : value;
}
