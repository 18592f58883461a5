import type { Listed } from '../../downstream/server-set-api.js';
import { isPlainObject } from '../../json/records.js';

/** Characters that are taken for a token. */
const charactersPerToken = 4;

/**
 * Tokens of a tool: a quarter of the characters of its name, its description and its input schema, rounded down, and 1 at
 * least. Output schema and annotations do not count.
 */
export function schemaTokens(tool: Listed): number {
  const characters =
    characterCount(tool['name']) + characterCount(tool['description']) + pythonJson(tool['inputSchema']).length;
  return Math.max(1, Math.floor(characters / charactersPerToken));
}

/** What fits into a budget. */
export interface WithinBudget<Item> {
  readonly items: readonly Item[];
  readonly tokens: number;
}

/** Takes items in their order; the first that would exceed the budget ends the list, whatever comes behind it. */
export function withinBudget<Item>(
  items: readonly Item[],
  toolOf: (item: Item) => Listed,
  budget: number,
): WithinBudget<Item> {
  let tokens = 0;
  for (const [index, item] of items.entries()) {
    const more = schemaTokens(toolOf(item));
    if (!(tokens + more <= budget)) return { items: items.slice(0, index), tokens };
    tokens += more;
  }
  return { items, tokens };
}

/** Python counts code points. */
function characterCount(text: unknown): number {
  return typeof text === 'string' ? Array.from(text).length : 0;
}

/**
 * JSON as Python's `json.dumps` writes it: a blank behind commas and colons, and nothing but ASCII. Whether a whole number
 * was written with a fraction (`1.0`) is lost when JSON is parsed: it is written without.
 */
export function pythonJson(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return pythonText(value);
  if (typeof value === 'number') return pythonNumber(value);
  if (Array.isArray(value)) return `[${value.map((inner) => pythonJson(inner ?? null)).join(', ')}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${fields.map(([key, inner]) => `${pythonText(key)}: ${pythonJson(inner)}`).join(', ')}}`;
}

function pythonText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Fractions: the same shortest digits, but Python takes exponents earlier, and writes two digits of them. */
function pythonNumber(value: number): string {
  const text = Math.abs(value) < 1e-4 && value !== 0 ? value.toExponential() : JSON.stringify(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
