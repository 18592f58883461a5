import { existsSync, readFileSync } from 'node:fs';
import { type JsonSchema, mapIn } from './json-schema.js';

/** What a page says of keys, by their names. */
export type KeyTexts = ReadonlyMap<string, string>;

/** What the tables under a heading of a page say of their keys: the first cell names them, the last says what they mean. */
export function keysUnder(page: string, heading: string): KeyTexts {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const [, section = ''] = text.split(`\n${heading}\n`);
  const level = heading.indexOf(' ');
  const body = section.split(new RegExp(`\\n#{1,${level}} `))[0] ?? '';
  const texts = new Map<string, string>();
  for (const row of body.split('\n').filter((line) => line.startsWith('| `'))) {
    const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const meaning = plainText(cells.at(-2) ?? '');
    for (const [, key = ''] of (cells[1] ?? '').matchAll(/`([^`]+)`/g)) {
      if (!texts.has(key)) texts.set(key, meaning);
    }
  }
  return texts;
}

/** Puts what a page says of keys into the schema of a map, and of what is in it: `a.b`, `list[].c`. */
export function describeKeys(schema: JsonSchema, texts: KeyTexts, prefix = ''): void {
  const map = mapIn(schema);
  if ('items' in map)
    return describeKeys(map['items'] as JsonSchema, texts, prefix === '' ? '' : prefix.replace(/\.$/, '[].'));
  for (const [key, part] of Object.entries(Object(map['properties']) as Record<string, JsonSchema>)) {
    const description = texts.get(`${prefix}${key}`);
    if (description !== undefined) part['description'] ??= description;
    describeKeys(part, texts, `${prefix}${key}.`);
  }
}

function plainText(markdown: string): string {
  const text = markdown.replaceAll('\\|', '|').replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1');
  return text === '' ? text : `${text[0]?.toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
